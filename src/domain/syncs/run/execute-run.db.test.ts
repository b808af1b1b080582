import { appendFile, mkdir, rename, rm, symlink, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { RemoteId } from "#core/ids.ts";
import type { WorkspaceTx } from "#db/database.ts";
import { openConnection } from "#domain/connections/open-connection.ts";
import { type TestDatabase, testDatabase } from "../../../../test/support/database.ts";
import { type ASync, aSync } from "../testing/a-sync.ts";
import { cancelOpenRun, decideRemovals, pauseSync, resumeSync } from "./control.ts";
import { executeRun } from "./execute-run.ts";

let test: TestDatabase;
const syncs: ASync[] = [];

beforeAll(async () => {
  test = await testDatabase();
});
afterEach(async () => {
  await Promise.all(syncs.splice(0).map((sync) => sync.end()));
});
afterAll(() => test.close());

async function make(
  ...settings: Parameters<typeof aSync> extends [unknown, ...infer Rest] ? Rest : never
): Promise<ASync> {
  const made = await aSync(test.database, ...settings);
  syncs.push(made);
  return made;
}

async function write(sync: ASync, files: Record<string, string>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(sync.source, path, ".."), { recursive: true });
    await writeFile(join(sync.source, path), text);
  }
}

const some = { "a.txt": "one", "Engine/Manuals/b.pdf": "two", "Engine/c.txt": "", "Hull/d é.txt": "four" };

describe("a run", () => {
  it("brings every file to the destination and counts each once", async () => {
    const sync = await make({ layout: "mirror" });
    await write(sync, some);
    expect(await sync.run()).toMatchObject({
      status: "done",
      found: 4,
      created: 4,
      remaining: 0,
      failed: 0,
      bytes: "10",
    });
    expect(await sync.stored()).toEqual(some);
  });

  it("F5 copies nothing again when nothing has changed", async () => {
    const sync = await make();
    await write(sync, some);
    await sync.run();
    expect(await sync.run()).toMatchObject({ status: "done", found: 4, unchanged: 4, created: 0, updated: 0 });
  });

  it("copies only what was edited or added", async () => {
    const sync = await make({ layout: "mirror" });
    await write(sync, some);
    await sync.run();
    await write(sync, { "a.txt": "one, edited", "new.txt": "new" });
    expect(await sync.run()).toMatchObject({ status: "done", found: 5, unchanged: 3, created: 1, updated: 1 });
    expect(await sync.stored()).toEqual({ ...some, "a.txt": "one, edited", "new.txt": "new" });
  });

  it("SR-84 keeps an object where it is when its file moves, in the layout by ids", async () => {
    const sync = await make();
    await write(sync, some);
    await sync.run();
    const before = await sync.stored();
    await rename(join(sync.source, "Engine"), join(sync.source, "Machinery"));
    await rename(join(sync.source, "a.txt"), join(sync.source, "Hull/renamed.txt"));
    expect(await sync.run()).toMatchObject({
      status: "done",
      found: 4,
      moved: 1,
      unchanged: 3,
      created: 0,
      updated: 0,
      deleted: 0,
    });
    expect(await sync.stored()).toEqual(before);
  });

  it("moves objects of the mirror layout without copying them", async () => {
    const sync = await make({ layout: "mirror" });
    await write(sync, some);
    await sync.run();
    await rename(join(sync.source, "Engine"), join(sync.source, "Machinery"));
    await rename(join(sync.source, "a.txt"), join(sync.source, "Hull/renamed.txt"));
    expect(await sync.run()).toMatchObject({
      status: "done",
      moved: 1,
      unchanged: 3,
      created: 0,
      updated: 0,
      bytes: "0",
    });
    expect(await sync.stored()).toEqual({
      "Hull/renamed.txt": "one",
      "Machinery/Manuals/b.pdf": "two",
      "Machinery/c.txt": "",
      "Hull/d é.txt": "four",
    });
  });

  it("takes a file that an editor saved as a new one for the same file", async () => {
    const sync = await make({ layout: "mirror", onDelete: "remove" });
    await write(sync, some);
    await sync.run();
    await writeFile(join(sync.source, "a.txt.new"), "saved anew");
    await rename(join(sync.source, "a.txt.new"), join(sync.source, "a.txt"));
    expect(await sync.run()).toMatchObject({ status: "done", updated: 1, created: 0, deleted: 0, held: 0 });
    expect(await sync.stored()).toEqual({ ...some, "a.txt": "saved anew" });
    expect(await sync.files()).toHaveLength(4);
  });

  it("SR-86 keeps the new file under a name whose earlier file was changed and moved away, as rotated logs are", async () => {
    const sync = await make({ layout: "mirror" });
    // More than are copied in one go, so that old and new ones come in different ones.
    const logs = Array.from({ length: 450 }, (_, n) => n);
    await write(sync, Object.fromEntries(logs.map((n) => [`${n}.log`, `first ${n}`])));
    await sync.run();
    const rotated: Record<string, string> = {};
    for (const n of logs) {
      await appendFile(join(sync.source, `${n}.log`), ", and the end");
      await rename(join(sync.source, `${n}.log`), join(sync.source, `${n}.old.log`));
      rotated[`${n}.old.log`] = `first ${n}, and the end`;
      rotated[`${n}.log`] = `second ${n}`;
      await writeFile(join(sync.source, `${n}.log`), `second ${n}`);
    }
    expect(await sync.run()).toMatchObject({ status: "done", updated: 450, created: 450 });
    const stored = await sync.stored();
    // Where the place was not free yet, a short id is joined to the name.
    expect(Object.values(stored).sort()).toEqual(Object.values(rotated).sort());
    expect((await sync.files()).every(({ object_key }) => object_key !== null && object_key in stored)).toBe(true);
  });

  it("keeps files apart whose names differ only in case", async () => {
    const sync = await make({ layout: "mirror" });
    await write(sync, { "Report.txt": "one", "REPORT.txt": "two", "Report.TXT": "three" });
    await sync.run();
    const stored = await sync.stored();
    expect(Object.values(stored).sort()).toEqual(["one", "three", "two"]);
    expect(new Set(Object.keys(stored).map((name) => name.toLowerCase())).size).toBe(3);
    expect(await sync.run()).toMatchObject({ unchanged: 3 });
    expect(await sync.stored()).toEqual(stored);
  });

  it("removes at the destination what is gone, when the sync says so, and keeps the bytes", async () => {
    const sync = await make({ layout: "mirror", onDelete: "remove" });
    await write(sync, {
      ...some,
      ...Object.fromEntries(Array.from({ length: 10 }, (_, n) => [`more/${n}.txt`, `${n}`])),
    });
    await sync.run();
    await unlink(join(sync.source, "a.txt"));
    await rm(join(sync.source, "Hull"), { recursive: true });
    expect(await sync.run()).toMatchObject({ status: "done", deleted: 2, held: 0, found: 12, unchanged: 12 });
    const stored = await sync.stored();
    expect(stored).not.toHaveProperty("a.txt");
    expect(Object.keys(stored)).toHaveLength(12);
    expect((await sync.files()).filter(({ state }) => state === "removed")).toHaveLength(2);
  });

  it("SR-89 holds removals of more than a fifth until a person approves", async () => {
    const sync = await make({ layout: "mirror", onDelete: "remove" });
    await write(sync, some);
    await sync.run();
    await rm(join(sync.source, "Engine"), { recursive: true });
    expect(await sync.run()).toMatchObject({ status: "done", deleted: 0, held: 2 });
    expect(await sync.stored()).toEqual(some);

    await test.database.asWorkspace({ workspace: sync.workspace }, (tx) =>
      decideRemovals(tx, sync.deps.queue, sync.sync, "approve", undefined),
    );
    expect(await sync.run("removals")).toMatchObject({ status: "done", deleted: 2 });
    expect(await sync.stored()).toEqual({ "a.txt": "one", "Hull/d é.txt": "four" });
  });

  it("SR-89 keeps held files for good when a person says so", async () => {
    const sync = await make({ layout: "mirror", onDelete: "remove" });
    await write(sync, some);
    await sync.run();
    await rm(join(sync.source, "Engine"), { recursive: true });
    await sync.run();
    await test.database.asWorkspace({ workspace: sync.workspace }, (tx) =>
      decideRemovals(tx, sync.deps.queue, sync.sync, "keep", undefined),
    );
    await sync.run("removals");
    expect(await sync.stored()).toEqual(some);
    expect(await sync.run()).toMatchObject({ held: 0, deleted: 0 });
  });

  it("SR-89 removes nothing when the whole source is not there", async () => {
    const sync = await make({ layout: "mirror", onDelete: "remove" });
    await write(sync, some);
    await sync.run();
    await rename(sync.source, `${sync.source}-away`);
    await mkdir(sync.source);
    expect(await sync.run()).toMatchObject({ status: "failed", deleted: 0, held: 0 });
    expect(await sync.stored()).toEqual(some);
    expect((await sync.files()).every(({ state }) => state === "stored")).toBe(true);
  });

  it("SR-70 stops at its maximum, says so, and goes on in the next run", async () => {
    const sync = await make({ layout: "mirror", columns: { max_files_per_run: 3 } });
    await write(sync, some);
    expect(await sync.run()).toMatchObject({
      status: "done",
      found: 4,
      created: 3,
      remaining: 1,
      stopped_at_maximum: true,
    });
    expect(await sync.run()).toMatchObject({
      status: "done",
      found: 4,
      unchanged: 3,
      created: 1,
      remaining: 0,
      stopped_at_maximum: false,
    });
    expect(await sync.stored()).toEqual(some);
  });

  it("keeps only rows when there is no destination, with metadata read off the path", async () => {
    const rules = JSON.stringify([{ pattern: "/{system}/**", parts: {}, set: {} }]);
    const sync = await make({ layout: "none", columns: { rules } });
    await write(sync, some);
    expect(await sync.run()).toMatchObject({ status: "done", found: 4, created: 4, bytes: "0" });
    expect((await sync.files()).every(({ state }) => state === "indexed")).toBe(true);
    const folders = await test.database.asWorkspace(
      { workspace: sync.workspace },
      (tx) => tx.sql`select path, metadata from files where sync_id = ${sync.sync} and is_folder order by path`,
    );
    expect(folders).toContainEqual({ path: "/Engine/Manuals", metadata: { system: "Engine" } });
  });

  it("leaves out what the filters leave out, and brings it when they change", async () => {
    const sync = await make({ layout: "mirror", columns: { filters: JSON.stringify({ types: ["txt"] }) } });
    await write(sync, some);
    expect(await sync.run()).toMatchObject({ found: 4, created: 3, skipped: 1 });
    await sync.change({ filters: "{}" });
    expect(await sync.run()).toMatchObject({ found: 4, unchanged: 3, created: 1, skipped: 0 });
    expect(await sync.stored()).toEqual(some);
  });

  it("never follows a link out of the folder", async () => {
    const sync = await make({ layout: "mirror" });
    await write(sync, some);
    await symlink("/etc", join(sync.source, "etc"));
    await symlink("/etc/passwd", join(sync.source, "passwd.txt"));
    expect(await sync.run()).toMatchObject({ status: "done", found: 4 });
    expect(await sync.stored()).toEqual(some);
  });

  it("A2 keeps to the chosen folders", async () => {
    const sync = await make({ layout: "mirror" });
    await write(sync, some);
    await sync.run();
    const [engine] = await test.database.asWorkspace(
      { workspace: sync.workspace },
      (tx) =>
        tx.sql<{
          remote_id: string;
          locator: string | null;
        }>`select remote_id, locator from files where sync_id = ${sync.sync} and path = '/Engine'`,
    );
    await sync.change({
      folders: JSON.stringify([{ id: engine?.remote_id, locator: engine?.locator, path: "/Engine" }]),
      selection_version: 2,
    });
    expect(await sync.run()).toMatchObject({ status: "done", found: 2, unchanged: 2, deleted: 2, held: 0 });
    await sync.change({ folders: "[]", selection_version: 3 });
    expect(await sync.run()).toMatchObject({ status: "done", found: 4 });
    expect((await sync.files()).every(({ state }) => state === "stored")).toBe(true);
  });

  it("SR-91 rests when the destination refuses and goes on by itself", async () => {
    const sync = await make({ layout: "mirror" });
    await write(sync, some);
    await rename(join(sync.destination, "../.."), `${join(sync.destination, "../..")}-away`);
    const id = await sync.start();
    await executeRun(sync.deps, sync.workspace, id, new AbortController().signal);
    expect(await sync.row(id)).toMatchObject({ status: "paused", failure: { kind: "destination_unavailable" } });
    await rename(`${join(sync.destination, "../..")}-away`, join(sync.destination, "../.."));
    await executeRun(sync.deps, sync.workspace, id, new AbortController().signal);
    expect(await sync.row(id)).toMatchObject({ status: "done", created: 4 });
  });

  it("is one at a time for a sync", async () => {
    const sync = await make();
    await sync.start();
    await expect(sync.start()).rejects.toMatchObject({ code: "sync_already_running" });
  });

  it("rests while its sync is paused, and goes on with what was left", async () => {
    const sync = await make({ layout: "mirror" });
    await write(sync, some);
    const id = await sync.start();
    const inWorkspace = <T>(work: (tx: WorkspaceTx) => Promise<T>) =>
      test.database.asWorkspace({ workspace: sync.workspace }, work);
    await inWorkspace((tx) => pauseSync(tx, sync.sync));
    await executeRun(sync.deps, sync.workspace, id, new AbortController().signal);
    expect(await sync.row(id)).toMatchObject({ status: "paused", found: 0 });
    await expect(sync.start()).rejects.toMatchObject({ code: "sync_paused" });
    await inWorkspace((tx) => resumeSync(tx, sync.deps.queue, sync.sync));
    await executeRun(sync.deps, sync.workspace, id, new AbortController().signal);
    expect(await sync.row(id)).toMatchObject({ status: "done", created: 4 });
  });

  it("SR-96 copies nothing after it was cancelled, also when its process died before it heard of it", async () => {
    const sync = await make({ layout: "mirror" });
    await write(sync, some);
    const id = await sync.start();
    await test.database.asWorkspace({ workspace: sync.workspace }, async (tx) => {
      await tx.sql`update sync_runs set status = 'running' where id = ${id}`;
      await cancelOpenRun(tx, sync.sync);
    });
    await executeRun(sync.deps, sync.workspace, id, new AbortController().signal);
    expect(await sync.row(id)).toMatchObject({ status: "cancelled", found: 0 });
    expect(await sync.stored()).toEqual({});
    expect(await sync.run()).toMatchObject({ status: "done", created: 4 });
  });

  it("SR-97 leaves everything as it is when its process stops, and another one goes on", async () => {
    const sync = await make({ layout: "mirror" });
    await write(sync, some);
    const id = await sync.start();
    const stopping = AbortSignal.abort(new Error("stopping"));
    await expect(executeRun(sync.deps, sync.workspace, id, stopping)).rejects.toThrow("stopping");
    expect(await sync.row(id)).toMatchObject({ status: "running", failure: null });
    await executeRun({ ...sync.deps, holder: "another" }, sync.workspace, id, new AbortController().signal);
    expect(await sync.row(id)).toMatchObject({ status: "done", created: 4 });
  });

  it("tells its connection when the source is not there, and that it is back", async () => {
    const sync = await make();
    await write(sync, some);
    const status = async () => {
      const [row] = await test.database.asWorkspace(
        { workspace: sync.workspace },
        (tx) => tx.sql<{ status: string }>`select status from connections`,
      );
      return row?.status;
    };
    await rename(sync.source, `${sync.source}-away`);
    await sync.run();
    expect(await status()).toBe("error");
    await rename(`${sync.source}-away`, sync.source);
    await sync.run();
    expect(await status()).toBe("active");
  });

  it("tries failed files again without listing", async () => {
    const sync = await make({ layout: "mirror" });
    await write(sync, some);
    await sync.run();
    await test.database.asWorkspace(
      { workspace: sync.workspace },
      (tx) =>
        tx.sql`update files set state = 'failed', failure = '{"kind": "forbidden", "message": "no"}' where sync_id = ${sync.sync} and name = 'a.txt'`,
    );
    expect(await sync.run("retry")).toMatchObject({
      trigger: "retry",
      status: "done",
      found: 1,
      updated: 1,
      folders: 0,
    });
    expect((await sync.files()).every(({ state }) => state === "stored")).toBe(true);
    await expect(sync.run("retry")).rejects.toMatchObject({ code: "conflict" });
  });

  it("SR-89 begins a folder anew that an earlier listing had left in its middle", async () => {
    const sync = await make({ layout: "none" });
    await write(sync, Object.fromEntries(Array.from({ length: 1_200 }, (_, n) => [`${n}.txt`, "x"])));
    await sync.run();
    const { provider, call } = await openConnection(sync.deps, sync.workspace, sync.connection, {
      use: { actor: "system", purpose: "test" },
      signal: new AbortController().signal,
    });
    const page = await provider.files?.list(call, { drive: "source" as RemoteId });
    expect(page?.next).toBeDefined();
    await test.database.asWorkspace(
      { workspace: sync.workspace },
      (tx) => tx.sql`update files set list_cursor = ${page?.next} where sync_id = ${sync.sync} and remote_id = ''`,
    );
    expect(await sync.run()).toMatchObject({ status: "done", found: 1_200, unchanged: 1_200, held: 0, deleted: 0 });
  });

  it("SR-70 goes on in the middle of a listing, unless the selection has changed since", async () => {
    const sync = await make({ layout: "none", columns: { max_files_per_run: 1_000 } });
    const files = Array.from({ length: 2_500 }, (_, n) => [`folder ${n % 25}/${n}.txt`, "x"]);
    await write(sync, Object.fromEntries(files));
    const first = await sync.run();
    expect(first).toMatchObject({ status: "done", stopped_at_maximum: true, listed_at: null });
    const rest = [];
    do rest.push(await sync.run());
    while (rest.at(-1)?.stopped_at_maximum);
    const found = [first, ...rest].map((run) => Number(run.found));
    expect(found.reduce((sum, files) => sum + files)).toBe(2_500);
    expect(await sync.files()).toHaveLength(2_500);
    expect(rest.at(-1)).toMatchObject({ generation: 1, deleted: 0, held: 0 });
    await sync.change({ selection_version: 2 });
    expect(await sync.run()).toMatchObject({ generation: 2, found: 2_500, unchanged: 2_500 });
  });
});
