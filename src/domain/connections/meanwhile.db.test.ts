// What happens while a test is on its way, and what a test could not find out.
import type { ServerResponse } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "../../../test/support/database.ts";
import { aCalledShop, json } from "./calls/testing/a-called-shop.ts";
import { disconnectConnection } from "./disconnect-connection.ts";
import { checkIfDue } from "./health/check-due.ts";
import { noteWorking } from "./health/note-health.ts";
import { openConnection } from "./open-connection.ts";
import { getCard } from "./read-cards.ts";
import { setCredential } from "./set-credential.ts";
import { testConnection } from "./test-connection.ts";
import { updateConnection } from "./update-connection.ts";

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.close());

async function here() {
  const shop = await aCalledShop(db.database);
  const { deps, caller, connection, workspace } = shop;
  const inWorkspace = <T>(work: Parameters<typeof db.database.asWorkspace<T>>[1]) =>
    db.database.asWorkspace({ workspace }, work);
  const isAccount = (id: string) => shop.answers((_, reply) => json(reply, 200, { id }));
  isAccount("ana");
  expect(await testConnection(deps, caller, connection)).toMatchObject({ ok: true, account: { id: "ana" } });
  return {
    ...shop,
    inWorkspace,
    isAccount,
    isDown: () => shop.answers((_, reply) => json(reply, 503, {}, { "retry-after": "3600" })),
    /** The next request of a test is held until the answer is given. */
    hold(): Promise<ServerResponse> {
      const { promise, resolve } = Promise.withResolvers<ServerResponse>();
      shop.answers((_, reply) => resolve(reply));
      return promise;
    },
    card: () => getCard(deps, workspace, connection),
    enter: (key: string) => setCredential(deps, caller, connection, { credential: { key }, otherAccount: false }),
    letCheckBeDue: () => inWorkspace((tx) => tx.sql`update connections set check_at = clock_timestamp()`),
    addSync: () =>
      inWorkspace(
        (tx) => tx.sql`
        insert into syncs (workspace_id, connection_id, name, drive_id)
        values (${workspace}, ${connection}, 'Drawings', 'top')`,
      ),
  };
}

describe.each([
  ["a test that a person asked for", "person"],
  ["a test on a schedule", "schedule"],
  ["a test of another config", "change"],
])("SR-96 %s", (_, way) => {
  async function test(shop: Awaited<ReturnType<typeof here>>): Promise<unknown> {
    const { deps, caller, connection, workspace } = shop;
    if (way === "person") return testConnection(deps, caller, connection);
    if (way === "change") return updateConnection(deps, caller, connection, { config: {} });
    await shop.letCheckBeDue();
    return checkIfDue(deps, workspace, connection, caller.signal);
  }

  it("does not bring a connection back that was disconnected meanwhile", async () => {
    const shop = await here();
    const { deps, caller, connection } = shop;
    // Another config than the stored one, which the provider reads as the same.
    if (way === "change") await shop.inWorkspace((tx) => tx.sql`update connections set config = '{"old": 1}'`);
    const asked = shop.hold();
    const testing = test(shop);
    const reply = await asked;
    await disconnectConnection(deps, caller, connection).catch(() => {});
    json(reply, 200, { id: "ana" });
    await testing;
    expect(await shop.card()).toMatchObject({ status: "inactive", mend: "enter_credential", nextCheckAt: undefined });
  });

  it("says nothing about a credential that was entered meanwhile", async () => {
    const shop = await here();
    if (way === "change") await shop.inWorkspace((tx) => tx.sql`update connections set config = '{"old": 1}'`);
    const asked = shop.hold();
    const testing = test(shop);
    const reply = await asked;
    await shop.inWorkspace((tx) => tx.sql`update credentials set version = version + 1`);
    shop.answers((_, next) => json(next, 401, {}));
    json(reply, 401, {});
    await testing;
    expect(await shop.card()).toMatchObject({ status: "active", failure: undefined });
  });
});

describe("SR-42 whose account it is", () => {
  it("has to be known before a credential takes the place of one that is pinned", async () => {
    const shop = await here();
    shop.isDown();
    await expect(shop.enter("key-of-ben")).rejects.toMatchObject({ code: "provider_failed" });
    shop.isAccount("ana");
    expect(await testConnection(shop.deps, shop.caller, shop.connection)).toMatchObject({ ok: true });
    expect(shop.seen.at(-1)?.headers["x-api-key"]).not.toBe("key-of-ben");
    // Without syncs, and with an answer, it is as before.
    expect(await shop.enter("key-of-ana")).toMatchObject({ status: "active" });
  });

  it("has to be known before syncs go on with another config", async () => {
    const shop = await here();
    const { deps, caller, connection } = shop;
    await shop.addSync();
    await shop.inWorkspace((tx) => tx.sql`update connections set config = '{"old": 1}'`);
    shop.isDown();
    const changed = () => updateConnection(deps, caller, connection, { config: {} });
    await expect(changed()).rejects.toMatchObject({ code: "connection_in_use" });
    shop.isAccount("ana");
    expect(await changed()).toMatchObject({ status: "active" });
  });

  it("keeps everybody from working with a connection that leads to another one", async () => {
    const shop = await here();
    const { deps, caller, connection, workspace } = shop;
    const open = () =>
      openConnection(deps, workspace, connection, { use: { actor: "system", purpose: "sync" }, signal: caller.signal });
    await open();

    shop.isAccount("ben");
    expect(await testConnection(deps, caller, connection)).toMatchObject({ ok: false });
    await expect(open()).rejects.toMatchObject({ code: "connection_not_active" });
    // A run that had begun before ends well, and changes nothing about that.
    await shop.inWorkspace((tx) => noteWorking(tx, connection));
    expect(await shop.card()).toMatchObject({ status: "error", account: { id: "ana" } });
    await expect(open()).rejects.toMatchObject({ code: "connection_not_active" });

    shop.isAccount("ana");
    expect(await testConnection(deps, caller, connection)).toMatchObject({ ok: true });
    await open();
  });
});
