import pg from "pg";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { type TestDatabase, testDatabase } from "./database.ts";

let one: TestDatabase;
let other: TestDatabase;
beforeAll(async () => {
  [one, other] = await Promise.all([testDatabase(), testDatabase()]);
});
afterAll(() => Promise.all([one.close(), other.close()]));

it("runs on the server that the project names", async () => {
  const [row] = await one.database.acrossWorkspaces(
    (tx) => tx.sql<{ version: number }>`
    select current_setting('server_version_num')::int / 10000 as version`,
  );

  expect(row?.version).toBe(inject("cluster").major);
});

it("gives each test file a migrated database of its own", async () => {
  const owner = new pg.Client({ connectionString: one.ownerUrl });
  await owner.connect();
  await owner.query("create table hawser.only_here ()");
  await owner.end();

  const seen = await other.database.acrossWorkspaces(
    (tx) => tx.sql<{ migrated: boolean; foreign: boolean }>`
    select to_regclass('hawser.workspaces') is not null as migrated, to_regclass('hawser.only_here') is not null as "foreign"`,
  );

  expect(seen).toEqual([{ migrated: true, foreign: false }]);
});
