import { mkdir, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { ConnectionId, SyncId } from "#core/ids.ts";
import { listDrives } from "#domain/connections/browse.ts";
import { createConnection } from "#domain/connections/create-connection.ts";
import { aWorkspace } from "#domain/connections/testing/a-workspace.ts";
import { type TestDatabase, testDatabase } from "../../../test/support/database.ts";
import { createSync, type NewSync } from "./create-sync.ts";
import { deleteSync } from "./delete-sync.ts";
import { readHome } from "./home.ts";
import { cancelRun, pauseSync, resumeSync, runSync } from "./operate-sync.ts";
import { previewSelection } from "./preview.ts";
import { getRun, listRuns, readRunLog } from "./read-runs.ts";
import { checkSyncName, getSync, listSyncs } from "./read-syncs.ts";
import { testDestination } from "./test-destination.ts";
import { updateSync } from "./update-sync.ts";

let db: TestDatabase;
const ends: (() => Promise<void>)[] = [];
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(async () => {
  await Promise.all(ends.map((end) => end()));
  await db.close();
});

const everything = { include: [], exclude: [], types: ["*"], min_bytes: null, max_bytes: null };

async function here() {
  const made = await aWorkspace(db.database);
  ends.push(made.end);
  const { deps, caller, workspace, documents } = made;
  const connection = await createConnection(deps, caller, {
    provider: "local-folder",
    name: "Documents",
    config: { root: "documents" },
    tags: [],
  });
  const wanted = (name: string, more: Partial<NewSync> = {}): NewSync => ({
    name,
    description: "",
    tags: [],
    enabled: true,
    connection: connection.id,
    drive: { id: "top", name: "Documents" },
    folders: [],
    filters: everything,
    maxFilesPerRun: null,
    rules: [],
    destination: { kind: "none" },
    onDelete: "mark",
    exports: [],
    schedule: { kind: "manual" },
    handoff: null,
    ...more,
  });
  return {
    ...made,
    connection,
    wanted,
    create: (name: string, more: Partial<NewSync> = {}) => createSync(deps, caller, wanted(name, more)),
    firstDrive: async () => (await listDrives(deps, caller, connection.id, undefined)).items[0]?.id ?? "",
    into: (folder: string, root = "target") => ({
      destination: { kind: "local-folder" as const, root, folder, layout: "ids" as const },
    }),
    row: async (id: SyncId) =>
      (
        await deps.database.asWorkspace(
          { workspace },
          (tx) => tx.sql<{ selection_version: number; deleted_at: Date | null }>`select * from syncs where id = ${id}`,
        )
      )[0],
    async put(path: string, text = path) {
      await mkdir(join(documents, dirname(path)), { recursive: true });
      await writeFile(join(documents, path), text);
    },
  };
}

it("makes a sync that can be read again as it was wanted", async () => {
  const { create, into, deps, workspace, audited } = await here();

  const made = await create("Drawings", {
    ...into("Drawings"),
    tags: ["hull"],
    folders: [{ id: "f1", locator: null, path: "Hull/Plans/" }],
    rules: [{ pattern: "/{system}/**", parts: {}, set: { site: "Kiel" } }],
    schedule: { kind: "interval", minutes: 15 },
  });

  expect(made).toMatchObject({
    status: "inactive",
    folders: [{ id: "f1", path: "/Hull/Plans" }],
    totals: { files: 0, bytes: 0 },
    openRun: undefined,
    schedule: { kind: "interval", minutes: 15 },
  });
  expect(await getSync(deps, workspace, made.id)).toEqual(made);
  expect((await audited()).at(-1)).toMatchObject({
    action: "sync.created",
    target_label: "Drawings",
    after: { connection: "Documents", folders: ["/Hull/Plans"], destination: { folder: "Drawings" } },
  });
});

it("starts the first run in the same breath, or makes nothing at all", async () => {
  const { wanted, deps, caller, workspace, connection } = await here();

  const made = await createSync(deps, caller, wanted("Drawings"), { run: true });
  expect(made).toMatchObject({ status: "queued", openRun: { trigger: "manual", status: "queued" } });

  await deps.database.asWorkspace(
    { workspace },
    (tx) => tx.sql`update connections set status = 'needs_authorization' where id = ${connection.id}`,
  );
  await expect(createSync(deps, caller, wanted("Letters"), { run: true })).rejects.toMatchObject({
    code: "connection_not_active",
  });
  expect((await listSyncs(deps, workspace, { limit: 10 })).items.map(({ name }) => name)).toEqual(["Drawings"]);
});

it("points at what is wrong in a new sync", async () => {
  const { create, into } = await here();
  const refused = (pointer: string) => ({ code: "invalid_request", errors: [{ pointer }] });

  await expect(create("A", { filters: { ...everything, include: ["[a"] } })).rejects.toMatchObject(
    refused("/filters/include/0"),
  );
  await expect(create("A", { rules: [{ pattern: "/{", parts: {}, set: {} }] })).rejects.toMatchObject(
    refused("/rules/0/pattern"),
  );
  await expect(
    create("A", { schedule: { kind: "cron", expression: "0 6 * * 1", zone: "Mars/Olympus" } }),
  ).rejects.toMatchObject(refused("/schedule/zone"));
  await expect(create("A", into("a", "nowhere"))).rejects.toMatchObject(refused("/destination/root"));
  await expect(create("A", into("a/../../b"))).rejects.toMatchObject(refused("/destination/folder"));
  await expect(
    create("A", { connection: "0198c2f0-0000-7000-8000-000000000000" as ConnectionId }),
  ).rejects.toMatchObject(refused("/connection_id"));
});

it("gives a name to one sync only, in whatever case", async () => {
  const { create, deps, caller, workspace } = await here();
  const { id } = await create("Drawings");
  const other = await create("Letters");

  await expect(create("drawings")).rejects.toMatchObject({ code: "name_taken", errors: [{ pointer: "/name" }] });
  await expect(updateSync(deps, caller, other.id, { name: "DRAWINGS" })).rejects.toMatchObject({ code: "name_taken" });
  expect(await checkSyncName(deps, workspace, "drawings", undefined)).toBe(false);
  expect(await checkSyncName(deps, workspace, "drawings", id)).toBe(true);
});

it("gives a destination's folder to one sync alone: not the same, not above, not below, in whatever case", async () => {
  const { create, into } = await here();
  await create("First", into("Yard/Hull"));

  for (const folder of ["Yard/Hull", "yard/HULL", "Yard", "Yard/Hull/Plans"]) {
    await expect(create("Second", into(folder))).rejects.toMatchObject({
      code: "destination_in_use",
      errors: [{ pointer: "/destination/folder", detail: expect.stringContaining('"First"') }],
    });
  }
  await create("Second", into("Yard/Hull 2"));
});

it("gives one folder to one of two syncs that are made at once", async () => {
  const { create, into } = await here();

  const outcomes = await Promise.allSettled([create("A", into("same")), create("B", into("Same/below"))]);

  expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  expect(outcomes.find(({ status }) => status === "rejected")).toMatchObject({
    reason: { code: "destination_in_use" },
  });
});

it("has the next run look at every file anew when the selection changes, and only then", async () => {
  const { create, deps, caller, row, audited } = await here();
  const { id } = await create("Drawings");
  const version = async () => (await row(id))?.selection_version;

  await updateSync(deps, caller, id, {
    name: "Plans",
    schedule: { kind: "interval", minutes: 5 },
    filters: everything,
  });
  expect(await version()).toBe(1);
  await updateSync(deps, caller, id, { filters: { ...everything, exclude: ["*.tmp"] } });
  expect(await version()).toBe(2);
  await updateSync(deps, caller, id, { rules: [{ pattern: "/{system}/**", parts: {}, set: {} }] });
  expect(await version()).toBe(3);
  await updateSync(deps, caller, id, { folders: [{ id: "f", locator: null, path: "F" }] });
  expect(await version()).toBe(4);

  expect((await audited()).filter(({ action }) => action === "sync.updated")[0]).toMatchObject({
    before: { name: "Drawings", schedule: { kind: "manual" } },
    after: { name: "Plans", schedule: { kind: "interval", minutes: 5 } },
  });
});

it("says that it runs, waits or rests, and that there is nothing to cancel", async () => {
  const { create, deps, caller } = await here();
  const { id } = await create("Drawings");

  await expect(cancelRun(deps, caller, id)).rejects.toMatchObject({ code: "sync_not_running" });
  const run = await runSync(deps, caller, id);
  await expect(runSync(deps, caller, id)).rejects.toMatchObject({ code: "sync_already_running" });
  expect(await pauseSync(deps, caller, id)).toMatchObject({ status: "paused", enabled: false });
  expect(await resumeSync(deps, caller, id)).toMatchObject({ status: "queued", enabled: true });
  expect(await cancelRun(deps, caller, id)).toMatchObject({ id: run.id, status: "cancelled" });
});

it("deletes a sync with its open run, and frees name and folder", async () => {
  const { create, into, deps, caller, workspace, row } = await here();
  const { id } = await create("Drawings", into("Drawings"));
  const run = await runSync(deps, caller, id);

  await deleteSync(deps, caller, id);

  expect((await row(id))?.deleted_at).toBeInstanceOf(Date);
  expect((await getRun(deps, workspace, run.id)).status).toBe("cancelled");
  await expect(getSync(deps, workspace, id)).rejects.toMatchObject({ code: "not_found" });
  await create("Drawings", into("Drawings"));
});

it("SR-56 shows nothing of another workspace", async () => {
  const [mine, theirs] = [await here(), await here()];
  const { id } = await theirs.create("Theirs");
  const run = await runSync(theirs.deps, theirs.caller, id);

  const refused = { code: "not_found" };
  await expect(getSync(mine.deps, mine.workspace, id)).rejects.toMatchObject(refused);
  await expect(updateSync(mine.deps, mine.caller, id, { name: "Mine" })).rejects.toMatchObject(refused);
  await expect(deleteSync(mine.deps, mine.caller, id)).rejects.toMatchObject(refused);
  await expect(runSync(mine.deps, mine.caller, id)).rejects.toMatchObject(refused);
  await expect(pauseSync(mine.deps, mine.caller, id)).rejects.toMatchObject(refused);
  await expect(getRun(mine.deps, mine.workspace, run.id)).rejects.toMatchObject(refused);
  await expect(listRuns(mine.deps, mine.workspace, id, { limit: 10 })).rejects.toMatchObject(refused);
  await expect(readRunLog(mine.deps, mine.workspace, run.id, { limit: 10 })).rejects.toMatchObject(refused);
  await expect(mine.create("Mine", { connection: theirs.connection.id })).rejects.toMatchObject({
    errors: [{ pointer: "/connection_id" }],
  });
  expect((await listSyncs(mine.deps, mine.workspace, { limit: 10 })).items).toEqual([]);
});

it("lists syncs by name, page by page", async () => {
  const { create, deps, workspace } = await here();
  for (const name of ["c", "A", "b"]) await create(name);

  const first = await listSyncs(deps, workspace, { limit: 2 });
  const second = await listSyncs(deps, workspace, { limit: 2, cursor: first.next });

  expect([...first.items, ...second.items].map(({ name }) => name)).toEqual(["A", "b", "c"]);
  expect(second.next).toBeUndefined();
});

it("shows runs newest first, page by page, and their log oldest first", async () => {
  const { create, deps, caller, workspace } = await here();
  const { id } = await create("Drawings");
  const runs: string[] = [];
  for (let number = 0; number < 3; number++) {
    runs.unshift((await runSync(deps, caller, id)).id);
    await cancelRun(deps, caller, id);
  }
  const newest = await getRun(deps, workspace, (await listRuns(deps, workspace, id, { limit: 1 })).items[0]!.id);
  await deps.database.asWorkspace({ workspace }, async (tx) => {
    for (const level of ["info", "warning", "info"]) {
      await tx.sql`insert into sync_run_log (workspace_id, run_id, level, code, message) values (${workspace}, ${newest.id}, ${level}, 'x', ${level})`;
    }
  });

  const first = await listRuns(deps, workspace, id, { limit: 2 });
  const second = await listRuns(deps, workspace, id, { limit: 2, cursor: first.next });
  expect([...first.items, ...second.items].map((run) => run.id)).toEqual(runs);
  expect((await listRuns(deps, workspace, id, { limit: 5, status: "done" })).items).toEqual([]);

  const log = await readRunLog(deps, workspace, newest.id, { limit: 2 });
  const rest = await readRunLog(deps, workspace, newest.id, { limit: 2, cursor: log.next });
  expect([...log.items, ...rest.items].map(({ level }) => level)).toEqual(["info", "warning", "info"]);
  expect((await readRunLog(deps, workspace, newest.id, { limit: 9, level: "warning" })).items).toHaveLength(1);
});

it("previews filters and rules on the files that are there, unmatched folders first", async () => {
  const { deps, caller, connection, put, firstDrive } = await here();
  await put("Hull/Plans/a.pdf");
  await put("Hull/Plans/b.tmp");
  await put("Engine/Manuals/c.pdf");
  await put("loose.pdf");

  const preview = await previewSelection(deps, caller, {
    connection: connection.id,
    drive: await firstDrive(),
    folders: [],
    filters: { ...everything, exclude: ["*.tmp"] },
    rules: [{ pattern: "/{system}/{kind}", parts: {}, set: {} }],
  });

  expect(preview).toMatchObject({ filesSeen: 4, filesKept: 3, foldersSeen: 3, foldersMatched: 2, truncated: false });
  expect(preview.paths.map(({ path, files }) => [path, files])).toEqual([
    ["", 1],
    ["/Engine/Manuals", 1],
    ["/Hull/Plans", 1],
  ]);
  expect(preview.paths[2]?.matches).toMatchObject([
    { rule: 0, part: "system", value: "Hull", start: 1, end: 5 },
    { rule: 0, part: "kind", value: "Plans", start: 6, end: 11 },
  ]);
  expect(preview.values).toEqual({
    system: [
      { value: "Engine", folders: 1 },
      { value: "Hull", folders: 1 },
    ],
    kind: [
      { value: "Manuals", folders: 1 },
      { value: "Plans", folders: 1 },
    ],
  });
});

it("looks into many folders even where the first one is huge, and says that it did not see all", async () => {
  const { deps, caller, connection, put, firstDrive } = await here();
  await Promise.all(Array.from({ length: 2500 }, (_, number) => put(`A/${number}.txt`)));
  for (const folder of ["B", "C/D"]) await put(`${folder}/one.txt`);

  const preview = await previewSelection(deps, caller, {
    connection: connection.id,
    drive: await firstDrive(),
    folders: [],
    filters: everything,
    rules: [],
  });

  expect(preview).toMatchObject({ filesSeen: 2000, truncated: true });
  expect(preview.paths.map(({ path }) => path)).toEqual(["/A", "/B", "/C/D"]);
});

it("tests a destination for real and leaves nothing behind", async () => {
  const { deps, caller, into, target, slug, audited } = await here();

  const result = await testDestination(deps, caller, into("Drawings").destination);

  expect(result).toMatchObject({ ok: true, failure: undefined });
  expect(result.freeBytes).toBeGreaterThan(0);
  const left = await readdir(join(target, slug, "Drawings"), { recursive: true, withFileTypes: true });
  expect(left.filter((entry) => entry.isFile())).toEqual([]);
  expect((await audited()).at(-1)).toMatchObject({ action: "destination.tested", result: "done" });
});

it("tells on the home page what waits for a person, what runs and what comes next", async () => {
  const { create, deps, caller, workspace, connection } = await here();
  expect((await readHome(deps, workspace)).firstSteps).toEqual({ connected: true, syncMade: false, fileSynced: false });
  const held = await create("Drawings");
  const running = await create("Letters");
  await runSync(deps, caller, running.id);
  await create("Manuals", { schedule: { kind: "interval", minutes: 15 } });
  await deps.database.asWorkspace({ workspace }, async (tx) => {
    await tx.sql`update syncs set held_removals = 2, held_since = now() where id = ${held.id}`;
    await tx.sql`update schedules set next_tick_at = now() + interval '1 hour'`;
    await tx.sql`
      insert into files (workspace_id, sync_id, remote_id, name, is_folder, version, state, seen_generation, size, failure)
      values (${workspace}, ${held.id}, '1', 'a.pdf', false, '1', 'indexed', 1, 10, null),
             (${workspace}, ${held.id}, '2', 'b.pdf', false, '1', 'failed', 1, 5, '{"kind": "forbidden", "message": "No access to the file"}')`;
  });

  const home = await readHome(deps, workspace);

  expect(home.attention.map(({ kind, title }) => [kind, title])).toEqual([
    ["removals_held", '2 of 2 files of "Drawings" are gone at the source'],
    ["files_failed", '1 file of "Drawings" has failed'],
  ]);
  expect(home.attention[1]?.detail).toBe("No access to the file. All others are in order.");
  expect(home.running.map(({ sync, run }) => [sync.name, run.status])).toEqual([["Letters", "queued"]]);
  expect(home.next.map(({ sync }) => sync.name)).toEqual(["Manuals"]);
  expect(home).toMatchObject({
    connections: { total: 1, inOrder: 1 },
    files: { total: 2, bytes: 15 },
    firstSteps: { connected: true, syncMade: true, fileSynced: true },
  });
  expect(home.runs24h.byHour).toHaveLength(24);

  await deps.database.asWorkspace(
    { workspace },
    (tx) =>
      tx.sql`update connections set status = 'error', failure = '{"kind": "unavailable", "message": "The disk is not there"}' where id = ${connection.id}`,
  );
  expect((await readHome(deps, workspace)).attention[0]).toMatchObject({
    kind: "connection_error",
    detail: "The disk is not there. 3 syncs wait; nothing is lost.",
    connection: connection.id,
  });
});
