import {
  type OAuthRules,
  type OtherGrant,
  type Refusal,
  type RefusalWords,
  toRefusal,
} from "#provider-kit/sim/oauth-rules.ts";
import {
  type ApiCall,
  type SimulatedService,
  type SimulatorOptions,
  simulatedService,
} from "#provider-kit/sim/service.ts";
import { claimsOf, newServiceKey, type ServiceKey } from "#provider-kit/sim/service-key.ts";

/** What Google, or whoever runs the app, has decided. Can be changed at any time. */
export interface GoogleState {
  /** The app's consent screen is in “Testing”: every refresh token ends after seven days. */
  testing: boolean;
  /** Whether a Workspace has let the service account act for its people. */
  delegated: boolean;
}

export interface GoogleDriveSimulator extends SimulatedService {
  readonly google: GoogleState;
  /** The key file of its service account, as Google's console would hand it out. */
  keyFile(): string;
}

const people = [
  { id: "04410000000000000001", label: "ana@acme.test", name: "Ana Ferreira" },
  { id: "04410000000000000002", label: "ben@acme.test", name: "Ben Okafor" },
];
const robot = { id: "04410000000000000009", email: "hawser@sandbox.iam.gserviceaccount.test" };

export const googleClient = { id: "sandbox-google.apps.example.test", secret: "GOCSPX-sandbox-google" };

/** A pretend Google Drive: consent, tokens, service accounts, and whose account it is. */
export function googleDriveSimulator(options: SimulatorOptions): GoogleDriveSimulator {
  const google: GoogleState = { testing: false, delegated: true };
  let key: ServiceKey | undefined;
  const assertion = (params: URLSearchParams): OtherGrant => {
    const now = options.clock?.now() ?? new Date();
    const claims = key ? claimsOf(params.get("assertion"), key, now) : "forged";
    return checkAssertion(google, claims, `${options.origin}/token`);
  };
  const service = simulatedService(
    {
      key: "google-drive",
      rules: rulesFor(google, assertion),
      api: answer,
      memory: {
        save: () => key,
        restore: (saved) => {
          if (isKey(saved)) key = saved;
        },
      },
    },
    options,
  );
  const keyFile = () => {
    key ??= newServiceKey("sandbox-key-1");
    return JSON.stringify({
      type: "service_account",
      project_id: "sandbox",
      private_key_id: key.id,
      private_key: key.privateKey,
      client_email: robot.email,
      client_id: "100000000000000000009",
      token_uri: `${options.origin}/token`,
    });
  };
  return Object.defineProperty(Object.assign(service, { google, keyFile }), "notes", {
    get: () => [`Key file of the service account: ${keyFile()}`],
  });
}

const isKey = (saved: unknown): saved is ServiceKey =>
  typeof saved === "object" &&
  saved !== null &&
  "id" in saved &&
  typeof saved.id === "string" &&
  "privateKey" in saved &&
  typeof saved.privateKey === "string";

const rulesFor = (google: GoogleState, assertion: (params: URLSearchParams) => OtherGrant): OAuthRules => ({
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
function checkAssertion({ delegated }: GoogleState, claims: ReturnType<typeof claimsOf>, tokenUrl: string): OtherGrant {
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

function answer({ request, path, url, access }: ApiCall): Response {
  if (!access) {
    return request.headers.has("authorization")
      ? failure(
          401,
          "authError",
          "Invalid Credentials",
          "UNAUTHENTICATED",
          "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.",
        )
      : failure(403, "forbidden", "Method doesn't allow unregistered callers.", "PERMISSION_DENIED");
  }
  if (!access.scopes.some((scope) => scope.startsWith("https://www.googleapis.com/auth/drive"))) {
    const text = "Request had insufficient authentication scopes.";
    return failure(403, "insufficientPermissions", text, "PERMISSION_DENIED");
  }
  if (request.method !== "GET" || path !== "/drive/v3/about") return failure(404, "notFound", "Not Found");
  if (!url.searchParams.has("fields")) {
    return failure(400, "required", "The 'fields' parameter is required for this method.");
  }
  const person = people.find(({ id }) => id === access.account) ?? { id: robot.id, label: robot.email, name: "Hawser" };
  return Response.json({
    kind: "drive#about",
    user: {
      kind: "drive#user",
      displayName: person.name,
      me: true,
      permissionId: person.id,
      emailAddress: person.label,
    },
  });
}

function failure(code: number, reason: string, text: string, status?: string, message = text): Response {
  const error = { code, message, errors: [{ message: text, domain: "global", reason }], ...(status && { status }) };
  return Response.json({ error }, { status: code });
}
