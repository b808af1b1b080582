import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "../../test/support/database.ts";
import { removeFolder, temporaryFolder } from "../../test/support/temporary-folder.ts";
import { migrateDown, migrateUp, migrationStatus } from "./migrate.ts";

let test: TestDatabase;
let root: string;
let folder: string;
let owner: pg.Client;

beforeAll(async () => {
  test = await testDatabase();
  root = temporaryFolder();
  owner = new pg.Client({ connectionString: test.ownerUrl });
  await owner.connect();
  await migrateDown(test.ownerUrl, { steps: 1000 });
});
afterAll(async () => {
  await owner.end();
  await test.close();
  removeFolder(root);
});
beforeEach(async () => {
  await owner.query("drop schema if exists hawser, thing cascade");
  folder = join(root, crypto.randomUUID());
  mkdirSync(folder);
});

const write = (name: string, up: string, down = "") => {
  writeFileSync(join(folder, `${name}.up.sql`), up);
  writeFileSync(join(folder, `${name}.down.sql`), down);
};
const tables = async () => {
  const found = await owner.query("select tablename from pg_tables where schemaname = 'thing' order by 1");
  return found.rows.map((row) => row.tablename);
};

it("applies what is new in the order of names, and takes back the latest", async () => {
  write("0002_b", "create table thing.b ()", "drop table thing.b");
  write("0001_a", "create schema thing; create table thing.a ()", "drop schema thing cascade");

  expect(await migrateUp(test.ownerUrl, { folder, to: "0001_a" })).toEqual(["0001_a"]);
  expect(await migrateUp(test.ownerUrl, { folder })).toEqual(["0002_b"]);
  expect(await migrateUp(test.ownerUrl, { folder })).toEqual([]);
  expect(await tables()).toEqual(["a", "b"]);

  expect(await migrateDown(test.ownerUrl, { folder })).toEqual(["0002_b"]);
  expect(await tables()).toEqual(["a"]);
  expect(await migrateDown(test.ownerUrl, { folder, steps: 5 })).toEqual(["0001_a"]);
  expect(await tables()).toEqual([]);
});

it("keeps nothing of a migration that fails, says where, and keeps those before it", async () => {
  write("0001_a", "create schema thing; create table thing.a ()");
  write("0002_b", "create table thing.b ();\ncreate table nowhere.c ()");

  await expect(migrateUp(test.ownerUrl, { folder })).rejects.toThrow(/0002_b failed.*nowhere.*\(line 2\)/);

  expect(await tables()).toEqual(["a"]);
  expect((await migrationStatus(test.ownerUrl, { folder })).map(({ name, appliedAt }) => [name, !!appliedAt])).toEqual([
    ["0001_a", true],
    ["0002_b", false],
  ]);
});

it("applies each migration once when many processes start at the same time", async () => {
  write("0001_a", "create schema thing; create table thing.a (); select pg_sleep(0.05)");
  write("0002_b", "create table thing.b ()");

  const applied = await Promise.all(Array.from({ length: 8 }, () => migrateUp(test.ownerUrl, { folder })));

  expect(applied.flat().sort()).toEqual(["0001_a", "0002_b"]);
});

it("refuses to go on when an applied migration has been changed", async () => {
  write("0001_a", "create schema thing");
  await migrateUp(test.ownerUrl, { folder });
  write("0001_a", "create schema thing; create table thing.sneaked_in ()");
  write("0002_b", "create table thing.b ()");

  await expect(migrateUp(test.ownerUrl, { folder })).rejects.toThrow(/0001_a was applied.*has changed/);
  expect(await tables()).toEqual([]);
  expect((await migrationStatus(test.ownerUrl, { folder }))[0]?.problem).toBe("changed");
});

it("refuses a database that a newer version has migrated", async () => {
  write("0001_a", "create schema thing");
  write("0002_b", "create table thing.b ()");
  await migrateUp(test.ownerUrl, { folder });
  for (const way of ["up", "down"]) rmSync(join(folder, `0002_b.${way}.sql`));

  await expect(migrateUp(test.ownerUrl, { folder })).rejects.toThrow(/0002_b.*newer version/);
});

it("refuses a migration that cannot be taken back, or has no number", async () => {
  writeFileSync(join(folder, "0001_a.up.sql"), "");
  await expect(migrateUp(test.ownerUrl, { folder })).rejects.toThrow(/needs both 0001_a.up.sql and 0001_a.down.sql/);
  writeFileSync(join(folder, "0001_a.down.sql"), "");
  writeFileSync(join(folder, "first.up.sql"), "");
  await expect(migrateUp(test.ownerUrl, { folder })).rejects.toThrow(/named like/);
});

it("can take back every migration that Hawser ships, and apply them again", async () => {
  const all = (await migrationStatus(test.ownerUrl)).map(({ name }) => name);
  expect(all.length).toBeGreaterThan(0);

  expect(await migrateUp(test.ownerUrl)).toEqual(all);
  expect(await migrateDown(test.ownerUrl, { steps: all.length })).toEqual(all.toReversed());

  const left = await owner.query(`
    select relname from pg_class c join pg_namespace n on n.oid = relnamespace
     where nspname in ('hawser', 'identity') and relname not in ('migrations', 'migrations_pkey')
    union all
    select proname from pg_proc p join pg_namespace n on n.oid = pronamespace where nspname in ('hawser', 'identity')
    union all
    select typname from pg_type t join pg_namespace n on n.oid = typnamespace
     where nspname in ('hawser', 'identity') and typname not in ('migrations', '_migrations')`);
  expect(left.rows).toEqual([]);
  expect(await migrateUp(test.ownerUrl)).toEqual(all);
});
