import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { WorkspaceId } from "#core/ids.ts";
import { openDatabase } from "#db/database.ts";
import { type EmbeddedDatabase, startEmbedded } from "#db/embedded.ts";
import { prepareDatabase } from "../../src/cli/installation.ts";

let folder: string;
let server: EmbeddedDatabase;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "hawser-locked-"));
  server = await startEmbedded({ dataDir: join(folder, "data") });
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

it("SR-58 the SQL of the operating guide is enough for a server whose owner may not create roles", async () => {
  // The embedded server has an owner already, who may create roles: this one is another.
  const statements = documentedSql()
    .replaceAll("hawser_owner", "locked_owner")
    .replaceAll("database hawser", "database locked");
  await asSuperuser(statements.split(";").map((statement) => statement.trim()));

  const ownerUrl = addressOf("locked_owner", "first");
  const appUrl = addressOf("hawser_app", "second");
  const authUrl = addressOf("hawser_auth", "third");
  const applied = await prepareDatabase({ ownerUrl, appUrl, authUrl, embedded: false, close: async () => {} });
  expect(applied).toContain("0001_foundation");

  const database = openDatabase({ appUrl });
  try {
    const workspace = crypto.randomUUID() as WorkspaceId;
    const seen = await database.asWorkspace({ workspace }, (tx) => tx.sql`select id from connections`);
    expect(seen).toEqual([]);
  } finally {
    await database.close();
  }
});

function documentedSql(): string {
  const guide = readFileSync(join(import.meta.dirname, "../../docs/guides/operating.md"), "utf8");
  const [, sql = ""] = /```sql\n(create role[\s\S]*?)```/.exec(guide) ?? [];
  expect(sql).not.toBe("");
  return sql.replace(/<(\w+)>/g, "$1");
}

async function asSuperuser(statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: server.superuserUrl });
  await client.connect();
  try {
    for (const statement of statements) if (statement !== "") await client.query(statement);
  } finally {
    await client.end();
  }
}

function addressOf(role: string, password: string): string {
  const url = new URL(server.ownerUrl);
  url.username = role;
  url.password = password;
  url.pathname = "/locked";
  return url.href;
}
