import { type Clock, systemClock } from "#core/clock.ts";
import type { ListingQuirks, SimulatedFiles } from "#provider-kit/sim/files.ts";
import { type OAuthRules, type Refusal, type RefusalWords, toRefusal } from "#provider-kit/sim/oauth-rules.ts";
import type { Access } from "#provider-kit/sim/oauth-server.ts";
import { type ApiCall, type SimulatorOptions, simulatedService } from "#provider-kit/sim/service.ts";
import { SimulatedData } from "./simulated-data.ts";
import { SimulatedHooks } from "./simulated-hooks.ts";
import { SimulatedLimits } from "./simulated-limits.ts";
import { plantProjects } from "./simulated-projects.ts";
import { gateway } from "./simulated-refusals.ts";
import { type AutodeskState, newAutodeskState } from "./simulated-state.ts";
import { SimulatedStorage } from "./simulated-storage.ts";
import { AutodeskTree } from "./simulated-tree.ts";

const people = [
  { id: "A1B2C3D4E5F6", label: "ines@harbour.test", name: "Ines Carvalho" },
  { id: "F6E5D4C3B2A1", label: "tom@harbour.test", name: "Tom Wells" },
];

export const autodeskClient = { id: "sandboxAutodeskClient0000000000", secret: "sandboxAutodesk1" };

export interface AutodeskSimulator extends SimulatedFiles {
  readonly tree: AutodeskTree;
  readonly autodesk: AutodeskState;
  readonly hooks: SimulatedHooks;
}

/** A pretend Autodesk: consent, tokens of people and of apps, hubs with projects, storage and webhooks. */
export function autodeskSimulator(options: SimulatorOptions): AutodeskSimulator {
  const clock: Clock = options.clock ?? systemClock;
  const state = newAutodeskState();
  const tree = new AutodeskTree(clock);
  const quirks: ListingQuirks = {};
  const base = `${options.origin}/api`;
  const { hubs, first } = plantProjects(tree, options.empty === true);
  const data = new SimulatedData({ tree, state, hubs, quirks, base });
  const storage = new SimulatedStorage({ tree, state, base });
  const hooks = new SimulatedHooks({ tree, state, now: () => clock.now(), notify: options.notify });
  const limits = new SimulatedLimits();

  const api = async (call: ApiCall): Promise<Response> => {
    const path = call.path.replace(/^\/+/, "/");
    const segments = path.slice(1).split("/").map(decode);
    // The host of downloads asks for no token: the address says it all.
    if (segments[0] === "storage") return storage.download(call, segments);
    const { access } = call;
    if (!access) return gateway(401, "AUTH-006", "Access token provided is invalid or expired.");
    if (path === "/userinfo") return aboutPerson(access);
    if (!access.scopes.includes("data:read")) return gateway(403, "AUTH-010", lacks);
    const tooMany = state.limits ? limits.refuse(access.client, path, call.now) : undefined;
    if (tooMany) return tooMany;
    switch (segments[0]) {
      case "project":
      case "data":
        return data.answer({ ...call, path }, segments);
      case "oss":
        return storage.address(call, segments);
      case "webhooks":
        return hooks.answer(call, segments);
      case "construction":
        return projectList(call, tree, segments);
      default:
        return gateway(404, "ERR-404", "The requested resource does not exist.");
    }
  };

  const memory = { save: () => hooks.save(), restore: (saved: unknown) => hooks.restore(saved) };
  const service = simulatedService({ key: "autodesk", rules, api, memory }, options);
  const notes = [
    `For an app that signs in for itself: client ID ${autodeskClient.id}, secret ${autodeskClient.secret}`,
  ];
  return Object.assign(service, {
    autodesk: state,
    tree,
    drive: first.drive,
    quirks,
    hooks,
    notes,
    // There is neither a feed of changes nor a token of a page: pages have numbers.
    loseCursors: () => {},
    losePages: () => {},
  });
}

const known = /^(data:(read|write|create|search)|account:read|user-profile:read|viewables:read|openid|profile|email)$/;

const rules: OAuthRules = {
  name: "Autodesk",
  clients: [{ ...autodeskClient, redirectUris: ["http*"] }],
  accounts: people,
  pkce: "optional",
  codeLifeS: 300,
  accessLifeS: 3599,
  idleLifeS: 15 * 86_400,
  rotation: "strict",
  knowsScope: (scope) => known.test(scope),
  otherGrant: (type, { params }) => {
    if (type !== "client_credentials") return undefined;
    const scopes = (params.get("scope") ?? "").split(" ");
    return scopes.every((scope) => known.test(scope)) ? { account: "app", scopes } : { refused: "scope-wrong" };
  },
  prefixes: { access: "eyJhbGciOi." },
  answer: ({ pair }) =>
    Response.json({
      access_token: pair.access,
      token_type: "Bearer",
      expires_in: 3599,
      ...(pair.refresh && { refresh_token: pair.refresh }),
    }),
  refuse: (refusal) => toRefusal(refusals[refusal]),
};

const refusals: Record<Refusal, RefusalWords> = {
  "client-twice": [400, "invalid_request", "The client is authenticated in more than one way."],
  "client-missing": [401, "invalid_client", "The client_id(application key)/client_secret are not valid."],
  "client-wrong": [401, "invalid_client", "The client_id(application key)/client_secret are not valid."],
  "body-wrong": [400, "invalid_request", "The required parameter(s) grant_type not present in the request."],
  "grant-unsupported": [400, "unsupported_grant_type", "Unsupported grant_type is specified in the request."],
  "code-wrong": [
    400,
    "invalid_grant",
    "The authorization code/refresh token is expired or invalid/redirect_uri must have the same value as in the authorization request.",
  ],
  "verifier-wrong": [400, "invalid_grant", "The code verifier does not match."],
  "refresh-wrong": [400, "invalid_grant", "The refresh token is invalid or expired."],
  "scope-wrong": [400, "invalid_scope", "Invalid scopes are specified in the request."],
  "assertion-wrong": [400, "invalid_grant", "The assertion is invalid."],
};

function aboutPerson({ account, scopes }: Access): Response {
  const person = people.find(({ id }) => id === account);
  if (!person || !scopes.includes("user-profile:read")) return gateway(403, "AUTH-010", lacks);
  const names = { name: person.name, preferred_username: person.label.split("@")[0] };
  return Response.json({ sub: person.id, ...names, email: person.label, email_verified: true });
}

/** `/construction/admin/v1/accounts/{account}/projects`: ids without `b.`, and pages by offset. */
function projectList({ url }: ApiCall, tree: AutodeskTree, [, , , , account]: readonly string[]): Response {
  const all = [...tree.projects.values()].filter(({ hub, active }) => hub.id === `b.${account}` && active);
  if (all.length === 0) return gateway(404, "ERR-404", "The account does not exist.");
  const [limit, offset] = [Number(url.searchParams.get("limit") ?? 20), Number(url.searchParams.get("offset") ?? 0)];
  const results = all.slice(offset, offset + limit).map(({ id, drive, type }) => ({
    id: id.slice(2),
    name: drive.name,
    platform: type === "ACC" ? "acc" : "bim360",
    status: "active",
  }));
  return Response.json({ pagination: { limit, offset, totalResults: all.length }, results });
}

const lacks = "Token does not have the privilege for this request.";

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
