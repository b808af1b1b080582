import type { ProviderAddresses } from "#provider-kit/addresses.ts";
import type { OAuthRules, Refusal } from "#provider-kit/sim/oauth-rules.ts";
import {
  type ApiCall,
  type SimulatedService,
  type SimulatorOptions,
  simulatedService,
} from "#provider-kit/sim/service.ts";

const people = [
  { id: "87d349ed-44d7-43e1-9a83-5f2406dee5bd", label: "adele@contoso.test", name: "Adele Vance" },
  { id: "4782e723-f4f4-4af3-a76e-25e3bab0d896", label: "alex@contoso.test", name: "Alex Wilber" },
];

export const onedriveClient = { id: "6f1c2b1e-0000-4000-8000-0000000000aa", secret: "sandbox~onedrive~secret" };

const APP_SCOPE = /^https:\/\/[^/]+\/\.default$/;

/** What the tenant's administrators have decided. Can be changed at any time. */
export interface MicrosoftState {
  /** Whether they have consented to the app. Without that it gets tokens, and every call with one is refused. */
  consented: boolean;
}

export interface OneDriveSimulator extends SimulatedService {
  readonly microsoft: MicrosoftState;
}

/** A pretend Microsoft: sign-in of people and of apps, and whose drive it is. */
export function onedriveSimulator(options: SimulatorOptions): OneDriveSimulator {
  const microsoft: MicrosoftState = { consented: true };
  const service = simulatedService(
    { key: "onedrive", rules, api: (call) => answer(call, microsoft.consented), meaningOf },
    options,
  );
  const notes = [
    `For an app that signs in for itself: client ID ${onedriveClient.id}, secret ${onedriveClient.secret}, tenant contoso.test, user ${people[0]?.label}`,
  ];
  return Object.assign(service, { microsoft, notes });
}

/** People and apps sign in at addresses with their tenant in it. */
export const onedriveAddresses = (root: string): ProviderAddresses => ({
  authorize: `${root}/{tenant}/oauth2/v2.0/authorize`,
  token: `${root}/{tenant}/oauth2/v2.0/token`,
});

const inTenant = /^\/([^/]+)\/oauth2\/v2\.0(\/(?:authorize|token))$/;

const meaningOf = (path: string): string => inTenant.exec(path)?.[2] ?? path;

/** People may come from anywhere, but an app belongs to one tenant. */
const isNoTenant = ({ pathname }: URL): boolean =>
  /\/(?:common|organizations|consumers)\/oauth2\/v2\.0\/token$/.test(pathname);

const rules: OAuthRules = {
  name: "Microsoft",
  clients: [{ ...onedriveClient, redirectUris: ["http*"] }],
  accounts: people,
  pkce: "optional",
  codeLifeS: 600,
  accessLifeS: 3736,
  idleLifeS: 90 * 86_400,
  rotation: "keeps",
  givesRefresh: ({ scopes }) => scopes.includes("offline_access"),
  otherGrant: (type, { params, url }) => {
    if (type !== "client_credentials") return undefined;
    if (isNoTenant(url)) {
      return { answer: aadsts("invalid_request", 50059, "No tenant-identifying information found in the request.") };
    }
    const scope = params.get("scope") ?? "";
    return APP_SCOPE.test(scope) ? { account: "app", scopes: [scope] } : { refused: "scope-wrong" };
  },
  prefixes: { code: "0.AX", access: "eyJ0eXAiOiJKV1Qi.", refresh: "0.AX0A" },
  answer: ({ pair, scopes, grant }) =>
    Response.json({
      token_type: "Bearer",
      ...(grant && { scope: scopes.filter((scope) => scope !== "offline_access").join(" ") }),
      expires_in: 3736,
      ext_expires_in: 3736,
      access_token: pair.access,
      ...(pair.refresh && { refresh_token: pair.refresh }),
    }),
  refuse,
};

const refusals: Record<Refusal, [error: string, code: number, text: string]> = {
  "client-twice": ["invalid_request", 9002313, "Invalid request. Request is malformed or invalid."],
  "client-missing": ["invalid_client", 7000218, "The request body must contain 'client_assertion' or 'client_secret'."],
  "client-wrong": ["invalid_client", 7000215, "Invalid client secret provided."],
  "body-wrong": ["invalid_request", 900144, "The request body must contain the following parameter: 'grant_type'."],
  "grant-unsupported": ["unsupported_grant_type", 70003, "The app requested an unsupported grant type."],
  "code-wrong": ["invalid_grant", 54005, "OAuth2 Authorization code was already redeemed, please retry."],
  "verifier-wrong": ["invalid_grant", 501481, "The Code_Verifier does not match the code_challenge."],
  "refresh-wrong": [
    "invalid_grant",
    50173,
    "The provided grant has expired due to it being revoked, a fresh auth token is needed.",
  ],
  "scope-wrong": [
    "invalid_scope",
    1002012,
    "The provided value for scope is not valid. Client credential flows must have a scope value with /.default.",
  ],
  "assertion-wrong": [
    "invalid_client",
    700027,
    "The certificate with identifier used to sign the client assertion is not registered.",
  ],
};

function refuse(refusal: Refusal): Response {
  const [error, code, text] = refusals[refusal];
  return aadsts(error, code, text);
}

function aadsts(error: string, code: number, text: string): Response {
  const id = "8d0c2f3e-0000-0000-0000-000000000000";
  const at = "2026-02-02 11:00:00Z";
  return Response.json(
    {
      error,
      error_description: `AADSTS${code}: ${text}\r\nTrace ID: ${id}\r\nCorrelation ID: ${id}\r\nTimestamp: ${at}`,
      error_codes: [code],
      timestamp: at,
      trace_id: id,
      correlation_id: id,
      error_uri: `https://login.microsoftonline.com/error?code=${code}`,
    },
    { status: error === "invalid_client" ? 401 : 400 },
  );
}

function answer({ request, path, access }: ApiCall, consented: boolean): Response {
  if (!access) {
    const text = request.headers.has("authorization")
      ? "Lifetime validation failed, the token is expired."
      : "Access token is empty.";
    return failure(401, "InvalidAuthenticationToken", text);
  }
  const isApp = access.account === "app";
  if (isApp && !consented) {
    return failure(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.");
  }
  if (path === "/v1.0/me") {
    if (isApp) return failure(400, "BadRequest", "/me request is only valid with delegated authentication flow.");
    if (!access.scopes.includes("User.Read")) return denied();
    const person = people.find(({ id }) => id === access.account);
    if (!person) return failure(404, "Request_ResourceNotFound", "Resource does not exist.");
    return Response.json({
      "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#users/$entity",
      displayName: person.name,
      mail: person.label,
      userPrincipalName: person.label,
      id: person.id,
    });
  }
  const user = /^\/v1\.0\/users\/([^/]+)\/drive$/.exec(path)?.[1];
  const site = /^\/v1\.0\/sites\/([^/]+:\/(?:sites|teams)\/[^/:]+):\/drive$/.exec(path)?.[1];
  if (user === undefined && site === undefined) return failure(404, "itemNotFound", "The resource could not be found.");
  const person = people.find(({ label }) => label === decodeURIComponent(user ?? ""));
  if (user !== undefined && !person) return failure(404, "ResourceNotFound", "User's mysite not found.");
  return Response.json({
    id: person ? `b!${person.id}` : `b!site-${site?.split("/").at(-1)}`,
    driveType: person ? "business" : "documentLibrary",
    name: "Documents",
    owner: { user: { displayName: person?.name ?? site, email: person?.label } },
  });
}

const denied = () => failure(403, "accessDenied", "Access denied");

const failure = (status: number, code: string, message: string): Response =>
  Response.json(
    {
      error: {
        code,
        message,
        innerError: { date: "2026-02-02T11:00:00", "request-id": "6e2b0000-0000-0000-0000-000000000000" },
      },
    },
    { status },
  );
