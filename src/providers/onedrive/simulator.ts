import { systemClock } from "#core/clock.ts";
import type { ProviderAddresses } from "#provider-kit/addresses.ts";
import type { ListingQuirks, SimulatedFiles } from "#provider-kit/sim/files.ts";
import type { OAuthRules, Refusal } from "#provider-kit/sim/oauth-rules.ts";
import { type SimulatorOptions, simulatedService } from "#provider-kit/sim/service.ts";
import { answerGraph } from "./simulated-api.ts";
import { createFeed } from "./simulated-feed.ts";
import type { GraphParts } from "./simulated-graph.ts";
import {
  buildMicrosoft,
  HOST,
  type MicrosoftState,
  people,
  type SimulatedMicrosoft,
  usualState,
} from "./simulated-microsoft.ts";
import { Pages } from "./simulated-pages.ts";
import { createPush, type SimulatedPush } from "./simulated-push.ts";
import { Throttle } from "./simulated-throttle.ts";

export const onedriveClient = { id: "6f1c2b1e-0000-4000-8000-0000000000aa", secret: "sandbox~onedrive~secret" };

const APP_SCOPE = /^https:\/\/[^/]+\/\.default$/;

export interface OneDriveSimulator extends SimulatedFiles {
  readonly microsoft: MicrosoftState;
  readonly push: SimulatedPush;
  readonly addOddity: SimulatedMicrosoft["addOddity"];
}

/** @param downloadsAt the download host, where that is another one; without a slash at the end */
export interface OneDriveSimulatorOptions extends SimulatorOptions {
  downloadsAt?: string;
}

/** A pretend Microsoft: sign-in of people and of apps, their drives, and the libraries of sites. */
export function onedriveSimulator(options: OneDriveSimulatorOptions): OneDriveSimulator {
  const { origin, clock = systemClock, empty, notify, downloadsAt = origin } = options;
  const state = usualState();
  const quirks: ListingQuirks = {};
  const built = buildMicrosoft({ clock, empty });
  const { tree, addOddity } = built;
  const pages = new Pages();
  const feed = createFeed({ tree, pages, quirks, state });
  const push = createPush({ clock, notify });
  tree.onChange = (drive) => {
    feed.note(drive, clock.now().getTime());
    push.changed(drive);
  };
  const graph: GraphParts = {
    ...built,
    state,
    quirks,
    pages,
    feed,
    push,
    throttle: new Throttle(state),
    apiRoot: `${origin}/api/v1.0`,
    downloadRoot: downloadsAt,
  };
  const service = simulatedService(
    { key: "onedrive", rules, api: (call) => answerGraph(graph, call), meaningOf, memory: push },
    options,
  );
  const [first] = built.places.values();
  if (!first) throw new Error("nobody has a drive");
  const notes = [
    `For an app that signs in for itself: client ID ${onedriveClient.id}, secret ${onedriveClient.secret}, tenant contoso.test, user ${people[0]?.label} or site ${HOST}:/sites/engineering`,
  ];
  return Object.assign(service, {
    microsoft: state,
    notes,
    tree,
    drive: first.drive,
    quirks,
    push,
    addOddity,
    loseCursors: () => feed.lose(),
    losePages: () => pages.lose(),
  });
}

/** People and apps sign in at addresses with their tenant in it. */
export const onedriveAddresses = (root: string): ProviderAddresses => ({
  authorize: `${root}/{tenant}/oauth2/v2.0/authorize`,
  token: `${root}/{tenant}/oauth2/v2.0/token`,
});

const inTenant = /^\/([^/]+)\/oauth2\/v2\.0(\/(?:authorize|token))$/;

const meaningOf = (path: string): string =>
  path.startsWith("/download/") ? `/api${path}` : (inTenant.exec(path)?.[2] ?? path);

/** People may come from anywhere, but an app belongs to one tenant. */
const isNoTenant = ({ pathname }: URL): boolean =>
  /\/(?:common|organizations|consumers)\/oauth2\/v2\.0\/token$/.test(pathname);

/** Each token has a life of its own, of 60 to 90 minutes. */
const lifeOf = (access: string): number =>
  3600 + ([...access].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 65_521, 0) % 1801);

const rules: OAuthRules = {
  name: "Microsoft",
  clients: [{ ...onedriveClient, redirectUris: ["http*"] }],
  accounts: people,
  pkce: "optional",
  codeLifeS: 600,
  accessLifeS: lifeOf,
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
      expires_in: lifeOf(pair.access),
      ext_expires_in: lifeOf(pair.access),
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
