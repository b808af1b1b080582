// Work over all workspaces: what finds it, and where it is then done.
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { countConnections, listInstanceWorkspaces } from "#domain/instance/read-instance.ts";
import { everyWorkspace } from "#domain/workspaces/every-workspace.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { fillWorkspace } from "./row-checks.ts";
import { workspaceTables } from "./schema-checks.ts";

/** Besides ids: what an id is one of, and what may be done with it. */
const words = ["drive_id text", "owner_kind text", "role text"];

let db: TestDatabase;
let superuser: pg.Client;
let workspaces: string[];
beforeAll(async () => {
  db = await testDatabase();
  superuser = await db.superuser();
  workspaces = [await fillWorkspace(superuser), await fillWorkspace(superuser)].toSorted();
});
afterAll(() => db.close());

describe("SR-63 over all workspaces", () => {
  it("functions look, each with a name, and tell ids and nothing that is in them", async () => {
    const { rows } = await superuser.query<{ name: string; result: string }>(
      `select p.proname as name, pg_get_function_result(p.oid) as result from pg_proc p
        where p.pronamespace = 'hawser'::regnamespace and p.prosecdef and p.prorettype <> 'trigger'::regtype
          and has_function_privilege('hawser_app', p.oid, 'execute')`,
    );
    expect(rows.length).toBeGreaterThan(10);
    for (const { name, result } of rows) {
      const columns = /^TABLE\((.*)\)$/.exec(result)?.[1]?.split(", ") ?? [result];
      const others = columns.filter((column) => !/^(SETOF uuid|void|\w*id uuid)$/.test(column));
      expect([name, others.filter((column) => !words.includes(column))]).toEqual([name, []]);
    }
  });

  it("nothing else does: without a workspace no table has a row", async () => {
    const tables = await workspaceTables(superuser);
    await superuser.query("begin");
    try {
      await superuser.query("set local role hawser_app");
      for (const { name } of tables) {
        const { rowCount } = await superuser.query(`select from hawser."${name}"`);
        expect([name, rowCount]).toEqual([name, 0]);
      }
    } finally {
      await superuser.query("rollback");
    }
  });

  it("each is then read in its own context", async () => {
    const seen: string[] = [];
    for await (const workspace of everyWorkspace(db.database)) seen.push(workspace);
    expect(seen.toSorted()).toEqual(workspaces);
    const figures = await listInstanceWorkspaces(db.database);
    expect(figures.map(({ id, members, syncs }) => [id, members, syncs]).toSorted()).toEqual(
      workspaces.map((id) => [id, 1, 1]),
    );
    expect(await countConnections(db.database)).toEqual([{ key: "p", connections: 2, in_error: 0 }]);
  });
});
