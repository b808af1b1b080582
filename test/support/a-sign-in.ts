// The way through a provider's pages: a custom provider of the sandbox's authorization server, and the browser that goes
// there and comes back.

import { createPolicy } from "#outbound/policy.ts";
import type { AppOptions } from "../../src/app.ts";
import { type OpenSandbox, openSandbox } from "../../src/sandbox/sandbox.ts";
import { type Answer, type Asker, aPerson, aWorkspace, publicUrl, type TestServer } from "./server.ts";

/** Options of an app that offers this sandbox. */
export const offering = (sandbox: OpenSandbox): Partial<AppOptions> => ({
  simulators: sandbox,
  outbound: createPolicy({ exceptions: [sandbox.hostAndPort] }),
});

export const aSandbox = (): Promise<OpenSandbox> => openSandbox({ port: 0 });

export interface SignIn {
  owner: Asker & { id: string; email: string };
  workspace: string;
  slug: string;
  /** The id of the custom provider, which is the last part of its callback's address. */
  provider: string;
  connection: string;
  below(method: string, path: string, body?: unknown, by?: Asker): Promise<Answer>;
  /** The address of the provider's page. */
  begin(wish?: Record<string, unknown>, by?: Asker): Promise<string>;
  view(): Promise<Answer["body"]>;
}

let yards = 0;

/** Somebody's workspace with a connection that nobody has signed in to yet. */
export async function aSignIn(
  server: TestServer,
  sandbox: OpenSandbox,
  change: { auth?: Record<string, unknown> } = {},
): Promise<SignIn> {
  const owner = await aPerson(server, "Ana");
  const workspace = await aWorkspace(owner, `Yard ${++yards}`);
  const below: SignIn["below"] = (method, path, body, by = owner) =>
    by.ask(method, `/workspaces/${workspace}${path}`, body === undefined ? {} : { body });
  const { slug } = (await below("GET", "")).body;
  const made = await below("POST", "/providers", { name: "yard", definition: definitionAt(sandbox, change.auth) });
  if (made.status !== 201) throw new Error(JSON.stringify(made.body));
  const { id, secret } = { id: "sandbox-api", secret: "sandbox-api-secret" };
  await below("POST", "/oauth-clients/custom-yard", { client_id: id, client_secret: secret });
  const connection = (await below("POST", "/connections", { provider: "custom-yard", name: "Account" })).body.id;
  return {
    owner,
    workspace,
    slug,
    provider: made.body.id,
    connection,
    below,
    async begin(wish = {}, by = owner) {
      const begun = await below("POST", `/connections/${connection}/authorize`, wish, by);
      if (begun.status !== 200) throw new Error(JSON.stringify(begun.body));
      return begun.body.url;
    },
    view: async () => (await below("GET", `/connections/${connection}`)).body,
  };
}

export const definitionAt = ({ origin }: OpenSandbox, auth: Record<string, unknown> = {}) => ({
  display_name: "Yard",
  base_url: `${origin}/api/api`,
  auth: [
    {
      type: "oauth2_authorization_code",
      authorize_url: `${origin}/api/authorize`,
      token_url: `${origin}/api/token`,
      revoke_url: `${origin}/api/revoke`,
      client_auth: "body",
      scopes: ["read", "write"],
      refresh: "rotating",
      ...auth,
    },
  ],
  check: { path: "/me", account: { id: "$.id", label: "$.id" } },
  actions: [],
});

/** A person's answer on the provider's page; gives the address that their browser is sent back to. */
export async function answerAt(page: string, { account = "ada", decision = "allow" } = {}): Promise<URL> {
  const url = new URL(page);
  url.searchParams.set("decision", decision);
  url.searchParams.set("account", account);
  const reply = await fetch(url, { redirect: "manual" });
  const back = reply.headers.get("location");
  if (back === null) throw new Error(`the provider sent nobody back: ${await reply.text()}`);
  return new URL(back);
}

export interface Arrival {
  status: number;
  /** Where the browser is sent. */
  page: string;
  headers: Headers;
}

let visits = 0;

/** A browser comes back to us. */
export async function comeBack(
  server: TestServer,
  by: Pick<Asker, "cookie">,
  callback: URL,
  { method = "GET" }: { method?: string } = {},
): Promise<Arrival> {
  visits += 1;
  const reply = await server.fetch(
    new Request(`${publicUrl}${callback.pathname}${callback.search}`, {
      method,
      headers: {
        "x-forwarded-for": `10.2.${visits >> 8}.${visits & 255}`,
        ...(by.cookie !== undefined && { cookie: by.cookie }),
      },
    }),
  );
  return { status: reply.status, page: reply.headers.get("location") ?? "", headers: reply.headers };
}
