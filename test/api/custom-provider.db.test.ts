// A custom provider from its definition to a call that is answered, through the API and over real HTTP.
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createPolicy } from "#outbound/policy.ts";
import { type Asker, aMember, anApiKey, anApp, aPerson, aWorkspace, type TestServer } from "../support/server.ts";

const KEY = "canary-3f9a1c77";

let service: Server;
let elsewhere: Server;
let server: TestServer;
let owner: Asker;
let workspace: string;
let seen: { url: string | undefined; headers: IncomingHttpHeaders }[] = [];
let seenElsewhere = 0;

const listen = (made: Server): Promise<string> =>
  new Promise((resolve) => {
    made.listen(0, "127.0.0.1", () => {
      const address = made.address();
      resolve(`127.0.0.1:${typeof address === "object" ? address?.port : ""}`);
    });
  });
let at: string;
let atElsewhere: string;

beforeAll(async () => {
  service = createServer((request, response) => {
    seen.push({ url: request.url, headers: request.headers });
    const signedIn = request.headers["x-key"] === KEY;
    response.writeHead(signedIn ? 200 : 401, { "content-type": "application/json" });
    if (!signedIn) response.end('{"error":"no such key"}');
    else if (request.url === "/v1/me") response.end('{"id":7,"name":"Ana"}');
    else response.end(JSON.stringify({ items: [{ id: 1 }, { id: 2 }], echo: request.headers["x-key"] }));
  });
  elsewhere = createServer((_, response) => {
    seenElsewhere++;
    response.end("{}");
  });
  [at, atElsewhere] = [await listen(service), await listen(elsewhere)];
  server = await anApp({ outbound: createPolicy({ exceptions: [at, atElsewhere] }) });
  owner = await aPerson(server, "owner");
});
afterAll(async () => {
  await server.end();
  service.close();
  elsewhere.close();
});
beforeEach(async () => {
  workspace = await aWorkspace(owner, `W ${Math.random()}`);
  seen = [];
  seenElsewhere = 0;
});

const definition = (change: object = {}) => ({
  display_name: "Yard",
  base_url: `http://${at}/v1`,
  auth: [{ type: "api_key", place: { header: "X-Key" } }],
  check: { path: "/me", account: { id: "$.id", label: "$.name" } },
  actions: [
    {
      key: "list",
      name: "List",
      method: "GET",
      path: "/users/{id}/items",
      parameters: [{ name: "id", in: "path" }],
      input: { type: "object", properties: { id: { type: "string" } }, required: ["id"], additionalProperties: false },
      output: "$.items[*].id",
    },
  ],
  ...change,
});
const below = (method: string, path: string, body?: unknown, by = owner) =>
  by.ask(method, `/workspaces/${workspace}${path}`, body === undefined ? {} : { body });
const define = async (change: object = {}) =>
  (await below("POST", "/providers", { name: "yard", definition: definition(change) })).body;
const connect = async () =>
  (await below("POST", "/connections", { provider: "custom-yard", name: "Mine", credential: { key: KEY } })).body;

it("is defined, connected, tested and called", async () => {
  await define();
  const cards = (await below("GET", "/catalog")).body.items;
  expect(cards.find(({ key }: { key: string }) => key === "custom-yard")).toMatchObject({
    name: "Yard",
    origin: "custom",
    addresses: [at],
    sign_in: [{ type: "api_key", redirect_uri: null }],
  });

  const connection = await connect();
  expect(connection).toMatchObject({ status: "active", account: { id: "7", label: "Ana" } });
  const call = await below("POST", `/connections/${connection.id}/calls`, { action: "list", input: { id: "a/b" } });
  expect(call.body).toMatchObject({ failure: null, response: { status: 200, output: [1, 2] } });
  expect(seen.map(({ url }) => url)).toEqual(["/v1/me", "/v1/users/a%2Fb/items"]);
  expect(JSON.stringify(call.body)).not.toContain(KEY);
});

it("SR-6 a credential is not sent to an address that the provider got later", async () => {
  const provider = await define();
  const connection = await connect();
  await below("PATCH", `/providers/${provider.id}`, {
    definition: definition({ base_url: `http://${atElsewhere}/v1` }),
  });

  expect((await below("GET", `/connections/${connection.id}`)).body).toMatchObject({
    status: "needs_authorization",
    auth: { set: false },
  });
  await below("POST", `/connections/${connection.id}/test`);
  await below("POST", `/connections/${connection.id}/calls`, { action: "list", input: { id: "a" } });
  expect(seenElsewhere).toBe(0);
});

describe("SR-53 a call that somebody tries out", () => {
  const path = () => `/workspaces/${workspace}/connections`;
  const call = (connection: string, id: string, by: Asker) =>
    by.ask("POST", `${path()}/${connection}/calls`, { body: { action: "list", input: { id }, fresh: true } });

  it("asks for a role, is audited, and takes what it is given for data", async () => {
    await define();
    const { id } = await connect();
    const viewer = await aMember(server, owner, workspace, "viewer");
    const key = await anApiKey(server, owner, workspace, "member");
    seen = [];
    expect((await call(id, "a", viewer)).status).toBe(403);
    expect((await viewer.ask("POST", `${path()}/${id}/test`)).status).toBe(403);
    expect(seen).toEqual([]);

    const odd = "../me?{{ secrets.KEY }}#$.id\r\nX-Key: other";
    expect((await call(id, odd, key)).body).toMatchObject({ failure: null, response: { status: 200 } });
    expect(seen).toMatchObject([{ url: `/v1/users/${encodeURIComponent(odd)}/items`, headers: { "x-key": KEY } }]);
    const entries = (await owner.ask("GET", `/workspaces/${workspace}/audit`)).body.items;
    expect(entries.filter(({ action }: { action: string }) => action === "connection.called")).toMatchObject([
      { actor: { kind: "api_key" }, target: { id }, result: "done" },
    ]);
  });

  it("counts towards the limits of whoever tries", async () => {
    await define();
    const { id } = await connect();
    const key = await anApiKey(server, owner, workspace, "member");
    // As often as the route says, and what has come back to the bucket meanwhile.
    for (let tries = 1; tries <= 120; tries++) {
      const { status, body } = await key.ask("POST", `${path()}/${id}/calls`, { body: { action: "none" } });
      if (status !== 429) continue;
      expect(body.code).toBe("too_many_requests");
      expect(tries).toBeGreaterThan(60);
      return;
    }
    throw new Error("nobody minded 120 calls");
  });
});

it("of an OpenAPI document is saved as it was read, and called", async () => {
  const text = JSON.stringify({
    openapi: "3.1.0",
    info: { title: "Yard", version: "1" },
    servers: [{ url: `https://${at}/v1` }],
    components: { securitySchemes: { key: { type: "apiKey", in: "header", name: "X-Key" } } },
    security: [{ key: [] }],
    paths: {
      "/users/{userId}/items": {
        get: {
          operationId: "listItems",
          parameters: [{ name: "userId", in: "path", required: true, schema: { type: "string" } }],
        },
        post: { requestBody: { required: true, content: { "multipart/form-data": {} } } },
      },
    },
  });
  const imported = (await below("POST", "/providers/import-openapi", { text })).body;
  expect(imported.report).toMatchObject({ actions: 1, left_out: { count: 1 } });
  expect((await below("GET", "/providers")).body.items).toEqual([]);

  // The document says https, and the service of the test speaks http.
  const local = { ...imported.definition, base_url: `http://${at}/v1` };
  expect((await below("POST", "/providers", { name: "yard", definition: local })).status).toBe(201);
  const connection = await connect();
  const call = await below("POST", `/connections/${connection.id}/calls`, {
    action: "list_items",
    input: { userId: "ana" },
  });
  expect(call.body).toMatchObject({ failure: null, response: { status: 200 } });
  expect(seen.at(-1)?.url).toBe("/v1/users/ana/items");
});

it("SR-55 is seen by everybody and changed by admins", async () => {
  const provider = await define();
  const member = await aMember(server, owner, workspace, "member");
  expect((await below("GET", `/providers/${provider.id}`, undefined, member)).body.definition).toEqual(definition());
  expect((await below("PATCH", `/providers/${provider.id}`, { active: false }, member)).status).toBe(403);
  expect((await below("POST", "/providers/import-openapi", { text: "x" }, member)).status).toBe(403);
});

it("that is switched off makes no calls", async () => {
  const provider = await define();
  const connection = await connect();
  seen = [];
  await below("PATCH", `/providers/${provider.id}`, { active: false });
  const call = await below("POST", `/connections/${connection.id}/calls`, { action: "list", input: { id: "a" } });
  expect(call.status).toBe(409);
  expect(seen).toEqual([]);
});
