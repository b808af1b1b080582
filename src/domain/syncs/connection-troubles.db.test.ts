import { afterAll, beforeAll, expect, it } from "vitest";
import { type AGrant, aGrant, processOf } from "#domain/connections/tokens/testing/a-grant.ts";
import { tokenServer } from "#domain/connections/tokens/testing/token-server.ts";
import { type TestDatabase, testDatabase } from "../../../test/support/database.ts";
import { readHome } from "./home.ts";

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
});
afterAll(() => test.close());

/** What the home page of a workspace says, whose one connection has tokens with such ends. */
async function attentionWith(ends: { refreshInDays?: number; idleInDays?: number }) {
  const server = await tokenServer();
  const deps = processOf(test.database, server);
  const grant = await aGrant(deps, server);
  await endTokens(grant, ends.refreshInDays ?? null, ends.idleInDays ?? null);
  return (await readHome(deps, grant.workspace)).attention;
}

const endTokens = ({ workspace, connection }: AGrant, refresh: number | null, idle: number | null) =>
  test.database.asWorkspace(
    { workspace },
    (tx) => tx.sql`
      update token_sets
         set refresh_expires_at = now() + ${refresh}::int * interval '1 day',
             idle_expires_at = now() + ${idle}::int * interval '1 day'
       where connection_id = ${connection}`,
  );

it("asks a person to sign in again in the week before a sign-in ends for good", async () => {
  const [soon, ...more] = await attentionWith({ refreshInDays: 3 });
  expect(soon).toMatchObject({
    kind: "sign_in_ends",
    title: expect.stringMatching(/^The sign-in of "Shop of Ana" ends on \d/),
  });
  expect(more).toEqual([]);
  expect(await attentionWith({ refreshInDays: 30 })).toEqual([]);
});

it("asks nobody where Hawser itself puts the end off by using the sign-in", async () => {
  expect(await attentionWith({ idleInDays: 3 })).toEqual([]);
  expect(await attentionWith({})).toEqual([]);
});
