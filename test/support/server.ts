import { routes } from "#api/contract/index.ts";
import type { Role } from "#api/contract/route.ts";
import type { Handler } from "#api/handle.ts";
import { identityHandlers } from "#api/handlers/identity.ts";
import { instanceHandlers } from "#api/handlers/instance.ts";
import { workspaceHandlers } from "#api/handlers/workspaces.ts";
import { createServer, type HawserServer } from "#api/server.ts";
import type { ServerDeps } from "#api/server-deps.ts";
import { AppError } from "#core/errors.ts";
import { type AuthDatabase, openAuthDatabase } from "#db/auth-database.ts";
import { openIdentity } from "#domain/identity/identity.ts";
import { createPolicy } from "#outbound/policy.ts";
import { createKeyedHash } from "#vault/keyed-hash.ts";
import { newKeyFileText, parseKeyFile } from "#vault/keyring.ts";
import { createTextSigner } from "#vault/signed-text.ts";
import { type AppOptions, openApp } from "../../src/app.ts";
import { type TestDatabase, testDatabase } from "./database.ts";
import { aKnownPerson, knownPassword } from "./known-person.ts";

export const publicUrl = "https://hawser.test";

export interface TestServer extends HawserServer {
  db: TestDatabase;
  auth: AuthDatabase;
  /** Everything that was logged, oldest first. */
  logged: Record<string, unknown>[];
  end(): Promise<void>;
}

export interface TestServerOptions {
  signUp?: "open" | "invited";
  /** Handlers in place of the usual ones for the same routes. */
  handlers?: readonly Handler[];
  deps?: Partial<ServerDeps>;
}

const keyring = parseKeyFile({ path: "hawser.key", mode: 0o600, text: newKeyFileText(new Date()) });

/** The HTTP server on a database of its own. Routes whose handlers are given by nobody answer `unavailable`. */
export async function aServer(options: TestServerOptions = {}): Promise<TestServer> {
  const db = await testDatabase();
  const auth = openAuthDatabase({ authUrl: db.authUrl });
  const identity = openIdentity({ auth, signUp: options.signUp ?? "open", keyring, publicUrl });
  const deps = { db: db.database, publicUrl, identity };
  const logged: Record<string, unknown>[] = [];
  const log = (fields: object) => void logged.push({ ...fields });
  const readStatus: ServerDeps["readStatus"] = () => Promise.reject(new AppError("unavailable", "not in this test"));
  const given = options.handlers ?? [];
  const usual = [
    ...identityHandlers(deps),
    ...workspaceHandlers({ ...deps, eraseSecrets: async () => {} }),
    ...instanceHandlers({ readStatus, listInstanceWorkspaces: async () => [] }),
  ].filter(({ route }) => !given.some((handler) => handler.route.name === route.name));
  const known = [...given, ...usual];
  const server = createServer({
    ...deps,
    handlers: [...known, ...routes.filter((route) => !known.some((handler) => handler.route === route)).map(stub)],
    cursors: createTextSigner(keyring, "cursor"),
    hashRequest: createKeyedHash(keyring),
    log: { info: log, error: log },
    finishConnect: async () => "/",
    takeNotice: async () => ({ kind: "unknown" }),
    takeResult: async () => "unknown",
    readStatus,
    version: "0.0.0",
    trustedProxies: [testPeer],
    ...options.deps,
  });
  return {
    ...server,
    db,
    auth,
    logged,
    async end() {
      await server.close();
      await auth.close();
      await db.close();
    },
  };
}

const stub = (route: Handler["route"]): Handler => ({
  route,
  answer: () => Promise.reject(new AppError("unavailable", "This test has no handler for it.")),
});

/**
 * The whole application, as `app.ts` wires it; nothing works on jobs. On a database of its own, or as another process
 * `beside` one that is there.
 */
export async function anApp(
  options: Partial<AppOptions> = {},
  { beside }: { beside?: Pick<TestServer, "db"> } = {},
): Promise<TestServer> {
  const db = beside?.db ?? (await testDatabase());
  const auth = openAuthDatabase({ authUrl: db.authUrl });
  const logged: Record<string, unknown>[] = [];
  const log = (fields: object) => void logged.push({ ...fields });
  const app = await openApp({
    appUrl: db.appUrl,
    authUrl: db.authUrl,
    embedded: true,
    keyring,
    publicUrl,
    role: "api",
    signUp: "open",
    sourceRoots: new Map(),
    destinationRoots: new Map(),
    leaseSeconds: 30,
    outbound: createPolicy(),
    corsOrigins: [],
    trustedProxies: [testPeer],
    version: "0.0.0",
    limits: [],
    log: { info: log, warn: log, error: log },
    ...options,
  });
  return {
    ...app.server,
    db,
    auth,
    logged,
    async end() {
      await app.stop();
      await auth.close();
      if (!beside) await db.close();
    },
  };
}

/** What requests without a socket come from. Tests trust it, and give each asker an address of its own. */
const testPeer = "unknown";

interface Call {
  body?: unknown;
  headers?: Record<string, string>;
}

/** Somebody who asks: with a session's cookie, with an API key, or as nobody. */
export interface Asker {
  cookie?: string;
  key?: string;
  ask(method: string, path: string, call?: Call): Promise<Answer>;
}

export interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  body: any;
}

export function asker(server: HawserServer, as: { cookie?: string; key?: string } = {}): Asker {
  const moves = newAddress();
  return {
    ...as,
    async ask(method, path, { body, headers } = {}) {
      const response = await server.fetch(
        new Request(`${publicUrl}${path.startsWith("/api/") ? "" : "/api/v1"}${path}`, {
          method,
          headers: {
            "x-forwarded-for": moves(),
            ...(as.cookie && { cookie: as.cookie }),
            ...(as.key && { authorization: `Bearer ${as.key}` }),
            ...(method !== "GET" && method !== "HEAD" && browserHeaders),
            ...headers,
          },
          ...(body !== undefined && { body: JSON.stringify(body) }),
        }),
      );
      const text = await response.text();
      return { status: response.status, headers: response.headers, body: text === "" ? undefined : JSON.parse(text) };
    },
  };
}

const browserHeaders = { "content-type": "application/json", origin: publicUrl, "x-requested-with": "portal" };

let addresses = 0;
/** An address that moves on before limits per address are reached. */
function newAddress(): () => string {
  let asked = 0;
  let at = ++addresses;
  return () => {
    if (++asked % 50 === 0) at = ++addresses;
    return `10.1.${at >> 8}.${at & 255}`;
  };
}
let people = 0;

/** A person with an account, signed in. */
export async function aPerson(server: TestServer, name = "Ada"): Promise<Asker & { id: string; email: string }> {
  const email = `person-${++people}@example.com`;
  await aKnownPerson(server.auth, { name, email });
  const answer = await asker(server).ask("POST", "/sign-in", { body: { email, password: knownPassword } });
  if (answer.status !== 200) throw new Error(`signing in failed: ${JSON.stringify(answer.body)}`);
  const cookie = answer.headers.get("set-cookie")?.split(";")[0] ?? "";
  return { ...asker(server, { cookie }), id: answer.body.id, email };
}

/** A new person who has become a member with this role. */
export async function aMember(server: TestServer, owner: Asker, workspace: string, role: Role) {
  const invitation = await owner.ask("POST", `/workspaces/${workspace}/invitations`, { body: { role } });
  const person = await aPerson(server, role);
  const token = String(invitation.body.url).split("/").at(-1);
  const joined = await person.ask("POST", "/invitations/accept", { body: { token } });
  if (joined.status !== 200) throw new Error(`joining failed: ${JSON.stringify(joined.body)}`);
  return person;
}

export async function anApiKey(server: HawserServer, owner: Asker, workspace: string, role: Role): Promise<Asker> {
  const made = await owner.ask("POST", `/workspaces/${workspace}/api-keys`, { body: { name: role, role } });
  if (made.status !== 201) throw new Error(`making a key failed: ${JSON.stringify(made.body)}`);
  return asker(server, { key: made.body.key });
}

export async function aWorkspace(owner: Asker, name = "Harbour"): Promise<string> {
  const made = await owner.ask("POST", "/workspaces", { body: { name } });
  if (made.status !== 201) throw new Error(`making a workspace failed: ${JSON.stringify(made.body)}`);
  return made.body.id;
}
