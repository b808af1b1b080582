// Every place of the whole house that takes an address, against addresses that nobody may make Hawser call: through the
// API, with a name server that lies, and a server on loopback that counts who connects to it. Nobody ever does.
import { generateKeyPairSync } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { addressRefused } from "#outbound/address.ts";
import { createPolicy } from "#outbound/policy.ts";
import { hostileAddresses, hostileHosts, hostileRecords, rebinding } from "#outbound/testing/hostile-addresses.ts";
import { type NameServer, nameServer } from "#outbound/testing/name-server.ts";
import type { OpenSandbox } from "../../src/sandbox/sandbox.ts";
import { aSandbox, comeBack } from "../support/a-sign-in.ts";
import { type Answer, type Asker, anApp, aPerson, aWorkspace, type TestServer } from "../support/server.ts";

interface Counted {
  port: number;
  server: Server;
  connections: number;
}

/** Nobody may reach it, on a port that may be called; and one of those on which nobody listens. */
let inside: Counted;
let closedPort: number;
/** Somebody else's service, which may be reached, and says whatever the test wants it to. */
let outer: Counted;
/** Names under which it was asked, in order. */
let askedAs: (string | undefined)[] = [];
let tell: (request: IncomingMessage, url: URL) => { status?: number; headers?: Record<string, string>; body?: unknown };
let names: NameServer;
let sandbox: OpenSandbox;
let server: TestServer;
let superuser: pg.Client;
let owner: Asker;
let workspace: string;

beforeAll(async () => {
  inside = await listen((_, reply) => reply.end('{"id":"inside","access_token":"inside"}'));
  outer = await listen((request, reply) => {
    askedAs.push(request.headers.host);
    const { status = 200, headers, body } = tell(request, new URL(request.url ?? "/", "http://outer.test"));
    reply.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body ?? {}));
  });
  const closed = await listen((_, reply) => reply.end());
  closedPort = closed.port;
  await new Promise((done) => closed.server.close(done));
  sandbox = await aSandbox();
  server = await anApp({
    simulators: sandbox,
    outbound: createPolicy({
      allowHttp: true,
      extraPorts: [inside.port, closedPort],
      exceptions: [`127.0.0.1:${outer.port}`, `friend.example.com:${outer.port}`, sandbox.hostAndPort],
    }),
    resolve: (host) => names.resolve(host),
  });
  superuser = await server.db.superuser();
});
afterAll(async () => {
  await server.end();
  await sandbox.close();
  for (const { server: one } of [inside, outer]) one.close();
});
beforeEach(async () => {
  owner = await aPerson(server);
  workspace = await aWorkspace(owner, `Yard ${Math.random()}`);
  tell = ordinary;
  askedAs = [];
});
afterEach(() => expect(inside.connections).toBe(0));

async function listen(answer: (request: IncomingMessage, reply: ServerResponse) => void): Promise<Counted> {
  const made = createServer(answer);
  const counted = { port: 0, server: made, connections: 0 };
  made.on("connection", () => counted.connections++);
  await new Promise<void>((ready) => made.listen(0, "127.0.0.1", ready));
  counted.port = (made.address() as AddressInfo).port;
  return counted;
}

const ordinary: typeof tell = (_, url) =>
  url.pathname === "/me"
    ? { body: { id: "outer" } }
    : { body: { access_token: "t0ken", refresh_token: "r3fresh", expires_in: 3600, token: "t0ken" } };

const below = (method: string, path: string, body?: unknown): Promise<Answer> =>
  owner.ask(method, `/workspaces/${workspace}${path}`, body === undefined ? {} : { body });

const good = () => `http://127.0.0.1:${outer.port}`;
const definition = (change: object = {}) => ({
  display_name: "Yard",
  base_url: good(),
  auth: [{ type: "none" }],
  check: { path: "/me", account: { id: "$.id" } },
  ...change,
});
const withCode = (change: object = {}) => ({
  auth: [
    {
      type: "oauth2_authorization_code",
      authorize_url: `${good()}/authorize`,
      token_url: `${good()}/token`,
      client_auth: "none",
      ...change,
    },
  ],
});
const define = (change: object, name = "yard") => below("POST", "/providers", { name, definition: definition(change) });

const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const keyFile = JSON.stringify({
  type: "service_account",
  client_email: "robot@example.com",
  private_key: privateKey.export({ type: "pkcs8", format: "pem" }),
  token_uri: "http://127.0.0.1/token",
});

describe("what can be known when it is saved", () => {
  const login = (url: string) => ({ url, params: { pin: "{pin}" } });
  const places: Record<string, [pointer: string, change: (address: string) => object]> = {
    "the base address": ["/definition/base_url", (base_url) => ({ base_url })],
    "another address": ["/definition/more_addresses/0", (address) => ({ more_addresses: [address] })],
    "the page of a sign-in": ["/definition/auth/0", (authorize_url) => withCode({ authorize_url })],
    "a token endpoint": ["/definition/auth/0", (token_url) => withCode({ token_url })],
    "an endpoint for refreshing": ["/definition/auth/0", (refresh_url) => withCode({ refresh_url })],
    "an endpoint for revoking": ["/definition/auth/0", (revoke_url) => withCode({ revoke_url })],
    "a token endpoint for client credentials": [
      "/definition/auth/0",
      (token_url) => ({ auth: [{ type: "oauth2_client_credentials", token_url }] }),
    ],
    "a token endpoint for key files": [
      "/definition/auth/0",
      (token_url) => ({ auth: [{ type: "service_account", token_url }] }),
    ],
    "a login": [
      "/definition/auth/0",
      (url) => ({ auth: [{ type: "two_step", fields: [{ name: "pin", label: "PIN" }], login: login(url) }] }),
    ],
    "a look-up": [
      "/definition/lookups/0",
      (url) => ({ lookups: [{ url, keep: [{ name: "dc", from: "$.dc", pattern: "[a-z]+" }] }] }),
    ],
  };

  it.each(Object.entries(places))("SR-14 SR-15 SR-16 is refused as %s of a custom provider", async (_, place) => {
    const [pointer, change] = place;
    const isLookup = pointer.startsWith("/definition/lookups");
    // Of a look-up, what begins with a slash is a path below the base address.
    for (const address of hostileAddresses(inside.port).filter((one) => !(isLookup && one.startsWith("/")))) {
      const { status, body } = await define(change(address));
      const pointers: string[] = (body.errors ?? []).map((error: { pointer: string }) => error.pointer);
      expect([address, status, pointers.some((one) => one.startsWith(pointer))]).toEqual([address, 422, true]);
    }
    expect((await define(change(good()))).status).toBe(201);
  });

  it("SR-14 SR-15 SR-16 SR-101 is refused in a file that is imported", async () => {
    const hostile = hostileAddresses(inside.port);
    const providers = [...hostile, good()].map((base_url, at) => ({
      name: `p${at}`,
      definition: definition({ base_url }),
    }));
    const looked = await below("POST", "/import", { yaml: JSON.stringify({ hawser: 1, providers }) });
    expect(looked.body.changes.map(({ change }: { change: string }) => change)).toEqual([
      ...hostile.map(() => "refuse"),
      "create",
    ]);
    const yaml = JSON.stringify({ hawser: 1, providers: providers.slice(-2) });
    expect((await below("POST", "/import", { yaml, apply: true })).status).toBe(422);
    expect((await below("GET", "/providers")).body.items).toEqual([]);
  });

  it("SR-6 SR-14 SR-15 SR-16 is refused as an origin of a secret", async () => {
    const add = (origin: string, name = "one") =>
      below("POST", "/secrets", { name, value: "canary-secret", origins: [origin] });
    for (const address of hostileAddresses(inside.port)) {
      expect([address, (await add(address)).status]).toEqual([address, 422]);
    }
    expect((await add(good())).status).toBe(201);
  });

  it("SR-30 an OpenAPI document names no server that could be saved, and nothing in it is fetched", async () => {
    const remote = `http://127.0.0.1:${inside.port}/document.json`;
    const read = (url: string) =>
      below("POST", "/providers/import-openapi", {
        text: JSON.stringify({
          openapi: "3.1.0",
          info: { title: "Yard", version: "1", termsOfService: remote },
          externalDocs: { url: remote },
          servers: [{ url }],
          components: {
            securitySchemes: { code: { $ref: remote }, oidc: { type: "openIdConnect", openIdConnectUrl: remote } },
          },
          paths: {
            "/far": { $ref: `${remote}#/paths/far` },
            "/near": {
              get: {
                operationId: "near",
                parameters: [{ $ref: `${remote}#/p` }],
                responses: { 200: { $ref: remote } },
              },
              post: {
                operationId: "send",
                requestBody: { content: { "application/json": { schema: { $ref: `${remote}#/s` } } } },
                responses: {},
              },
            },
          },
        }),
      });
    for (const host of hostileHosts.slice(0, 15)) {
      const draft = await read(`https://${host}:${inside.port}`);
      expect(draft.status).toBe(200);
      const saved = await below("POST", "/providers", { name: "yard", definition: draft.body.definition });
      expect([host, saved.status]).toEqual([host, 422]);
    }
    const draft = await read("https://api.example.com");
    expect((await below("POST", "/providers", { name: "yard", definition: draft.body.definition })).status).toBe(201);
  });
});

describe("what is known when it is called", () => {
  /** Makes whatever takes an address call this one, and gives what is told of it. */
  type Way = (host: string) => Promise<unknown>;

  /** A connection to a provider whose addresses hold `{host}`; each way of a test has a provider of its own. */
  const ofHost = (change: object) =>
    define({ variables: [{ name: "host", label: "Host", pattern: "[A-Za-z0-9.:-]+" }], ...change });
  const tested =
    (credential?: object): Way =>
    async (host) => {
      const wanted = { provider: "custom-yard", config: { host }, ...(credential && { credential }) };
      return (await below("POST", "/connections/test", wanted)).body.failure;
    };
  const connected = async (config: object = {}): Promise<string> => {
    const made = await below("POST", "/connections", { provider: "custom-yard", name: "Account", config });
    if (made.status !== 201) throw new Error(JSON.stringify(made.body));
    return made.body.id;
  };
  const withClient = async () => {
    const set = await below("POST", "/oauth-clients/custom-yard", { client_id: "app" });
    if (set.status !== 200) throw new Error(JSON.stringify(set.body));
  };
  /** Signs in at the provider, where the person says yes at once. */
  async function signIn(connection: string, more: Record<string, string> = {}): Promise<string | null> {
    const begun = await below("POST", `/connections/${connection}/authorize`, {});
    if (begun.status !== 200) throw new Error(JSON.stringify(begun.body));
    const { searchParams } = new URL(begun.body.url);
    const back = new URL(searchParams.get("redirect_uri") ?? "");
    back.search = new URLSearchParams({ code: "c0de", state: searchParams.get("state") ?? "", ...more }).toString();
    const { page } = await comeBack(server, owner, back);
    return new URL(page, "https://portal.test").searchParams.get("outcome");
  }
  const stateOf = async (connection: string) => {
    const { status, failure } = (await below("GET", `/connections/${connection}`)).body;
    return { status, failure: failure && { kind: failure.kind, message: failure.message } };
  };
  /** What is said without the moment at which it was. */
  const words = (told: unknown) => JSON.stringify(told, (key, value) => (key === "at" ? undefined : value));

  /** Pretend services have no TLS. */
  const onlyHttps = new Set(["an address that is told with a token"]);

  const ways: Record<string, () => Promise<Way>> = {
    "a base address": async () => {
      await ofHost({ base_url: "http://{host}" });
      return tested();
    },
    "a token endpoint": async () => {
      const auth = [{ type: "oauth2_client_credentials", token_url: "http://{host}/token" }];
      await ofHost({ auth });
      return tested({ client_id: "app", client_secret: "s3cret" });
    },
    "a token endpoint for key files": async () => {
      await ofHost({ auth: [{ type: "service_account", token_url: "http://{host}/token", scopes: ["read"] }] });
      return tested({ key_file: keyFile });
    },
    "a login": async () => {
      const fields = [{ name: "pin", label: "PIN" }];
      const login = { url: "http://{host}/login", params: { pin: "{pin}" } };
      await ofHost({ auth: [{ type: "two_step", fields, login, answer: { access_token: "token" } }] });
      return tested({ pin: "1234" });
    },
    "a request by hand": async () => {
      await ofHost({ base_url: "http://{host}", check: undefined });
      const id = await connected({ host: `127.0.0.1:${outer.port}` });
      return async (host) => {
        await below("PATCH", `/connections/${id}`, { config: { host } });
        const request = { method: "GET", path: "/me" };
        return (await below("POST", `/connections/${id}/calls`, { request, fresh: true })).body.failure;
      };
    },
    "a redirect of a call": async () => {
      await define({ check: undefined });
      const id = await connected();
      return async (host) => {
        tell = (_, url) =>
          url.pathname === "/begin" ? { status: 302, headers: { location: `http://${host}/` } } : ordinary(_, url);
        const request = { method: "GET", path: "/begin" };
        return (await below("POST", `/connections/${id}/calls`, { request, fresh: true })).body.failure;
      };
    },
    "the token endpoint of a sign-in": async () => {
      await ofHost(withCode({ token_url: "http://{host}/token" }));
      const id = await connected({ host: `127.0.0.1:${outer.port}` });
      await withClientForAll();
      return async (host) => {
        await below("PATCH", `/connections/${id}`, { config: { host } });
        return { outcome: await signIn(id), ...(await stateOf(id)) };
      };
    },
    "the endpoint for refreshing": async () => {
      await ofHost(withCode({ refresh_url: "http://{host}/token", refresh: "rotating" }));
      await withClientForAll();
      return async (host) => {
        const id = await connected({ host });
        const outcome = await signIn(id);
        await superuser.query(
          `update hawser.token_sets set obtained_at = obtained_at - interval '2 hours',
                  expires_at = clock_timestamp() - interval '1 minute' where connection_id = $1`,
          [id],
        );
        const { failure } = (await below("POST", `/connections/${id}/test`)).body;
        await below("DELETE", `/connections/${id}`);
        return { outcome, failure };
      };
    },
    "an address that is told with a token": async () => {
      const keep = [{ name: "instance_url", from: "instance_url", pattern: "https://.+" }];
      await define({ base_url: "{instance_url}", more_addresses: [good()], ...withCode({ keep_from_answer: keep }) });
      await withClient();
      return async (host) => {
        tell = () => ({ body: { access_token: "t0ken", expires_in: 3600, instance_url: `https://${host}` } });
        const id = await connected();
        const outcome = await signIn(id);
        const told = { outcome, ...(await stateOf(id)) };
        await below("DELETE", `/connections/${id}`);
        return told;
      };
    },
    "a host that comes with the callback": async () => {
      const keep = [{ name: "shop", from: "shop", pattern: "[a-z0-9.:-]+" }];
      await define({ base_url: "http://{shop}", ...withCode({ keep_from_callback: keep }) });
      await withClient();
      return async (host) => {
        const id = await connected();
        const outcome = await signIn(id, { shop: host });
        const told = { outcome, ...(await stateOf(id)) };
        await below("DELETE", `/connections/${id}`);
        return told;
      };
    },
  };
  /** A client of a sign-in that leads to any host cannot be set by the API; a row can be there (SR-62). */
  const withClientForAll = () =>
    superuser.query(
      `insert into hawser.oauth_clients (workspace_id, provider, client_id, origins)
       values ($1, 'custom-yard', 'app', (select array_agg('http://' || h) from unnest($2::text[]) h))`,
      [workspace, [...hosts(), friend(), `127.0.0.1:${outer.port}`]],
    );

  /** Names that look public, and are not; the loopback itself, open and closed; and a name that nobody knows. */
  const hosts = () => [
    ...[...Object.keys(hostileRecords), "unknown.example.com", "127.0.0.1", "10.0.0.1"].map(
      (host) => `${host}:${inside.port}`,
    ),
    `127.0.0.1:${closedPort}`,
  ];
  /** A name that the operator allows, of somebody else's service. */
  const friend = () => `friend.example.com:${outer.port}`;

  const lie = async () => {
    names = await nameServer();
    for (const [name, turns] of Object.entries(hostileRecords)) names.set(name, ...turns);
    names.set("friend.example.com", ["127.0.0.1"]);
    names.set("rebind.example.com", ...rebinding);
  };

  /** What a person sees: of a sign-in only how it ended, of the rest why. */
  const refusal: Record<string, string> = { "the token endpoint of a sign-in": '"outcome":"failed"' };

  it.each(Object.entries(ways))(
    "SR-17 SR-21 SR-22 %s is refused in the same words, whatever is there",
    async (name, make) => {
      await lie();
      const way = await make();
      const told = new Set<string>();
      for (const host of hosts()) told.add(words(await way(host)));
      expect([...told]).toHaveLength(1);
      expect([...told][0]).toContain(refusal[name] ?? addressRefused().message);
    },
  );

  it.each(Object.entries(ways).filter(([name]) => !onlyHttps.has(name)))(
    "SR-19 SR-104 %s is reached by a name that the operator allows",
    async (name, make) => {
      await lie();
      const way = await make();
      const told = words(await way(friend()));
      // A redirect cannot use what the operator allows (SR-18).
      const isRedirect = name === "a redirect of a call";
      expect(told ?? "").toMatch(isRedirect ? /cannot be called/ : /^(?!.*"kind"|.*failed)/);
      expect(askedAs.includes(friend())).toBe(!isRedirect);
    },
  );

  it("SR-17 a name is looked up for each connection, and not between its check and its use", async () => {
    await lie();
    const way = await ways["a base address"]?.();
    for (let time = 0; time < 3; time++) {
      // Public when it is asked for first, which leads nowhere and is tried again.
      expect(words(await way?.(`rebind.example.com:${inside.port}`))).toContain(addressRefused().message);
    }
    expect(names.asked("rebind.example.com")).toBeGreaterThan(3);
  });

  it("SR-15 a path that is written by hand leads nowhere but below the base address", async () => {
    await define({ check: undefined });
    const id = await connected();
    const call = (path: string) =>
      below("POST", `/connections/${id}/calls`, { request: { method: "GET", path }, fresh: true });
    for (const path of [
      `//127.0.0.1:${inside.port}/`,
      `/\\127.0.0.1:${inside.port}/`,
      `\\\\127.0.0.1:${inside.port}/`,
      `@127.0.0.1:${inside.port}/`,
      `http://127.0.0.1:${inside.port}/`,
      `http:127.0.0.1:${inside.port}/`,
      `/\t/127.0.0.1:${inside.port}/`,
      `\n//127.0.0.1:${inside.port}/`,
      " //127.0.0.1/",
    ]) {
      const { status, body } = await call(path);
      expect([path, status, body.errors?.[0].pointer]).toEqual([path, 422, "/request/path"]);
    }
    expect((await call("/me")).body).toMatchObject({ failure: null, response: { status: 200 } });
  });

  it("SR-14 SR-15 SR-16 SR-21 a WordPress site is no host inside, and names none as its API", async () => {
    await lie();
    const credential = { username: "ana", password: "abcd efgh ijkl mnop qrst uvwx" };
    const test = (more: object) => below("POST", "/connections/test", { provider: "wordpress", credential, ...more });
    for (const host of hostileHosts) {
      const { status, body } = await test({ config: { siteUrl: `https://${host}:${inside.port}` } });
      expect([host, status === 422 || body.failure?.message === addressRefused().message]).toEqual([host, true]);
    }
    // As people write it: what stands for the address is what the provider has read.
    const { body } = await test({ config: { siteUrl: `unknown.example.com:${inside.port}` } });
    expect(body.failure?.message).toBe(addressRefused().message);
    const site = sandbox.services.get("wordpress");
    for (const root of [
      `http://127.0.0.1:${inside.port}/`,
      `//127.0.0.1:${inside.port}/wp-json/`,
      "file:///etc/passwd",
    ]) {
      const headers = { "content-type": "text/html", link: `<${root}>; rel="https://api.w.org/"` };
      site?.faults.failNext({ status: 200, headers, body: "<p>" });
      const { body } = await test({ sandbox: true, config: {} });
      expect(body).toMatchObject({ ok: false, failure: { kind: "rejected" } });
    }
    site?.faults.clear();
  });
});
