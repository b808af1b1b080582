import type pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CallId } from "#core/ids.ts";
import { type TestDatabase, testDatabase } from "../../../../test/support/database.ts";
import { deleteConnection } from "../delete-connection.ts";
import { testConnection } from "../test-connection.ts";
import { listActions } from "./list-actions.ts";
import { getCall, listCalls } from "./read-calls.ts";
import { aCalledShop, apiKey, json, shopSecret } from "./testing/a-called-shop.ts";

let db: TestDatabase;
let superuser: pg.Client;
beforeAll(async () => {
  db = await testDatabase();
  superuser = await db.superuser();
});
afterAll(() => db.close());

const get = (path: string) => ({ request: { method: "GET" as const, path, query: {}, headers: {} } });
const orders = { action: "list_orders", input: { shop: "a/b", since: "yesterday & today" } };
const audited = async (workspace: string) =>
  (
    await superuser.query(
      "select action, result, after from hawser.audit_entries where workspace_id = $1 and action = 'connection.called' order by sequence",
      [workspace],
    )
  ).rows;

describe("a request that is written by hand", () => {
  it("is signed, and shown as it was sent but for the credential", async () => {
    const shop = await aCalledShop(db.database);
    shop.answers((_, reply) => json(reply, 200, { name: "Ana" }, { "x-request-id": "7", "set-cookie": "s=1" }));

    const made = await shop.call({
      request: {
        method: "POST",
        path: "/users?full=yes",
        query: { q: "a b" },
        headers: { "X-Note": "hello" },
        body: { json: { name: "Ana" } },
      },
    });

    expect(made).toMatchObject({
      action: undefined,
      actor: "Ana",
      failure: undefined,
      cached: false,
      request: {
        method: "POST",
        url: `${shop.origin}/v1/users?full=yes&q=a%20b`,
        headers: { "x-note": "hello", "x-api-key": "[secret]" },
        body: { kind: "json", value: { name: "Ana" } },
      },
      response: {
        status: 200,
        bytes: 14,
        mediaType: "application/json",
        body: { kind: "json", value: { name: "Ana" } },
      },
      attempts: [{ status: 200, waitMs: undefined }],
    });
    expect(made.response?.headers).toMatchObject({ "x-request-id": "7" });
    expect(made.response?.headers).not.toHaveProperty("set-cookie");
    expect(shop.seen).toMatchObject([{ method: "POST", url: "/v1/users?full=yes&q=a%20b", body: '{"name":"Ana"}' }]);
    expect(shop.seen[0]?.headers["x-api-key"]).toBeTruthy();
  });

  it("SR-15 goes nowhere but below the base address", async () => {
    const shop = await aCalledShop(db.database);

    for (const path of ["//evil.example", "/../../admin", "https://evil.example/", "/%2e%2e/%2e%2e/x", "\\\\evil"]) {
      await expect(shop.call(get(path)), path).rejects.toMatchObject({
        code: "invalid_request",
        errors: [{ pointer: "/request/path" }],
      });
    }
    expect(shop.connections()).toBe(0);
  });

  it("SR-76 is audited by its path, without a secret that somebody has written into it", async () => {
    const { call, workspace, seen } = await aCalledShop(db.database);
    await call(get(`/bot${encodeURIComponent(apiKey)}/me?x=1`));
    expect(seen[0]?.url).toContain(encodeURIComponent(apiKey));
    expect(await audited(workspace)).toMatchObject([{ after: { path: "/v1/bot[secret]/me" } }]);
  });

  it("needs either an action or a request, and an action that is there", async () => {
    const shop = await aCalledShop(db.database);

    for (const wanted of [{}, { ...get("/"), action: "list_orders" }, { action: "nothing" }]) {
      await expect(shop.call(wanted)).rejects.toMatchObject({ errors: [{ pointer: "/action" }] });
    }
  });
});

describe("an action", () => {
  it("puts its input where it belongs and maps the answer", async () => {
    const shop = await aCalledShop(db.database);

    const made = await shop.call(orders);

    expect(made).toMatchObject({ action: "list_orders", response: { output: { ids: [1] } }, failure: undefined });
    expect(shop.seen[0]?.url).toMatch(/^\/v1\/shops\/a%2Fb\/orders\?since=yesterday/);
    const { base, actions } = await listActions(shop.deps, shop.workspace, shop.connection);
    expect(base).toBe(`${shop.origin}/v1`);
    expect(actions[0]).toMatchObject({ key: "list_orders", method: "GET", effect: "reads", cacheSeconds: 60 });
  });

  it("points at what is wrong in its input, and sends nothing", async () => {
    const shop = await aCalledShop(db.database);

    for (const input of [{}, { shop: 1 }, { shop: "a", other: 1 }]) {
      const taken = shop.call({ action: "list_orders", input });
      await expect(taken).rejects.toMatchObject({
        code: "invalid_request",
        errors: [{ pointer: expect.stringMatching(/^\/input/) }],
      });
    }
    expect(shop.seen).toEqual([]);
  });

  it("SR-25 sends secrets and shows none, whatever form the other side echoes them in", async () => {
    const shop = await aCalledShop(db.database);
    shop.answers((request, reply, body) =>
      json(
        reply,
        200,
        {
          body: JSON.parse(body),
          text: body,
          url: request.url,
          key: request.headers["x-api-key"],
          basic: Buffer.from(`x:${shopSecret}`).toString("base64"),
          form: new URLSearchParams({ a: shopSecret }).toString(),
          [shopSecret]: 1,
        },
        { "x-echo": encodeURIComponent(shopSecret), "x-shop": String(request.headers["x-shop"]) },
      ),
    );

    const made = await shop.call({ action: "add_order", input: { title: "Boiler" } });

    expect(JSON.parse(shop.seen[0]?.body ?? "")).toEqual({ title: "Boiler", secret: shopSecret });
    expect(made).toMatchObject({
      failure: undefined,
      request: {
        url: `${shop.origin}/v1/orders?sig=[secret]`,
        headers: { "x-shop": "shop [secret]" },
        body: { kind: "json", value: { title: "Boiler", secret: "[secret]" } },
      },
      response: { body: { value: { body: { title: "Boiler", secret: "[secret]" }, basic: expect.any(String) } } },
    });
    expectNoSecret(made);
    expectNoSecret((await superuser.query("select to_jsonb(c) as c from hawser.action_calls c")).rows);
    expectNoSecret((await superuser.query("select to_jsonb(a) as a from hawser.audit_entries a")).rows);
  });

  it("SR-6 keeps a secret from an origin that is not its own: not a byte is sent", async () => {
    const shop = await aCalledShop(db.database);

    const made = await shop.call({ action: "leak" });

    expect(made).toMatchObject({ response: undefined, failure: { kind: "rejected" }, attempts: [] });
    expect(shop.connections()).toBe(0);
    expect(await audited(shop.workspace)).toMatchObject([{ result: "failed", after: { action: "leak" } }]);
  });

  it("tells the failure that the provider's own words mean, also with status 200", async () => {
    const shop = await aCalledShop(db.database);
    shop.answers((_, reply) => json(reply, 200, { ok: false, message: `no ${shopSecret}` }));
    expect(await shop.call({ action: "add_order" })).toMatchObject({
      response: { status: 200 },
      failure: { kind: "rejected", message: "Shop: no [secret]" },
    });

    shop.answers((_, reply) => json(reply, 404, {}));
    expect(await shop.call(orders)).toMatchObject({ response: { status: 404 }, failure: { kind: "not-found" } });
  });
});

describe("SR-65 kept answers", () => {
  it("are given again for the same request of the same action, and to nobody else", async () => {
    const shop = await aCalledShop(db.database);

    expect(await shop.call(orders)).toMatchObject({ cached: false });
    const again = await shop.call(orders);
    expect(again).toMatchObject({ cached: true, attempts: [], response: { output: { ids: [1] } } });
    expect(shop.seen.length).toBe(1);

    expect(await shop.call({ ...orders, fresh: true })).toMatchObject({ cached: false });
    expect(await shop.call({ action: "list_orders", input: { shop: "c" } })).toMatchObject({ cached: false });
    await shop.deps.database.asWorkspace(
      { workspace: shop.workspace },
      (tx) => tx.sql`update credentials set version = version + 1`,
    );
    expect(await shop.call(orders)).toMatchObject({ cached: false });
    expect(shop.seen.length).toBe(4);
  });

  it("are answers of success only, and end with their time", async () => {
    const shop = await aCalledShop(db.database);
    shop.answers((_, reply) => json(reply, 403, {}));
    await shop.call(orders);
    shop.answers((_, reply) => json(reply, 200, { ok: false }));
    await shop.call(orders);
    shop.answers((_, reply) => json(reply, 200, { items: [] }));
    expect(await shop.call(orders)).toMatchObject({ cached: false });

    await superuser.query("update hawser.action_cache set expires_at = now() - interval '1 second'");
    expect(await shop.call(orders)).toMatchObject({ cached: false });
    expect(shop.seen.length).toBe(4);
  });
});

describe("what is kept", () => {
  const keptOf = async (connection: string) =>
    (
      await superuser.query(
        `select (select count(*)::int from hawser.action_cache where connection_id = $1) as answers,
                (select count(*)::int from hawser.action_calls where connection_id = $1) as calls`,
        [connection],
      )
    ).rows[0];

  it("is at most 500 answers of a connection, however many different ones it is asked for, and no large ones", async () => {
    const shop = await aCalledShop(db.database);
    await shop.call(orders);
    await superuser.query(
      `insert into hawser.action_cache (workspace_id, connection_id, credential_version, request_hash, action, response,
              stored_at, expires_at)
       select workspace_id, connection_id, 'x', decode(md5(n::text), 'hex'), action, response,
              stored_at - make_interval(secs => n), expires_at from hawser.action_cache, generate_series(1, 600) n
        where connection_id = $1`,
      [shop.connection],
    );
    await shop.call({ action: "list_orders", input: { shop: "c" } });
    expect((await keptOf(shop.connection)).answers).toBe(500);
    expect(await shop.call(orders)).toMatchObject({ cached: true });

    shop.answers((_, reply) => json(reply, 200, { items: [{ id: "x".repeat(150_000) }] }));
    const large = { action: "list_orders", input: { shop: "large" } };
    await shop.call(large);
    expect(await shop.call(large)).toMatchObject({ cached: false });
  });

  it("goes when its time is over, also where nobody calls any more, and with its connection", async () => {
    const shop = await aCalledShop(db.database);
    const { deps, caller, connection } = shop;
    await shop.call(orders);
    await shop.call(get("/me"));
    expect(await keptOf(connection)).toEqual({ answers: 1, calls: 2 });
    await superuser.query(
      `update hawser.action_calls set at = at - interval '31 days' where connection_id = $1 and action is not null`,
      [connection],
    );
    await superuser.query("update hawser.action_cache set expires_at = now() where connection_id = $1", [connection]);
    await testConnection(deps, caller, connection);
    expect(await keptOf(connection)).toEqual({ answers: 0, calls: 1 });

    await shop.call(orders);
    await deleteConnection(deps, caller, connection);
    expect(await keptOf(connection)).toEqual({ answers: 0, calls: 0 });
  });
});

describe("a call that does not go well", () => {
  it("tells what was tried again and why", async () => {
    const shop = await aCalledShop(db.database);
    let asked = 0;
    shop.answers((_, reply) => json(reply, ++asked < 2 ? 503 : 200, {}));

    const made = await shop.call(get("/flaky"));

    expect(made).toMatchObject({
      failure: undefined,
      attempts: [{ status: 503, waitMs: expect.any(Number) }, { status: 200 }],
    });
  });

  it("SR-81 is uncertain where a change was on its way, and is not sent twice", async () => {
    const shop = await aCalledShop(db.database);
    shop.answers((request) => void request.socket.destroy());

    const made = await shop.call({ request: { method: "POST", path: "/orders", query: {}, headers: {} } });

    expect(made).toMatchObject({
      response: undefined,
      failure: { kind: "uncertain" },
      attempts: [{ status: undefined }],
    });
    expect(shop.seen.length).toBe(1);
  });

  it("is kept and audited, though whoever asked has gone away", async () => {
    const shop = await aCalledShop(db.database);
    const leaving = new AbortController();
    shop.caller.signal = leaving.signal;
    shop.answers(() => leaving.abort());

    const made = await shop.call(get("/slow"));

    expect(made).toMatchObject({ response: undefined, failure: { message: expect.stringContaining("went away") } });
    expect(await audited(shop.workspace)).toMatchObject([{ result: "failed" }]);
  });

  it("says that there is no credential", async () => {
    const shop = await aCalledShop(db.database);
    await shop.deps.database.asWorkspace({ workspace: shop.workspace }, (tx) => tx.sql`delete from credentials`);

    expect(await shop.call(get("/me"))).toMatchObject({ response: undefined, failure: { kind: "reauthorize" } });
    expect(shop.connections()).toBe(0);
  });
});

describe("SR-75 what is kept of calls", () => {
  it("is at most 64 KiB of each side, however large the bodies are", async () => {
    const shop = await aCalledShop(db.database);
    const large = "é".repeat(200_000);
    shop.answers((_, reply) => json(reply, 200, { large }, { "x-long": "h".repeat(9_000) }));
    const request = { method: "POST" as const, path: "/x", query: {}, headers: {}, body: { json: { large } } };

    const made = await shop.call({ request });

    expect(made.response?.body).toMatchObject({ kind: "json" });
    const kept = await getCall(shop.deps, shop.workspace, made.id);
    expect(Buffer.byteLength(JSON.stringify(kept.request))).toBeLessThanOrEqual(65_536);
    expect(Buffer.byteLength(JSON.stringify(kept.response))).toBeLessThanOrEqual(65_536);
    expect(kept.response).toMatchObject({ status: 200, body: { kind: "text", cut: true } });
  });

  it("tells binary bodies by type and length, and empty ones", async () => {
    const shop = await aCalledShop(db.database);
    shop.answers((_, reply) => reply.writeHead(200, { "content-type": "image/png" }).end(Buffer.from([0x89, 0, 0xff])));
    expect((await shop.call(get("/a"))).response?.body).toEqual({ kind: "binary", note: "3 bytes of image/png" });
    shop.answers((_, reply) => reply.writeHead(204).end());
    expect((await shop.call(get("/b"))).response).toMatchObject({ status: 204, body: { kind: "none" } });
  });

  it("keeps NUL, half characters and JSON that is none from doing harm", async () => {
    const shop = await aCalledShop(db.database);
    for (const text of ['{"a\\u0000":"\\ud800"}', '{"a": [', "[".repeat(1000), "\ufeff{}", '"\0"']) {
      shop.answers((_, reply) => reply.writeHead(200, { "content-type": "application/json" }).end(text));
      const made = await shop.call(get("/odd"));
      expect((await getCall(shop.deps, shop.workspace, made.id)).response?.status).toBe(200);
    }
  });

  it("is the newest 500 of a connection, listed newest first by pages", async () => {
    const shop = await aCalledShop(db.database);
    await superuser.query(
      `insert into hawser.action_calls (workspace_id, id, connection_id, at, actor_kind, actor_label, request, took_ms)
       select $1::uuid, gen_random_uuid(), $2::uuid, now() - make_interval(secs => n), 'user', 'Ana', '{}'::jsonb, 1 from generate_series(1, 510) n
       union all select $1::uuid, gen_random_uuid(), $2::uuid, now() - interval '31 days', 'user', 'Ana', '{}'::jsonb, 1`,
      [shop.workspace, shop.connection],
    );

    const made = await shop.call(get("/me"));

    const ids: CallId[] = [];
    let cursor: string | undefined;
    do {
      const page = await listCalls(shop.deps, shop.workspace, shop.connection, { limit: 200, cursor });
      ids.push(...page.items.map(({ id }) => id));
      cursor = page.next;
    } while (cursor !== undefined);
    expect([ids.length, new Set(ids).size, ids[0]]).toEqual([500, 500, made.id]);
  });
});

it("SR-56 calls of another workspace are not there", async () => {
  const [mine, theirs] = [await aCalledShop(db.database), await aCalledShop(db.database)];
  const { id } = await theirs.call(get("/me"));

  await expect(getCall(mine.deps, mine.workspace, id)).rejects.toMatchObject({ code: "not_found" });
  await expect(listCalls(mine.deps, mine.workspace, theirs.connection, { limit: 1 })).rejects.toMatchObject({
    code: "not_found",
  });
});

function expectNoSecret(value: unknown): void {
  const text = JSON.stringify(value);
  for (const secret of [shopSecret, apiKey]) {
    for (const form of [
      secret,
      JSON.stringify(secret).slice(1, -1),
      encodeURIComponent(secret),
      new URLSearchParams({ "": secret }).toString().slice(1),
      Buffer.from(secret).toString("base64").slice(0, -4),
      "canary",
    ]) {
      expect(text).not.toContain(form);
    }
  }
}
