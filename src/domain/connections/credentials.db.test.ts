// Credentials that people enter, against a pretend API with two addresses, each with the keys of two accounts.
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { z } from "zod";
import type { ConnectionId } from "#core/ids.ts";
import { type Loopback, serve } from "#outbound/testing/loopback.ts";
import type { Provider } from "#provider-kit/provider.ts";
import { type TestDatabase, testDatabase } from "../../../test/support/database.ts";
import { createConnection } from "./create-connection.ts";
import { deleteConnection } from "./delete-connection.ts";
import { disconnectConnection } from "./disconnect-connection.ts";
import { getCard } from "./read-cards.ts";
import { setCredential } from "./set-credential.ts";
import { testConfig, testConnection } from "./test-connection.ts";
import { aWorkspace } from "./testing/a-workspace.ts";
import { connectionDeps } from "./testing/connection-deps.ts";
import { updateConnection } from "./update-connection.ts";

let db: TestDatabase;
let here: Loopback;
let there: Loopback;
/** Keys that each of the two has got, in order. */
let got: { here: string[]; there: string[] };
const ends: (() => Promise<void>)[] = [];

beforeAll(async () => {
  db = await testDatabase();
});
afterAll(async () => {
  await Promise.all(ends.map((end) => end()));
  await db.close();
});
beforeEach(async () => {
  got = { here: [], there: [] };
  const api = (keys: string[]) =>
    serve((request, reply) => {
      const key = String(request.headers["x-key"] ?? request.headers.authorization ?? "");
      keys.push(key);
      const account = /(ana|ben)$/.exec(key)?.[1];
      reply.writeHead(account ? 200 : 401, { "content-type": "application/json" });
      reply.end(JSON.stringify({ id: account }));
    });
  here = await api(got.here);
  there = await api(got.there);
});

const shape = z.strictObject({ at: z.string(), path: z.string().default("/me") });
const shop: Provider<z.output<typeof shape>> = {
  key: "shop",
  name: "Shop",
  description: "",
  category: "custom",
  glyph: { letters: "Sh", hue: "teal" },
  config: { parse: (config) => shape.parse(config), jsonSchema: {} },
  addresses: ({ at }) => [at],
  auth: () => [
    { type: "api_key", label: "Key", place: { header: "X-Key" } },
    { type: "bearer", label: "Token" },
  ],
  async check({ http, config }) {
    const me = await http.json({ url: config.path }, z.object({ id: z.string() }));
    return { id: me.id, label: me.id };
  },
};

async function aShop() {
  const made = await aWorkspace(db.database);
  ends.push(made.end);
  const exceptions = [here, there].map(({ port }) => `127.0.0.1:${port}`);
  const deps = connectionDeps(db.database, { providers: [shop], exceptions });
  const { caller, workspace } = made;
  const wanted = { provider: "shop", name: "Shop", config: { at: here.origin }, tags: [] };
  return {
    ...made,
    deps,
    connect: (more: Partial<Parameters<typeof createConnection>[2]> = {}) =>
      createConnection(deps, caller, { ...wanted, ...more }),
    card: (id: ConnectionId) => getCard(deps, workspace, id),
    enter: (id: ConnectionId, key: string, otherAccount = false) =>
      setCredential(deps, caller, id, { credential: { key }, otherAccount }),
    addSync: (id: ConnectionId) =>
      db.database.asWorkspace(
        { workspace },
        (tx) => tx.sql`
        insert into syncs (workspace_id, connection_id, name, drive_id) values (${workspace}, ${id}, 'Drawings', 'top')`,
      ),
    stored: (id: ConnectionId) =>
      db.database.asWorkspace(
        { workspace },
        (tx) =>
          tx.sql<{ text: string; origins: string[] }>`
        select sealed::text as text, origins from credentials where connection_id = ${id}`,
      ),
  };
}

it("SR-1 SR-7 seals what is entered, tests with it, and shows no more than a fingerprint", async () => {
  const { connect, stored } = await aShop();

  const made = await connect({ credential: { key: "key-of-ana" } });

  expect(made).toMatchObject({
    status: "active",
    account: { id: "ana" },
    mend: "none",
    signIn: { type: "api_key", set: true, fingerprint: expect.stringMatching(/^[\w-]{12}$/) },
    life: undefined,
    nextCheckAt: expect.any(Date),
  });
  expect(JSON.stringify(made)).not.toContain("key-of-ana");
  const [row] = await stored(made.id);
  expect(row?.text).not.toContain("key-of-ana");
  expect(row?.origins).toEqual([here.origin]);
  expect(got.here).toEqual(["key-of-ana"]);
});

it("begins inactive while nothing is entered, and a test says so without changing that", async () => {
  const { connect, deps, caller, card } = await aShop();

  const made = await connect();
  const tested = await testConnection(deps, caller, made.id);

  expect(made).toMatchObject({ status: "inactive", mend: "enter_credential", signIn: { set: false } });
  expect(tested).toMatchObject({ ok: false, failure: { kind: "reauthorize" } });
  expect(await card(made.id)).toMatchObject({ status: "inactive" });
  expect(got.here).toEqual([]);
});

it("keeps a new connection whose credential is refused, with the cause, and takes a better one", async () => {
  const { connect, enter } = await aShop();

  const made = await connect({ credential: { key: "wrong" } });

  expect(made).toMatchObject({ status: "needs_authorization", mend: "enter_credential", signIn: { set: true } });
  expect(await enter(made.id, "key-of-ana")).toMatchObject({ status: "active", account: { id: "ana" } });
});

it("replaces no credential that works by one that is refused", async () => {
  const { connect, enter, deps, caller, stored } = await aShop();
  const { id } = await connect({ credential: { key: "key-of-ana" } });
  const before = await stored(id);

  await expect(enter(id, "wrong")).rejects.toMatchObject({
    code: "invalid_request",
    errors: [{ pointer: "/credential", code: "refused" }],
  });
  expect(await stored(id)).toEqual(before);
  expect(await testConnection(deps, caller, id)).toMatchObject({ ok: true });
});

it("SR-42 lets the credential of another account in only on purpose, and while no sync counts on the first", async () => {
  const { connect, enter, addSync, card } = await aShop();
  const { id } = await connect({ credential: { key: "key-of-ana" } });

  await expect(enter(id, "key-of-ben")).rejects.toMatchObject({ code: "conflict" });
  expect(await card(id)).toMatchObject({ account: { id: "ana" } });
  expect(await enter(id, "key-of-ben", true)).toMatchObject({ status: "active", account: { id: "ben" } });

  await addSync(id);
  await expect(enter(id, "key-of-ana", true)).rejects.toMatchObject({ code: "connection_in_use" });
  expect(await card(id)).toMatchObject({ account: { id: "ben" } });
});

it("SR-6 erases the credential when the config leads to another origin, which never sees it", async () => {
  const { connect, deps, caller, enter, stored, audited } = await aShop();
  const { id } = await connect({ credential: { key: "key-of-ana" } });

  const moved = await updateConnection(deps, caller, id, { config: { at: there.origin } });

  expect(moved).toMatchObject({
    status: "needs_authorization",
    mend: "enter_credential",
    signIn: { set: false },
    failure: { message: expect.stringContaining("other addresses") },
  });
  expect(await stored(id)).toEqual([]);
  expect((await audited()).map(({ action }) => action)).toEqual([
    "connection.created",
    "connection.credential_detached",
    "connection.updated",
  ]);
  await testConnection(deps, caller, id);
  expect(got.there).toEqual([]);

  expect(await enter(id, "another-of-ana")).toMatchObject({ status: "active", failure: undefined });
  expect(got.there).toEqual(["another-of-ana"]);
});

it("tests another config of the same origin with the credential that is there", async () => {
  const { connect, deps, caller } = await aShop();
  const { id } = await connect({ credential: { key: "key-of-ana" } });

  const changed = await updateConnection(deps, caller, id, { config: { at: here.origin, path: "/v2/me" } });

  expect(changed).toMatchObject({ status: "active", signIn: { set: true } });
  expect(got.here).toEqual(["key-of-ana", "key-of-ana"]);
});

it("SR-11 disconnecting and deleting leave no ciphertext; account and row stay for a disconnected one", async () => {
  const { connect, deps, caller, stored, enter } = await aShop();
  const { id } = await connect({ credential: { key: "key-of-ana" } });

  expect(await disconnectConnection(deps, caller, id)).toMatchObject({
    status: "inactive",
    account: { id: "ana" },
    nextCheckAt: undefined,
    signIn: { set: false },
  });
  expect(await stored(id)).toEqual([]);

  await enter(id, "key-of-ana");
  await deleteConnection(deps, caller, id);
  expect(await stored(id)).toEqual([]);
});

it("tests values before they are saved, and keeps none of them", async () => {
  const { deps, caller, audited } = await aShop();
  const test = (key: string) =>
    testConfig(deps, caller, { provider: "shop", config: { at: here.origin }, credential: { key } });

  expect(await test("key-of-ana")).toMatchObject({ ok: true, account: { id: "ana" } });
  expect(await test("wrong")).toMatchObject({ ok: false, failure: { kind: "reauthorize" } });
  expect(JSON.stringify(await audited())).not.toContain("key-of");
  const rows = await db.database.asWorkspace(
    { workspace: caller.workspace },
    (tx) => tx.sql`select 1 as one from connections union all select 1 from credentials`,
  );
  expect(rows).toEqual([]);
});

it("signs in as the person chooses, and points at fields that this way does not have", async () => {
  const { connect, deps, caller } = await aShop();

  const made = await connect({ auth: "bearer", credential: { token: "token-of-ana" } });
  expect(made.signIn).toMatchObject({ type: "bearer", set: true });
  expect(got.here).toEqual(["Bearer token-of-ana"]);

  const refused = (more: Parameters<typeof connect>[0]) => expect(connect({ ...more, name: "Other" })).rejects;
  await refused({ auth: "basic" }).toMatchObject({ errors: [{ pointer: "/auth" }] });
  await refused({ credential: { key: "k", tok: "t" } }).toMatchObject({ errors: [{ pointer: "/credential/tok" }] });
  await refused({ credential: {} }).toMatchObject({ errors: [{ pointer: "/credential/key" }] });
  await refused({ sandbox: true }).toMatchObject({ code: "sandbox_off" });
  const changed = await setCredential(deps, caller, made.id, {
    auth: "api_key",
    credential: { key: "key-of-ana" },
    otherAccount: false,
  });
  expect(changed.signIn).toMatchObject({ type: "api_key", set: true });
});
