/** How people and service accounts sign in at the pretend Google. */
import {
  type OAuthRules,
  type OtherGrant,
  type Refusal,
  type RefusalWords,
  toRefusal,
} from "#provider-kit/sim/oauth-rules.ts";
import type { claimsOf } from "#provider-kit/sim/service-key.ts";

export const people = [
  { id: "04410000000000000001", label: "ana@acme.test", name: "Ana Ferreira" },
  { id: "04410000000000000002", label: "ben@acme.test", name: "Ben Okafor" },
];
export const robot = { id: "04410000000000000009", email: "hawser@sandbox.iam.gserviceaccount.test" };

/** What Google, or whoever runs the app, has decided. */
export interface SignInState {
  /** The app's consent screen is in “Testing”: every refresh token ends after seven days. */
  testing: boolean;
  /** Whether a Workspace has let the service account act for its people. */
  delegated: boolean;
}

export const googleClient = { id: "sandbox-google.apps.example.test", secret: "GOCSPX-sandbox-google" };

export const rulesFor = (google: SignInState, assertion: (params: URLSearchParams) => OtherGrant): OAuthRules => ({
  name: "Google",
  clients: [{ ...googleClient, redirectUris: ["http*"] }],
  accounts: people,
  pkce: "optional",
  codeLifeS: 600,
  accessLifeS: 3599,
  idleLifeS: 182 * 86_400,
  get refreshLifeS() {
    return google.testing ? 7 * 86_400 : undefined;
  },
  mostRefreshTokens: 100,
  rotation: "none",
  givesRefresh: ({ params, isFirst }) =>
    params.get("access_type") === "offline" && (isFirst || params.get("prompt") === "consent"),
  otherGrant: (type, { params }) =>
    type === "urn:ietf:params:oauth:grant-type:jwt-bearer" ? assertion(params) : undefined,
  prefixes: { code: "4/0A", access: "ya29.a0", refresh: "1//0g" },
  answer: ({ pair, scopes }) =>
    Response.json({
      access_token: pair.access,
      expires_in: 3599,
      ...(pair.refresh && { refresh_token: pair.refresh }),
      scope: scopes.join(" "),
      token_type: "Bearer",
    }),
  refuse: (refusal) => toRefusal(refusals[refusal]),
  revoked: (known) =>
    known
      ? Response.json({})
      : Response.json({ error: "invalid_token", error_description: "Token expired or revoked" }, { status: 400 }),
});

const refusals: Record<Refusal, RefusalWords> = {
  "client-twice": [400, "invalid_request", "Multiple client credentials are not allowed."],
  "client-missing": [400, "invalid_request", "Could not determine client ID from request."],
  "client-wrong": [401, "invalid_client", "The OAuth client was not found."],
  "body-wrong": [400, "invalid_request", "Missing required parameter: grant_type"],
  "grant-unsupported": [400, "unsupported_grant_type", "Invalid grant_type"],
  "code-wrong": [400, "invalid_grant", "Malformed auth code."],
  "verifier-wrong": [400, "invalid_grant", "Invalid code verifier."],
  "refresh-wrong": [400, "invalid_grant", "Token has been expired or revoked."],
  "scope-wrong": [400, "invalid_scope", "Some requested scopes were invalid."],
  "assertion-wrong": [
    400,
    "invalid_grant",
    "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe.",
  ],
};

/** Whether the account may have a token, and for whom. */
export function checkAssertion(
  { delegated }: SignInState,
  claims: ReturnType<typeof claimsOf>,
  tokenUrl: string,
): OtherGrant {
  if (claims === "untimely") return { refused: "assertion-wrong" };
  if (claims === "forged" || claims.iss !== robot.email || claims.aud !== tokenUrl) {
    return refusal("invalid_grant", "Invalid JWT Signature.");
  }
  const scopes = String(claims.scope ?? "").split(" ");
  if (claims.sub === undefined) return { account: robot.id, scopes };
  if (!delegated) {
    const text =
      "Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the scopes requested.";
    return refusal("unauthorized_client", text, 401);
  }
  const account = people.find(({ label }) => label === claims.sub)?.id;
  return account === undefined ? refusal("invalid_grant", "Invalid email or User ID") : { account, scopes };
}

const refusal = (error: string, error_description: string, status = 400): OtherGrant => ({
  answer: Response.json({ error, error_description }, { status }),
});
