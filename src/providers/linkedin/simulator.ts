import { type OAuthRules, type Refusal, type RefusalWords, toRefusal } from "#provider-kit/sim/oauth-rules.ts";
import { tokenFingerprint } from "#provider-kit/sim/request-log.ts";
import {
  type ApiCall,
  type SimulatedService,
  type SimulatorOptions,
  simulatedService,
} from "#provider-kit/sim/service.ts";
import { answer, type LinkedInState, type LinkedInToken, type Member, newLinkedIn } from "./simulated-api.ts";

const members: Member[] = [
  { id: "782bbtaQ", name: "Ines Carvalho", email: "ines@harbour.test", picture: "https://media.licdn.com/sandbox" },
  { id: "91cc-uRb", name: "Tom Wells", email: "tom@harbour.test" },
];

/** An app of everybody's: no refresh tokens. */
export const linkedinClient = { id: "sandboxlinkedin0", secret: "sandboxLinkedInS" };

const dayS = 86_400;
const accessLifeS = 60 * dayS;
/** From the sign-in on; refreshing does not put it off. */
const refreshLifeS = 365 * dayS;

export interface LinkedInSimulator extends SimulatedService {
  /** What LinkedIn has decided; it can be changed at any time. */
  readonly linkedin: LinkedInState;
}

export function linkedinSimulator(options: SimulatorOptions): LinkedInSimulator {
  const linkedin = newLinkedIn(members);
  /** Tokens that were good once, by fingerprint: what is not known any more was revoked or has expired. */
  const seen = new Map<string, Date>();
  const service = simulatedService(
    {
      key: "linkedin",
      rules: rulesOf(linkedin),
      api: (call) => {
        const { request, path, now } = call;
        return answer(linkedin, { method: request.method, path, headers: request.headers, now }, tokenOf(call, seen));
      },
    },
    options,
  );
  return Object.assign(service, { linkedin });
}

function tokenOf(
  { request, access, now }: ApiCall,
  seen: Map<string, Date>,
): LinkedInToken | "absent" | "unknown" | "revoked" | "expired" {
  const token = /^Bearer (\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
  if (token === undefined) return "absent";
  const key = tokenFingerprint(token);
  if (access) {
    seen.set(key, new Date(access.issuedAt.getTime() + accessLifeS * 1000));
    return access;
  }
  const expiresAt = seen.get(key);
  if (!expiresAt) return "unknown";
  return expiresAt <= now ? "expired" : "revoked";
}

const rulesOf = (linkedin: LinkedInState): OAuthRules => ({
  name: "LinkedIn",
  clients: [{ ...linkedinClient, redirectUris: ["http*"] }],
  accounts: members.map(({ id, name }) => ({ id, label: name })),
  clientAuth: ["body"],
  pkce: "refused",
  codeLifeS: 30 * 60,
  accessLifeS,
  refreshLifeS,
  rotation: "none",
  givesRefresh: () => linkedin.isPartner,
  knowsScope: (scope) => linkedin.products.includes(scope),
  denied: "user_cancelled_authorize",
  unknownScope: "unauthorized_scope_error",
  answer({ pair, scopes, grant, now }) {
    const refresh = grant?.refresh;
    const leftS = grant ? Math.floor((grant.grantedAt - now) / 1000) + refreshLifeS : refreshLifeS;
    return Response.json({
      access_token: pair.access,
      // Near the end of the refresh token both end together.
      expires_in: refresh === undefined ? accessLifeS : Math.min(accessLifeS, leftS),
      scope: scopes.toSorted().join(","),
      token_type: "Bearer",
      ...(scopes.includes("openid") && { id_token: "not.used.here" }),
      ...(refresh !== undefined && { refresh_token: refresh, refresh_token_expires_in: leftS }),
    });
  },
  refuse: (refusal) => toRefusal(refusals[refusal]),
});

/** One text for whatever may be wrong with a code. */
const ambiguous =
  "Unable to retrieve access token: appid/redirect uri/code verifier does not match authorization code. " +
  "Or authorization code expired. Or external member binding exists";

const refusals: Readonly<Record<Refusal, RefusalWords>> = {
  "client-twice": [401, "invalid_client", "Client authentication failed"],
  "client-missing": [401, "invalid_client", "Client authentication failed"],
  "client-wrong": [401, "invalid_client", "Client authentication failed"],
  "body-wrong": [400, "invalid_request", 'A required parameter "grant_type" is missing'],
  "grant-unsupported": [400, "unsupported_grant_type", "The grant type is not supported"],
  "code-wrong": [400, "invalid_request", ambiguous],
  "verifier-wrong": [400, "invalid_request", ambiguous],
  "refresh-wrong": [400, "invalid_request", "The provided refresh token is invalid, expired or revoked"],
  "scope-wrong": [400, "invalid_scope", "The scope is not valid"],
  "assertion-wrong": [400, "unsupported_grant_type", "The grant type is not supported"],
};
