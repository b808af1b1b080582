import { type OAuthRules, type Refusal, type RefusalWords, toRefusal } from "#provider-kit/sim/oauth-rules.ts";
import { type SimulatedService, type SimulatorOptions, simulatedService } from "#provider-kit/sim/service.ts";
import { newX, type XState, type XUser, xApi } from "./simulated-api.ts";

/** Ids as X gives them now, which no JavaScript number can hold. */
const users: XUser[] = [
  { id: "1957231846920347648", name: "Ines Carvalho", username: "ines_harbour" },
  { id: "1957231846920347649", name: "Tom Wells", username: "tomwells" },
];

/** A confidential app: it shows its secret by Basic. */
export const xClient = { id: "sandboxXClient0000000000000000", secret: "sandboxXSecret00" };

/** A native app, which has no secret. */
export const xNativeClient = { id: "sandboxXNative0000000000000000" };

export interface XSimulator extends SimulatedService {
  /** What X, or whoever runs the app, has decided; it can be changed at any time. */
  readonly x: XState;
}

export function xSimulator(options: SimulatorOptions): XSimulator {
  const x = newX(users);
  const api = xApi(x);
  const service = simulatedService(
    { key: "x", rules, api: ({ request, path, now, access }) => api({ method: request.method, path, now }, access) },
    options,
  );
  return Object.assign(service, { x });
}

const known =
  /^(tweet\.(read|write|moderate\.write)|users\.(read|email)|media\.write|offline\.access|(follows|like|list|block|bookmark|mute|dm)\.(read|write)|space\.read|timeline\.read)$/;

const accessLifeS = 7200;

const rules: OAuthRules = {
  name: "X",
  clients: [xClient, xNativeClient].map((client) => ({ ...client, redirectUris: ["http*"] })),
  accounts: users.map(({ id, username }) => ({ id, label: `@${username}` })),
  clientAuth: ["basic"],
  pkce: "required",
  codeLifeS: 30,
  accessLifeS,
  idleLifeS: 182 * 86_400,
  rotation: "once",
  givesRefresh: ({ scopes }) => scopes.includes("offline.access"),
  knowsScope: (scope) => known.test(scope),
  answer: ({ pair, scopes }) =>
    Response.json({
      token_type: "bearer",
      expires_in: accessLifeS,
      access_token: pair.access,
      // Not in the order that was asked for.
      scope: scopes.toSorted().join(" "),
      ...(pair.refresh !== undefined && { refresh_token: pair.refresh }),
    }),
  refuse: (refusal) => toRefusal(refusals[refusal]),
  revoked: () => Response.json({ revoked: true }),
};

const refusals: Readonly<Record<Refusal, RefusalWords>> = {
  "client-twice": [400, "invalid_request", "The client is authenticated in more than one way."],
  "client-missing": [401, "unauthorized_client", "Missing valid authorization header"],
  "client-wrong": [401, "invalid_client", "Value passed for the client is invalid."],
  "body-wrong": [400, "invalid_request", "Missing required parameter [grant_type]."],
  "grant-unsupported": [400, "unsupported_grant_type", "Value passed for the grant type was unsupported."],
  "code-wrong": [400, "invalid_request", "Value passed for the authorization code was invalid."],
  "verifier-wrong": [400, "invalid_request", "Value passed for the code verifier did not match the code challenge."],
  // Never invalid_grant.
  "refresh-wrong": [400, "invalid_request", "Value passed for the token was invalid."],
  "scope-wrong": [400, "invalid_scope", "Value passed for the scope was invalid."],
  "assertion-wrong": [400, "unsupported_grant_type", "Value passed for the grant type was unsupported."],
};
