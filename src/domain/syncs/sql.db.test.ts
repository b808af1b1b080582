// What docs/guides/sql.md promises, with the very statements that stand in it.
import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { SyncRunId } from "#core/ids.ts";
import { createConnection } from "#domain/connections/create-connection.ts";
import { aWorkspace } from "#domain/connections/testing/a-workspace.ts";
import { fireDueTicks } from "#jobs/schedule.ts";
import { type TestDatabase, testDatabase } from "../../../test/support/database.ts";
import { readHome } from "./home.ts";
import { runSync } from "./operate-sync.ts";
import { getRun } from "./read-runs.ts";
import { listSyncs } from "./read-syncs.ts";
import { createCopyTurns } from "./run/copy-turns.ts";
import { executeRun } from "./run/execute-run.ts";
import { updateSync } from "./update-sync.ts";

let db: TestDatabase;
let here: Awaited<ReturnType<typeof aWorkspace>>;
let app: pg.Client;
const subject = randomUUID();
const ada = randomUUID();
/** As Supabase has it. Roles belong to the whole cluster, so these two have names of their own. */
const authenticated = `authenticated_${randomUUID().replaceAll("-", "")}`;
const backend = `backend_${randomUUID().replaceAll("-", "")}`;
beforeAll(async () => {
  db = await testDatabase();
  here = await aWorkspace(db.database);
  const { deps, caller } = here;
  await createConnection(deps, caller, {
    provider: "local-folder",
    name: "Documents",
    config: { root: "documents" },
    tags: [],
  });
  for (const path of ["Hull/Plans/a.pdf", "Hull/Plans/b.tmp", "Engine/c.pdf"]) {
    await mkdir(join(here.documents, path, ".."), { recursive: true });
    await writeFile(join(here.documents, path), path);
  }
  app = new pg.Client({ connectionString: db.appUrl });
  await app.connect();
});
afterAll(async () => {
  await app.end();
  await here.end();
  await db.close();
});

interface Block {
  /** Who runs it: its first line says so where it is not the application. */
  as: string;
  text: string;
}

const guide = async (): Promise<Block[]> => {
  const text = await readFile(new URL("../../../docs/guides/sql.md", import.meta.url), "utf8");
  return [...text.matchAll(/```sql\n(?:-- as (.*)\n)?([\s\S]*?)```/g)].map(([, as = "hawser_app", block = ""]) => ({
    as: block.includes("set local role") ? "an administrator" : as,
    text: block
      .replaceAll("{{workspace}}", here.workspace)
      .replaceAll("{{subject}}", subject)
      .replaceAll("{{email}}", "ada@example.com")
      .replaceAll("yard_backend", backend)
      .replaceAll("role authenticated", `role ${authenticated}`)
      .replaceAll('"archive"', '"target"'),
  }));
};

async function signIn(role: string): Promise<pg.Client> {
  const url = new URL(db.ownerUrl);
  [url.username, url.password] = [role, "<a password>"];
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  return client;
}

const runDeps = () => ({ ...here.deps, holder: "test", leaseSeconds: 30, copyTurns: createCopyTurns(8) });
const log = { warn: () => {}, error: () => {} };
const workOut = () => fireDueTicks({ database: db.database, log, fire: async () => {} });
const insert = async (name: string, columns: Record<string, string>) => {
  await app.query("begin");
  await app.query("select set_config('hawser.workspace', $1, true)", [here.workspace]);
  const names = Object.keys(columns);
  await app.query(
    `insert into hawser.syncs (workspace_id, connection_id, name, drive_id${names.map((column) => `, ${column}`).join("")})
     select workspace_id, id, $1, 'documents'${names.map((_, index) => `, $${index + 2}`).join("")}
       from hawser.connections where name = 'Documents'`,
    [name, ...Object.values(columns)],
  );
  await app.query("commit");
};
const syncNamed = async (name: string) => {
  const { items } = await listSyncs(here.deps, here.workspace, { limit: 50, search: name });
  const [sync] = items;
  if (!sync) throw new Error(`no sync ${name}`);
  return sync;
};
const run = async (name: string) => {
  const { id } = await runSync(here.deps, here.caller, (await syncNamed(name)).id);
  await executeRun(runDeps(), here.workspace, id as SyncRunId, here.caller.signal);
  return getRun(here.deps, here.workspace, id);
};

it("A8 A11 every statement of the guide does what it says, as the role that it names", async () => {
  const superuser = await db.superuser();
  await superuser.query(`insert into identity."user" (id, name, email) values ($1, 'Ada', 'ada@example.com')`, [ada]);
  await superuser.query("insert into hawser.members (workspace_id, user_id, role) values ($1, $2, 'member')", [
    here.workspace,
    ada,
  ]);
  await superuser.query(`create role ${authenticated} nologin noinherit`);
  const owner = new pg.Client({ connectionString: db.ownerUrl });
  await owner.connect();
  await owner.query("call hawser.allow_sql($1)", [authenticated]);
  const clients = new Map([
    ["hawser_app", app],
    ["an administrator", superuser],
    ["the owner", owner],
  ]);
  const clientOf = async (who: string) => {
    const client = clients.get(who) ?? (await signIn(who === "yard_backend" ? backend : who));
    clients.set(who, client);
    return client;
  };

  const shown: Record<string, unknown>[][] = [];
  for (const { as, text } of await guide()) {
    const results = [await (await clientOf(as)).query(text)].flat() as pg.QueryResult[];
    // What a guide shows finds something, where it is not about what is broken.
    for (const { rows, command, rowCount } of results) {
      if (command === "SELECT") shown.push(rows);
      if (["INSERT", "UPDATE"].includes(command)) expect([text, rowCount]).toEqual([text, 1]);
    }
  }
  await Promise.all([owner.end(), clients.get("yard_backend")?.end()]);
  await superuser.query(`drop role ${backend}`);

  const totals = shown.filter(([row]) => row && "stored" in row);
  expect(totals).toEqual([
    [expect.objectContaining({ name: "Drawings", connection: "Documents" })],
    [expect.objectContaining({ name: "Added by a member" }), expect.objectContaining({ name: "Drawings" })],
  ]);
  expect(shown).toContainEqual([{ name: "Documents", status: "active", token_state: "none" }]);
});

it("A8 a sync that was added by SQL ticks and runs like any other", async () => {
  await workOut();

  const sync = await syncNamed("Drawings");
  expect(await syncNamed("Added by a member")).toMatchObject({ schedule: { kind: "interval" }, createdBy: "Ada" });
  expect(sync).toMatchObject({
    status: "inactive",
    schedule: { kind: "interval", minutes: 15 },
    filters: { types: ["pdf"], include: [] },
    nextRunAt: expect.any(Date),
    unusable: undefined,
  });
  expect(await run("Drawings")).toMatchObject({ status: "done", counts: { found: 3, created: 2, skipped: 1 } });
  expect((await readdir(join(here.target, here.slug, "Drawings"))).filter((name) => !name.startsWith("."))).toEqual([
    "Engine",
    "Hull",
  ]);
});

it("SR-62 lets a bad row put only itself in error, and says why", async () => {
  await insert("good", {});
  await insert("bad filters", { filters: '{"include": "Hull"}' });
  await insert("bad glob", { filters: '{"include": ["[a"]}' });
  await insert("bad rules", { rules: '[{"patern": "/{a}"}]' });
  await insert("bad folders", { folders: '[{"path": 3}]' });
  await insert("bad destination", { destination: '{"kind": "ftp"}' });
  await insert("no such root", { destination: '{"kind": "local-folder", "root": "gone", "folder": "x"}' });
  await insert("bad schedule", { schedule: '{"kind": "cron", "expression": "x", "zone": "Mars"}' });
  await workOut();

  expect(await run("good")).toMatchObject({ status: "done", counts: { found: 3 } });
  for (const name of ["bad filters", "bad glob", "bad rules", "bad folders", "bad destination", "no such root"]) {
    const failed = await run(name);
    expect([name, failed.status, failed.failure?.message]).toEqual([name, "failed", expect.stringMatching(/\w/)]);
    expect((await syncNamed(name)).status).toBe("failed");
  }
  expect(await syncNamed("bad schedule")).toMatchObject({ status: "failed", scheduleFailure: expect.any(String) });
  expect((await syncNamed("good")).status).toBe("active");
  expect((await readHome(here.deps, here.workspace)).attention).toHaveLength(7);
});

it("SR-62 SR-84 a row that names the folder of another sync puts only itself in error", async () => {
  const at = (folder: string) => ({ destination: JSON.stringify({ kind: "local-folder", root: "target", folder }) });
  await insert("owner", at("Shared/Plans"));
  await insert("same", at("shared/plans"));
  await insert("above", at("Shared"));
  expect(await run("owner")).toMatchObject({ status: "done", counts: { created: 3 } });
  for (const name of ["same", "above"]) {
    const failure = { kind: "destination_in_use", message: expect.stringContaining('"owner"') };
    expect(await run(name)).toMatchObject({ status: "failed", failure });
  }
  expect(await run("owner")).toMatchObject({ status: "done", counts: { unchanged: 3, failed: 0 } });
});

it("leaves what cannot be used as it is when something else is changed", async () => {
  await insert("odd", { filters: '{"include": 7}' });
  const { id } = await syncNamed("odd");

  const renamed = await updateSync(here.deps, here.caller, id, { name: "odd still", tags: ["x"] });
  expect(renamed).toMatchObject({ name: "odd still", unusable: expect.stringContaining("filters") });
  const everything = { include: [], exclude: [], types: ["*"], min_bytes: null, max_bytes: null };
  expect((await updateSync(here.deps, here.caller, id, { filters: everything })).unusable).toBeUndefined();
});

it("refuses a row that the tables cannot hold, and one of another workspace", async () => {
  await expect(insert("x", { on_delete: "shred" })).rejects.toThrow(/check/);
  await app.query("rollback");
  await expect(insert("good", {})).rejects.toThrow(/syncs_name/);
  await app.query("rollback");
  const other = await aWorkspace(db.database);
  await app.query("begin");
  await app.query("select set_config('hawser.workspace', $1, true)", [other.workspace]);
  await expect(
    app.query("insert into hawser.syncs (workspace_id, connection_id, name, drive_id) values ($1, $2, 'x', 'x')", [
      here.workspace,
      (await syncNamed("good")).connection.id,
    ]),
  ).rejects.toThrow(/row-level security/);
  await app.query("rollback");
  await other.end();
});
