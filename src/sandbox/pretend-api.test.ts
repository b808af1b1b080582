import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createOutbound, type Outbound } from "#outbound/client.ts";
import { createPolicy } from "#outbound/policy.ts";
import type { CredentialPlace } from "#outbound/sign.ts";
import { requestToken } from "#outbound/token-endpoint.ts";
import { definitionShape } from "#provider-kit/definition/definition.ts";
import { providerFrom } from "#provider-kit/from-definition.ts";
import { importOpenapi } from "#provider-kit/openapi/import-openapi.ts";
import { createProviderHttp } from "#provider-kit/provider-http.ts";
import { Secret } from "#vault/secret.ts";
import { apiClient, apiKey } from "./pretend-api.ts";
import { type OpenSandbox, openSandbox } from "./sandbox.ts";

let sandbox: OpenSandbox;
let outbound: Outbound;

beforeAll(async () => {
  sandbox = await openSandbox({ port: 0, seed: 1 });
  outbound = createOutbound({ policy: createPolicy({ exceptions: [sandbox.hostAndPort] }) });
});
afterAll(async () => {
  await outbound.close("now");
  await sandbox.close();
});

const base = () => `${sandbox.origin}/api/api`;
const me = (headers: Record<string, string>) => fetch(`${base()}/me`, { headers });
const byKey: CredentialPlace = { kind: "header", name: "X-Api-Key" };

describe("the API that is nobody's in particular", () => {
  it("takes a key, a password, or a token, and nobody without one", async () => {
    expect((await me({})).status).toBe(401);
    expect((await me({ "x-api-key": "another" })).status).toBe(401);
    expect((await me({ "x-api-key": apiKey })).status).toBe(200);
    const basic = Buffer.from("ada:sandbox-password").toString("base64");
    expect((await me({ authorization: `Basic ${basic}` })).status).toBe(200);
  });

  it("gives an app a token for its own credentials", async () => {
    const { id, secret } = apiClient;
    const answer = await requestToken(outbound, {
      url: `${sandbox.origin}/api/token`,
      params: { grant_type: "client_credentials", scope: "read" },
      client: { id, secret: new Secret(secret), clientAuth: "basic" },
    });
    expect(answer).toMatchObject({ scopes: ["read"], expiresInS: 3600 });
  });

  it("describes itself: its document is imported, and every action that comes of it can be called", async () => {
    const text = await (await fetch(`${base()}/openapi.json`)).text();
    const { definition, report } = importOpenapi(text);
    expect(report).toMatchObject({ title: "Pretend items", actions: 4, leftOut: { count: 0 } });
    const provider = providerFrom("custom-items", definitionShape.parse({ ...definition, base_url: base() }));
    const signal = AbortSignal.timeout(10_000);
    const http = createProviderHttp({
      provider,
      base: `${base()}/`,
      signal,
      async send(request) {
        const { status, headers, body } = await outbound.send({
          url: request.url,
          method: request.method === "POST" ? "POST" : "GET",
          headers: Object.fromEntries(request.headers),
          ...(request.body && { body: new Uint8Array(await request.arrayBuffer()) }),
          credential: { secret: new Secret(apiKey), place: byKey, origins: [sandbox.origin] },
        });
        return { reply: new Response(body, { status, headers }) };
      },
    });
    const call = { http, config: {}, kept: {}, auth: "api_key" as const, signal, account: { id: "ada", label: "Ada" } };
    const run = (name: string, input: object) => provider.actions?.[name]?.run(call, input, "key");
    const names = Object.keys(provider.actions ?? {});
    expect(names).toHaveLength(4);
    const named = (part: string) => names.find((name) => name.replaceAll(/[_-]/g, "").toLowerCase() === part) ?? part;
    expect(await run(named("whoami"), {})).toMatchObject({ name: "Ada Example" });
    expect(await run(named("listitems"), {})).toMatchObject({ next_cursor: "20" });
    expect(await run(named("getitem"), { id: 3 })).toMatchObject({ title: "Item 3", done: true });
    expect(await run(named("createitem"), { title: "New" })).toMatchObject({ id: 58, title: "New" });
  });

  it("gives its list in pages that end", async () => {
    const ids: number[] = [];
    let cursor: string | null = "0";
    for (let page = 0; cursor !== null && page < 10; page++) {
      const reply: Response = await fetch(`${base()}/items?cursor=${cursor}`, { headers: { "x-api-key": apiKey } });
      const read: { items: { id: number }[]; next_cursor: string | null } = await reply.json();
      ids.push(...read.items.map(({ id }) => id));
      cursor = read.next_cursor;
    }
    expect(ids).toEqual(Array.from({ length: 57 }, (_, at) => at + 1));
  });
});
