import { afterAll, beforeAll, expect, it } from "vitest";
import { type ConnectionId, newId } from "#core/ids.ts";
import { type TestDatabase, testDatabase } from "../../../../test/support/database.ts";
import { lockConnection } from "../queries.ts";
import { eraseAccess } from "./erase.ts";
import { revoke } from "./revoke.ts";
import { type AGrant, aGrant, processOf } from "./testing/a-grant.ts";
import { tokenServer } from "./testing/token-server.ts";

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
});
afterAll(() => test.close());

const revocations = ({ workspace }: AGrant) =>
  test.database.asWorkspace(
    { workspace },
    (tx) => tx.sql<{ id: string; attempts: number; in_s: number }>`
      select id, attempts, extract(epoch from next_at - clock_timestamp())::float8 as in_s from revocations`,
  );

async function aDisconnected() {
  const server = await tokenServer();
  const deps = processOf(test.database, server);
  const granted = await aGrant(deps, server);
  const disconnect = () =>
    test.database.asWorkspace(granted, async (tx) => {
      const connection = await lockConnection(tx, granted.connection);
      if (connection) await eraseAccess(tx, deps, connection, { revoke: true });
    });
  const work = async () => {
    for (const { id } of await revocations(granted)) await revoke(deps, granted.workspace, id);
  };
  const letBeDue = (ageDays = 0) =>
    test.database.asWorkspace(
      granted,
      (tx) => tx.sql`
        update revocations
           set next_at = clock_timestamp(), created_at = created_at - make_interval(days => ${ageDays})`,
    );
  return { server, granted, disconnect, work, letBeDue };
}

it("SR-11 erases at once, and tells the provider of the refresh token once", async () => {
  const { server, granted, disconnect, work } = await aDisconnected();
  await disconnect();
  const left = await test.database.asWorkspace(granted, (tx) => tx.sql`select 1 as one from token_sets`);
  expect([left, server.revoked]).toEqual([[], []]);
  await work();
  await work();
  expect(server.revoked).toEqual([granted.grant.refreshToken]);
  expect(await revocations(granted)).toEqual([]);
});

it("SR-11 tries again while the provider is down, with growing pauses, and gives up after a week with a word", async () => {
  const { server, granted, disconnect, work, letBeDue } = await aDisconnected();
  await disconnect();
  server.next({ status: 503, headers: { "retry-after": "60" } }, { status: 503 }, { status: 503 });
  await work();
  const [first] = await revocations(granted);
  expect(first?.attempts).toBe(1);
  expect(first?.in_s).toBeGreaterThan(50);
  await work();
  expect((await revocations(granted))[0]?.attempts).toBe(1);
  await letBeDue();
  await work();
  expect((await revocations(granted))[0]?.attempts).toBe(2);
  await letBeDue(8);
  await work();
  expect(await revocations(granted)).toEqual([]);
  const [entry] = await test.database.asWorkspace(
    granted,
    (tx) => tx.sql<{ action: string }>`select action from audit_entries`,
  );
  expect(entry?.action).toBe("connection.revocation_given_up");
  expect(server.revoked).toEqual([]);
});

it("takes a token that the provider no longer knows for revoked", async () => {
  const { server, granted, disconnect, work } = await aDisconnected();
  await disconnect();
  server.next({ status: 400, body: { error: "invalid_token" } });
  await work();
  expect(await revocations(granted)).toEqual([]);
});

it("revokes nothing that another connection of the same account lives on", async () => {
  const { server, granted, disconnect, work } = await aDisconnected();
  const other = newId<ConnectionId>();
  await test.database.asWorkspace(granted, async (tx) => {
    await tx.sql`
      insert into connections (workspace_id, id, provider, name, status, account_id, account_label)
      values (${granted.workspace}, ${other}, 'shop', 'Again', 'active', ${granted.grant.id}, 'Ana')`;
    await tx.sql`
      insert into token_sets (workspace_id, connection_id, access_token, token_url, origins)
      values (${granted.workspace}, ${other}, 'v1.x.y.z', 'https://t.test', '{}')`;
  });
  await disconnect();
  await work();
  expect(server.revoked).toEqual([]);
});
