import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { newId, type UserId, type WorkspaceId } from "#core/ids.ts";
import { currentDataKey } from "#vault/data-keys.ts";
import { newKeyFileText, parseKeyFile } from "#vault/keyring.ts";
import { type CommandLine, commandLine } from "../support/command-line.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";

// Each call is a process of its own, which takes seconds on a machine that is busy.
vi.setConfig({ testTimeout: 60_000 });

let test: TestDatabase;
let here: CommandLine;
const workspace = newId<WorkspaceId>();

beforeAll(async () => {
  test = await testDatabase();
  here = commandLine({ DATABASE_URL: test.ownerUrl });
  writeFileSync(here.keyFile, newKeyFileText(new Date("2026-01-01")), { mode: 0o600 });
  mkdirSync(join(here.documents, "Engine"));
  writeFileSync(join(here.documents, "Engine", "manual.txt"), "turn the key");
  writeFileSync(join(here.documents, "notes.tmp"), "nothing");
  await test.database.asWorkspace(
    { workspace },
    (tx) => tx.sql`
      insert into workspaces (id, name, slug, created_by) values (${workspace}, 'Harbour', 'harbour', ${newId<UserId>()})`,
  );
});
afterAll(async () => {
  here.end();
  await test.close();
});

async function asSuperuser(statement: string): Promise<void> {
  const client = await test.superuser();
  await client.query(statement);
}

const storedAt = (folder: string): string[] =>
  readdirSync(join(here.files, "harbour", folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(here.files, "harbour", folder).length + 1));

describe("migrate", () => {
  it("brings the queue too, says what is applied, and asks before it takes anything back", async () => {
    const up = await here.json("migrate", "up");
    const status = await here.json("migrate", "status");
    const refused = await here.hawser("migrate", "down");

    expect(up).toEqual({ applied: [] });
    expect(status).toMatchObject({
      pending: 0,
      migrations: expect.arrayContaining([expect.objectContaining({ name: "0001_foundation", problem: null })]),
    });
    expect(refused.code).toBe(2);
    expect(refused.err).toContain("say so with --yes");
  });

  it("goes down and up again on a database of its own; commands refuse one that is not up to date", async () => {
    const other = await testDatabase();
    const there = commandLine({ DATABASE_URL: other.ownerUrl });
    try {
      const down = (await there.json("migrate", "down", "--yes")) as { undone: string[] };
      const refused = await there.hawser("workspace", "list");
      const up = await there.json("migrate", "up");

      expect(down.undone).toHaveLength(1);
      expect(refused.err).toBe('The database is not up to date. Run "hawser migrate up" first.\n');
      expect(up).toEqual({ applied: down.undone });
    } finally {
      there.end();
      await other.close();
    }
  });

  it("says which migration is not known", async () => {
    const { code, err } = await here.hawser("migrate", "up", "--to", "0099_nowhere");
    expect({ code, err }).toEqual({ code: 1, err: "There is no migration 0099_nowhere\n" });
  });
});

describe("check database", () => {
  it("finds all in order, in lines for people", async () => {
    const { code, out } = await here.hawser("check", "database");
    expect(
      out.split("\n").filter((line) => !line.startsWith("✓") && line !== "" && !/A query takes/.test(line)),
    ).toEqual([]);
    expect(out).toContain("Row security is forced on all");
    expect(code).toBe(0);
  });

  it("SR-57 finds a table whose row security was taken off, and says how to put it back", async () => {
    await asSuperuser("alter table hawser.files no force row level security");
    const { code, out } = await here.hawser("check", "database", "--json");
    await asSuperuser("alter table hawser.files force row level security");

    expect(code).toBe(1);
    const { ok, findings } = JSON.parse(out);
    expect(ok).toBe(false);
    expect(findings.find((one: { check: string }) => one.check === "row-security")).toEqual({
      check: "row-security",
      ok: false,
      found: "Row security is not forced on files.",
      advice: "alter table hawser.files enable row level security, force row level security;",
    });
  });
});

describe("keys", () => {
  it("rotate brings data keys under the new master key; status says when the old one is needed no more", async () => {
    const mode = 0o600;
    const before = parseKeyFile({ path: "key", mode, text: readFileSync(here.keyFile, "utf8") });
    await test.database.asWorkspace({ workspace }, (tx) => currentDataKey(tx, before));
    const { id } = (await here.json("keys", "new")) as { id: string };

    const waiting = await here.json("keys", "status");
    const rotated = await here.json("keys", "rotate");
    const again = await here.json("keys", "rotate");
    const done = await here.json("keys", "status");

    expect(waiting).toMatchObject({
      rotated: false,
      keys: [
        { id, data_keys: 0, state: "writing", removable: false },
        { id: "2026-01-01", data_keys: 1, state: "reading", removable: false },
      ],
    });
    expect(rotated).toEqual({ writing: id, workspaces: 1, rewrapped: 1, failed: [] });
    expect(again).toMatchObject({ rewrapped: 0 });
    expect(done).toMatchObject({
      rotated: true,
      keys: [
        { id, data_keys: 1 },
        { data_keys: 0, removable: true },
      ],
    });
  });
});

describe("sync", () => {
  it("add --run --wait connects the folder and brings its files; a second sync uses the same connection", async () => {
    const added = await here.json(
      ...["sync", "add", "--name", "Drawings", "--provider", "local-folder", "--root", "documents"],
      ...["--destination", "local-folder:files/Drawings", "--layout", "mirror", "--exclude", "*.tmp"],
      ...["--rule", "/{system}/**", "--run", "--wait"],
    );
    const second = await here.json(
      ...["sync", "add", "--name", "Index", "--provider", "local-folder", "--root", "documents"],
      ...["--schedule", "cron:0 3 * * * Europe/Oslo"],
    );

    expect(added).toMatchObject({ status: "active", totals: { stored: 1 }, last_run: { status: "done" } });
    expect(storedAt("Drawings")).toEqual(["Engine/manual.txt"]);
    expect(second).toMatchObject({
      connection: { id: (added as { connection: { id: string } }).connection.id },
      schedule: { kind: "cron", expression: "0 3 * * *", zone: "Europe/Oslo" },
      destination: { kind: "none" },
    });
  });

  it("run --wait brings what is new, and says how it went", async () => {
    writeFileSync(join(here.documents, "Engine", "log.txt"), "started");
    const { code, out } = await here.hawser("sync", "run", "drawings", "--wait");
    expect(out).toMatch(/^✓ Drawings is done: 3 found, 1 new, 1 unchanged, 1 skipped, 7 B, [\d.]+ s\n$/);
    expect(code).toBe(0);
    expect(storedAt("Drawings").sort()).toEqual(["Engine/log.txt", "Engine/manual.txt"]);
  });

  it("watch tells of the runs that come, one JSON object a line, until it is interrupted", async () => {
    const watching = here.begin("sync", "watch", "Drawings");
    const lines = here.begin("sync", "watch", "Drawings", "--json");
    const run = (await here.json("sync", "run", "Drawings", "--wait")) as { id: string };
    await lines.says('"status":"done"');
    const [{ code, out }] = await Promise.all([lines.interrupt(), watching.interrupt()]);

    const states = out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(states.at(-1)).toMatchObject({ sync: "Drawings", id: run.id, status: "done" });
    expect(code).toBe(0);
  });

  it("pause keeps it from running, resume lets it", async () => {
    const paused = await here.json("sync", "pause", "Drawings");
    const refused = await here.hawser("sync", "run", "Drawings", "--json");
    const resumed = await here.json("sync", "resume", "Drawings");

    expect(paused).toMatchObject({ enabled: false, status: "paused" });
    expect(refused).toEqual({ code: 1, out: "", err: '"Drawings" is paused. Resume it first.\n' });
    expect(resumed).toMatchObject({ enabled: true });
  });

  it("list shows them by name, for people and for machines", async () => {
    const { out } = await here.hawser("sync", "list");
    const list = await here.json("sync", "list", "--workspace", "harbour");
    expect(out).toMatch(
      /^NAME +STATUS .*\nDrawings +active .* documents +files\/Drawings\nIndex +inactive .*cron:0 3 \* \* \* Europe\/Oslo/,
    );
    expect(list).toMatchObject({ items: [{ name: "Drawings" }, { name: "Index" }] });
  });

  it("add says what is wrong with a wish, and leaves nothing behind", async () => {
    const local = ["sync", "add", "--provider", "local-folder", "--root", "documents"];
    const [taken, shared, zone, path] = await Promise.all([
      here.hawser(...local, "--name", "drawings"),
      here.hawser(...local, "--name", "Two", "--destination", "local-folder:files/Drawings/Below"),
      here.hawser(...local, "--name", "Two", "--schedule", "cron:0 3 * * * Mars/North"),
      here.hawser(...local, "--name", "Two", "--path", "Nowhere"),
    ]);

    expect([taken, shared, zone, path].map(({ code, out }) => ({ code, out }))).toEqual(
      Array(4).fill({ code: 1, out: "" }),
    );
    expect(taken.err).toContain("Another sync has this name.");
    expect(shared.err).toContain('The sync "Drawings" puts its files there.');
    expect(zone.err).toContain("Europe/Berlin");
    expect(path.err).toContain("The connection does not work");
    expect(await here.json("sync", "list")).toMatchObject({ items: [{}, {}] });
  });

  it("A10 check connection and check sync go the way once", async () => {
    const [connection, sync, none] = await Promise.all([
      here.json("check", "connection", "--provider", "local-folder"),
      here.json("check", "sync", "--provider", "local-folder"),
      here.hawser("check", "sync", "--provider", "onedrive"),
    ]);

    expect(connection).toMatchObject({ ok: true, checked: [{ workspace: "harbour", connection: "documents" }] });
    expect(sync).toMatchObject({ ok: true, checked: [{ sync: "Drawings" }, { sync: "Index" }] });
    expect(none.err).toBe('No sync of the provider "onedrive" was found.\n');
  });
});

describe("export and import", () => {
  it("write the connections to a file, and show what it changes before it is applied", async () => {
    const file = join(here.files, "..", "harbour.yaml");
    await here.hawser("export", file);
    const shown = await here.hawser("export");
    const again = await here.hawser("export", file);
    const same = await here.hawser("import", file);

    expect(shown).toMatchObject({ code: 0, err: "" });
    expect(shown.out).toContain("provider: local-folder");
    expect(readFileSync(file, "utf8")).toBe(shown.out);
    expect(again).toMatchObject({ code: 1, err: expect.stringContaining("harbour.yaml") });
    expect(same).toMatchObject({ code: 0, out: expect.stringMatching(/^(= connection .*\n)+Nothing was changed yet/) });

    writeFileSync(file, shown.out.replace("tags: []", "tags: [yard]").replace(/^ {2}- name: .*/m, "  - name: Copied"));
    const looked = await here.hawser("import", file);
    const done = await here.hawser("import", file, "--apply");

    expect(looked.out).toContain("+ connection Copied; needs a test");
    expect(looked.out).toContain("Nothing was changed yet");
    expect(done).toMatchObject({ code: 0, out: expect.stringContaining("All of it is done.") });
    expect((await here.hawser("export")).out).toContain("name: Copied");
  });
});

describe("audit verify", () => {
  it("SR-76 counts an intact log, in which commands stand under the name of who called them, and finds a change", async () => {
    const intact = await here.json("audit", "verify");
    const entries = await test.database.asWorkspace(
      { workspace },
      (tx) => tx.sql<{ actor_kind: string }>`select distinct actor_kind from audit_entries`,
    );
    await asSuperuser("alter table hawser.audit_entries disable trigger user");
    await asSuperuser("update hawser.audit_entries set actor_label = 'somebody else' where sequence = 2");
    const changed = await here.hawser("audit", "verify", "--workspace", "harbour");

    expect(intact).toMatchObject({ intact: true, workspaces: [{ workspace: "harbour", broken_at: null }] });
    expect(entries).toEqual([{ actor_kind: "cli" }]);
    expect(changed).toMatchObject({ code: 1, out: expect.stringContaining("✗ harbour: entry 2 was changed") });
  });
});
