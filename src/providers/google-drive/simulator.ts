import { createPublicKey, createVerify, generateKeyPairSync } from "node:crypto";
import type { OAuthRules, OtherGrant, Refusal } from "#provider-kit/sim/oauth-server.ts";
import {
  type ApiCall,
  type SimulatedService,
  type SimulatorOptions,
  simulatedService,
} from "#provider-kit/sim/service.ts";

/** A pretend Google Drive: consent, tokens, service accounts, and whose account it is. */
export interface GoogleDriveSimulator extends SimulatedService {
  /** The key file of its service account, as Google's console would hand it out. */
  keyFile(): string;
}

const people = [
  { id: "04410000000000000001", label: "ana@acme.test", name: "Ana Ferreira" },
  { id: "04410000000000000002", label: "ben@acme.test", name: "Ben Okafor" },
];
const robot = { id: "04410000000000000009", email: "hawser@sandbox.iam.gserviceaccount.test" };

export const googleClient = { id: "sandbox-google.apps.example.test", secret: "GOCSPX-sandbox-google" };

export function googleDriveSimulator(options: SimulatorOptions): GoogleDriveSimulator {
  let keys: { privateKey: string; id: string } | undefined;
  // Making one takes a tenth of a second, so that it is only made for whoever asks for it.
  const robotKey = () => {
    keys ??= {
      privateKey: generateKeyPairSync("rsa", { modulusLength: 2048 })
        .privateKey.export({ type: "pkcs8", format: "pem" })
        .toString(),
      id: "sandbox-key-1",
    };
    return keys;
  };
  const now = () => (options.clock?.now() ?? new Date()).getTime() / 1000;

  const service = simulatedService(
    {
      key: "google-drive",
      rules: rulesFor((params) => checkAssertion(params, keys?.privateKey, now())),
      api: (call) => answer(call),
      memory: {
        save: () => keys,
        restore: (saved) => {
          if (isKey(saved)) keys = saved;
        },
      },
    },
    options,
  );
  return Object.assign(service, {
    keyFile: () => {
      const { privateKey, id } = robotKey();
      return JSON.stringify({
        type: "service_account",
        project_id: "sandbox",
        private_key_id: id,
        private_key: privateKey,
        client_email: robot.email,
        client_id: "100000000000000000009",
        token_uri: `${options.origin}/token`,
      });
    },
  });
}

const isKey = (saved: unknown): saved is { privateKey: string; id: string } =>
  typeof saved === "object" && saved !== null && "privateKey" in saved && typeof saved.privateKey === "string";

const rulesFor = (assertion: (params: URLSearchParams) => OtherGrant): OAuthRules => ({
  name: "Google",
  clients: [{ ...googleClient, redirectUris: ["http*"] }],
  accounts: people,
  pkce: "optional",
  codeLifeS: 600,
  accessLifeS: 3599,
  idleLifeS: 180 * 86_400,
  rotation: "none",
  givesRefresh: ({ params, isFirst }) =>
    params.get("access_type") === "offline" && (isFirst || params.get("prompt") === "consent"),
  otherGrant: (type, params) =>
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
  refuse,
  revoked: (known) =>
    known
      ? Response.json({})
      : Response.json({ error: "invalid_token", error_description: "Token expired or revoked" }, { status: 400 }),
});

const refusals: Record<Refusal, [status: number, error: string, description: string]> = {
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

function refuse(refusal: Refusal): Response {
  const [status, error, error_description] = refusals[refusal];
  return Response.json({ error, error_description }, { status });
}

/** RFC 7523: signature, audience, at most an hour, and whom the account may act for. */
function checkAssertion(params: URLSearchParams, privateKey: string | undefined, nowS: number): OtherGrant {
  const wrong: OtherGrant = { refused: "assertion-wrong" };
  const [header = "", body = "", signature = ""] = (params.get("assertion") ?? "").split(".");
  const claims = readPart(body);
  if (readPart(header).alg !== "RS256" || privateKey === undefined || claims.iss !== robot.email) return wrong;
  const verifier = createVerify("sha256").update(`${header}.${body}`);
  if (!verifier.verify(createPublicKey(privateKey), signature, "base64url")) return wrong;
  const { iat, exp, aud, scope, sub } = claims;
  if (typeof iat !== "number" || typeof exp !== "number" || exp - iat > 3600 || exp <= nowS || iat > nowS + 60)
    return wrong;
  if (typeof aud !== "string" || !aud.endsWith("/token")) return wrong;
  const account = sub === undefined ? robot.id : people.find(({ label }) => label === sub)?.id;
  if (account === undefined) return wrong;
  return { account, scopes: String(scope ?? "").split(" ") };
}

function readPart(part: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString());
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

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
