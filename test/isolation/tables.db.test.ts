import type pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { fillWorkspace, rowProblems } from "./row-checks.ts";

let db: TestDatabase;
let superuser: pg.Client;
const workspaces: string[] = [];
beforeAll(async () => {
  db = await testDatabase();
  superuser = await db.superuser();
  for (let count = 0; count < 3; count++) workspaces.push(await fillWorkspace(superuser));
});
afterAll(() => db.close());

async function problemsOf(own: string | undefined, foreign: string[]): Promise<string[]> {
  await superuser.query("begin");
  try {
    return await rowProblems(superuser, own, foreign);
  } finally {
    await superuser.query("rollback");
  }
}

describe("rows of two other workspaces", () => {
  it("SR-57 SR-59 can neither be seen, made, changed nor deleted, in any table", async () => {
    const [own, ...foreign] = workspaces;
    expect(await problemsOf(own, foreign)).toEqual([]);
  });

  it("SR-59 are nobody's without a workspace: no context, no rows", async () => {
    expect(await problemsOf(undefined, workspaces)).toEqual([]);
  });

  it("SR-57 and the people in them are not seen either", async () => {
    const seen = await db.database.asWorkspace(
      { workspace: workspaces[0] as never },
      (tx) => tx.sql<{ id: string }>`select id from identity."user"`,
    );
    expect(seen).toHaveLength(1);
    await db.database.acrossWorkspaces(async (tx) => {
      expect(await tx.sql`select id from identity."user"`).toEqual([]);
    });
  });
});
