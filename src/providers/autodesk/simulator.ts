import { type OAuthRules, type Refusal, type RefusalWords, toRefusal } from "#provider-kit/sim/oauth-rules.ts";
import {
  type ApiCall,
  type SimulatedService,
  type SimulatorOptions,
  simulatedService,
} from "#provider-kit/sim/service.ts";

const people = [
  { id: "A1B2C3D4E5F6", label: "ines@harbour.test", name: "Ines Carvalho" },
  { id: "F6E5D4C3B2A1", label: "tom@harbour.test", name: "Tom Wells" },
];

export const autodeskClient = { id: "sandboxAutodeskClient0000000000", secret: "sandboxAutodesk1" };

/** What the accounts' administrators have decided. Can be changed at any time. */
export interface AutodeskState {
  /** Whether an account has let the app in; where none has, hubs are an empty list with warnings. */
  provisioned: boolean;
}

export interface AutodeskSimulator extends SimulatedService {
  readonly autodesk: AutodeskState;
}

/** A pretend Autodesk: consent, tokens of people and of apps, and which hubs let them in. */
export function autodeskSimulator(options: SimulatorOptions): AutodeskSimulator {
  const autodesk: AutodeskState = { provisioned: true };
  const service = simulatedService(
    { key: "autodesk", rules, api: (call) => answer(call, autodesk.provisioned) },
    options,
  );
  const notes = [
    `For an app that signs in for itself: client ID ${autodeskClient.id}, secret ${autodeskClient.secret}`,
  ];
  return Object.assign(service, { autodesk, notes });
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

function answer({ path, access }: ApiCall, provisioned: boolean): Response {
  if (!access) return gateway(401, "AUTH-006", "Access token provided is invalid or expired.");
  if (path === "/userinfo") {
    const person = people.find(({ id }) => id === access.account);
    if (!person || !access.scopes.includes("user-profile:read")) return gateway(403, "AUTH-010", lacks);
    const names = { name: person.name, preferred_username: person.label.split("@")[0] };
    return Response.json({ sub: person.id, ...names, email: person.label, email_verified: true });
  }
  if (path !== "/project/v1/hubs") return gateway(404, "ERR-404", "The requested resource does not exist.");
  if (!access.scopes.includes("data:read")) return gateway(403, "AUTH-010", lacks);
  return Response.json({
    jsonapi: { version: "1.0" },
    links: { self: { href: "https://developer.api.autodesk.com/project/v1/hubs" } },
    data: provisioned ? hubs : [],
    meta: { warnings: [warning] },
  });
}

const lacks = "Token does not have the privilege for this request.";
const hubs = [
  {
    type: "hubs",
    id: "b.622cb5d1-581b-4a46-a6d9-4ebc68ea4051",
    attributes: {
      name: "Harbour Construction",
      region: "US",
      extension: { type: "hubs:autodesk.bim360:Account", version: "1.0" },
    },
  },
];
/** Usual also on healthy accounts, for regions where the customer has none. */
const warning = {
  Id: null,
  HttpStatusCode: "403",
  ErrorCode: "BIM360DM_ERROR",
  Title: "Unable to get hubs from BIM360DM EMEA.",
  Detail: "You don't have permission to access this API",
  AboutLink: null,
  Source: [],
  meta: [],
};

const gateway = (status: number, errorCode: string, developerMessage: string): Response =>
  Response.json(
    {
      developerMessage,
      userMessage: "",
      errorCode,
      "more info": `http://developer.api.autodesk.com/documentation/v1/errors/${errorCode}`,
    },
    { status },
  );
