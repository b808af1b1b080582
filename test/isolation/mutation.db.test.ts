// The isolation checks are worth something only if they notice: each policy is taken away, or opened, and they must.
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { fillWorkspace, rowProblems } from "./row-checks.ts";
import { schemaProblems } from "./schema-checks.ts";

interface Policy {
  schema: string;
  table: string;
  name: string;
}

let db: TestDatabase;
let superuser: pg.Client;
let policies: Policy[];
const workspaces: string[] = [];
beforeAll(async () => {
  db = await testDatabase();
  superuser = await db.superuser();
  for (let count = 0; count < 3; count++) workspaces.push(await fillWorkspace(superuser));
  const found = await superuser.query<Policy>(
    `select schemaname as schema, tablename as table, policyname as name from pg_policies
      where schemaname in ('hawser', 'identity') order by 1, 2, 3`,
  );
  policies = found.rows;
});
afterAll(() => db.close());

/** What the checks find after a change, which is taken back. */
async function whileChanged<T>(change: string, check: () => Promise<T>): Promise<T> {
  await superuser.query("begin");
  try {
    await superuser.query(change);
    return await check();
  } finally {
    await superuser.query("rollback");
  }
}

describe("SR-57 the isolation checks notice", () => {
  it("each policy that is dropped", async () => {
    expect(policies.length).toBeGreaterThan(20);
    for (const { schema, table, name } of policies) {
      const problems = await whileChanged(`drop policy ${name} on ${schema}."${table}"`, () =>
        schemaProblems(superuser),
      );
      expect(problems, `${schema}.${table}: ${name}`).not.toEqual([]);
    }
  });

  it("each workspace policy that lets everything through, by the rows that it lets through", async () => {
    const [own, ...foreign] = workspaces;
    for (const { table, name } of policies.filter((policy) => policy.name === "workspace")) {
      const open = `alter policy ${name} on hawser."${table}" using (true) with check (true)`;
      const problems = await whileChanged(open, () => rowProblems(superuser, own, foreign));
      expect(
        problems.filter((problem) => problem.includes(` ${table}: `)),
        table,
      ).not.toEqual([]);
    }
  });

  it("each table whose row security is switched off, by the rows that are seen", async () => {
    for (const { table } of policies.filter((policy) => policy.name === "workspace")) {
      const off = `alter table hawser."${table}" disable row level security`;
      const problems = await whileChanged(off, () => rowProblems(superuser, undefined, workspaces));
      expect(
        problems.filter((problem) => problem.includes(` ${table}: `)),
        table,
      ).not.toEqual([]);
    }
  });
});
