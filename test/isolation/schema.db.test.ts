import type pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { schemaProblems } from "./schema-checks.ts";

let db: TestDatabase;
let superuser: pg.Client;
beforeAll(async () => {
  db = await testDatabase();
  superuser = await db.superuser();
});
afterAll(() => db.close());

describe("the schema", () => {
  it("SR-57 SR-58 protects every table, and gives the application's roles nothing more than listed", async () => {
    expect(await schemaProblems(superuser)).toEqual([]);
  });

  it.each([
    [
      "a table that nobody protected",
      "create table hawser.forgotten (workspace_id uuid not null, id uuid primary key)",
    ],
    ["row security switched off", "alter table hawser.files disable row level security"],
    ["row security not forced", "alter table hawser.files no force row level security"],
    ["a policy for everybody", "create policy extra on hawser.files to public using (true)"],
    [
      "rows without a workspace",
      "alter table hawser.ticks drop constraint ticks_pkey, alter workspace_id drop not null",
    ],
    ["a name unique over all workspaces", "create unique index on hawser.connections (name)"],
    ["a view that shows everything", "create view hawser.all_files as select * from hawser.files"],
    [
      "a function that runs as its owner",
      "create function hawser.peek() returns bigint language sql security definer as 'select count(*) from hawser.files'",
    ],
    ["a listed function without its search path", "alter function hawser.find_api_key(bytea) reset search_path"],
    ["a function for everybody", "grant execute on function hawser.workspace_ids(uuid, integer) to public"],
    ["passwords for the application", "grant select on identity.account to hawser_app"],
    ["workspaces for sign-in", "grant select on hawser.members to hawser_auth"],
    ["an audit log that can be emptied", "grant truncate on hawser.audit_entries to hawser_app"],
    ["a table of the application's own", "alter table hawser.ticks owner to hawser_app"],
  ])("SR-57 SR-58 %s is noticed", async (_, change) => {
    await superuser.query("begin");
    try {
      await superuser.query(change);
      expect(await schemaProblems(superuser)).not.toEqual([]);
    } finally {
      await superuser.query("rollback");
    }
  });
});
