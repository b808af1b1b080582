// What docs/guides/operating.md shows to operators, with the very statements that stand in it.
import { readFile } from "node:fs/promises";
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "../../../../test/support/database.ts";
import { aGrant, processOf } from "../tokens/testing/a-grant.ts";
import { tokenServer } from "../tokens/testing/token-server.ts";

let db: TestDatabase;
let app: pg.Client;
beforeAll(async () => {
  db = await testDatabase();
  app = new pg.Client({ connectionString: db.appUrl });
  await app.connect();
});
afterAll(async () => {
  await app.end();
  await db.close();
});

it("the documented look at connections shows those that fail or end soon, with what is known of their tokens", async () => {
  const server = await tokenServer();
  const { workspace, connection } = await aGrant(processOf(db.database, server), server);
  const guide = await readFile(new URL("../../../../docs/guides/operating.md", import.meta.url), "utf8");
  const [, look = ""] = /```sql\n(begin;\n[\s\S]*?)```/.exec(guide) ?? [];
  const found = async () => {
    const results: unknown = await app.query(look.replaceAll("{{workspace}}", workspace));
    return Array.isArray(results) ? results.flatMap(({ rows }: pg.QueryResult) => rows).filter(({ name }) => name) : [];
  };
  expect(await found()).toEqual([]);

  const failure = { kind: "unavailable", message: "Shop does not answer" };
  await db.database.asWorkspace({ workspace }, async (tx) => {
    await tx.sql`update token_sets set failing_since = now(), failure = ${JSON.stringify(failure)}::jsonb`;
    await tx.sql`
      insert into credential_uses (workspace_id, connection_id, hour, purpose, uses, last_at)
      values (${workspace}, ${connection}, now(), 'sync', 1, '2026-01-01T00:00:00Z')`;
  });
  expect(await found()).toMatchObject([
    {
      name: "Shop of Ana",
      status: "active",
      cause: failure.message,
      token_ends: expect.any(Date),
      failing_since: expect.any(Date),
      last_used: new Date("2026-01-01T00:00:00Z"),
    },
  ]);
});
