// What the world does to a run while it works: disks fill up, folders vanish, files change, processes fall asleep.
import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import { appendFile, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { Cursor } from "#core/ids.ts";
import type { Page } from "#core/page.ts";
import type { FileSource, Provider, RemoteFile } from "#provider-kit/provider.ts";
import { type TestDatabase, testDatabase } from "../../../../test/support/database.ts";
import { type ASync, aSync } from "../testing/a-sync.ts";
import type { RunDeps } from "./at-work.ts";
import { decideRemovals } from "./control.ts";
import { executeRun } from "./execute-run.ts";

let test: TestDatabase;
let sync: ASync;
const undo: (() => unknown)[] = [];
const mountable = await canMount();

beforeAll(async () => {
  test = await testDatabase();
});
afterEach(async () => {
  for (const each of undo.splice(0).reverse()) await each();
  await sync.end();
});
afterAll(() => test.close());

const write = async (files: Record<string, string>) => {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(sync.source, path, ".."), { recursive: true });
    await writeFile(join(sync.source, path), text);
  }
};
const numbered = (count: number, text = "x") =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`folder ${n % 20}/${n}.txt`, `${text} ${n}`]));

/** The source with somebody at it: what is given is called around the provider's own work. */
function meddledWith(meddle: {
  beforeList?: (folder: string | undefined) => Promise<void>;
  afterList?: (page: Page<RemoteFile>) => Page<RemoteFile>;
  afterRead?: (name: string, signal: AbortSignal) => Promise<void>;
}): RunDeps {
  const providers = [...sync.deps.providers].map(([key, provider]): [string, Provider] => {
    const files = provider.files as FileSource;
    const list: FileSource["list"] = async (call, at) => {
      await meddle.beforeList?.(at.folder);
      const page = await files.list(call, at);
      return meddle.afterList?.(page) ?? page;
    };
    const read: FileSource["read"] = async (call, ref, options) => {
      const { name } = await files.get(call, ref);
      const content = await files.read(call, ref, options);
      await meddle.afterRead?.(name, call.signal);
      return content;
    };
    return [key, { ...provider, files: { ...files, list, read } }];
  });
  return { ...sync.deps, providers: new Map(providers) };
}

async function run(deps: RunDeps) {
  const id = await sync.start();
  await executeRun(deps, sync.workspace, id, new AbortController().signal);
  return sync.row(id);
}

const countsAddUp = (row: Record<string, unknown>) => {
  const number = (name: string) => Number(row[name]);
  const ended = ["created", "updated", "moved", "unchanged", "skipped", "failed", "remaining"].map(number);
  expect(ended.reduce((sum, count) => sum + count)).toBe(number("found"));
};

/** Every row that says stored has its object, and there is no object that no row speaks of. */
async function expectRowsAndObjectsAgree(): Promise<void> {
  const stored = Object.keys(await sync.stored()).sort();
  const rows = (await sync.files()).flatMap(({ object_key }) => object_key ?? []).sort();
  expect(rows).toEqual(stored);
}

describe("the source, in the middle of a run,", () => {
  it("SR-89 vanishes while it is listed: nothing is removed, and the next run goes on", async () => {
    sync = await aSync(test.database, { layout: "mirror", onDelete: "remove" });
    await write(numbered(200));
    expect(await sync.run()).toMatchObject({ status: "done", created: 200 });
    const before = await sync.stored();

    let asked = 0;
    const away = `${sync.source}-away`;
    const beforeList = async () => {
      if (++asked === 8) await rename(sync.source, away);
    };
    const interrupted = await run(meddledWith({ beforeList }));
    expect(interrupted).toMatchObject({ deleted: 0, held: 0 });
    expect(interrupted.status).not.toBe("done");
    expect(await sync.stored()).toEqual(before);

    await rename(away, sync.source);
    expect(await sync.run()).toMatchObject({ status: "done", unchanged: 200, deleted: 0, created: 0 });
  });

  it("SR-89 is swapped for an empty folder while it is listed: nothing is removed", async () => {
    sync = await aSync(test.database, { layout: "mirror", onDelete: "remove" });
    await write(numbered(200));
    await sync.run();
    const before = await sync.stored();
    let asked = 0;
    const away = `${sync.source}-away`;
    const beforeList = async () => {
      if (++asked !== 8) return;
      await rename(sync.source, away);
      await mkdir(sync.source);
    };
    expect(await run(meddledWith({ beforeList }))).toMatchObject({ status: "failed", deleted: 0, held: 0 });
    expect(await sync.stored()).toEqual(before);
  });

  it("SR-89 is emptied for good while it is listed: what is missing waits for a person", async () => {
    sync = await aSync(test.database, { layout: "mirror", onDelete: "remove" });
    await write(numbered(200));
    await sync.run();
    const before = await sync.stored();
    let asked = 0;
    const beforeList = async () => {
      // The top has been listed, and nothing below it.
      if (++asked !== 2) return;
      for (const name of readdirSync(sync.source)) rmSync(join(sync.source, name), { recursive: true });
    };
    const row = await run(meddledWith({ beforeList }));
    expect(row).toMatchObject({ deleted: 0, held: 0 });
    countsAddUp(row);
    expect(await sync.run()).toMatchObject({ deleted: 0, held: 200 });
    expect(await sync.stored()).toEqual(before);
  });

  it("SR-89 comes back in part: what is still missing goes on waiting for a person", async () => {
    sync = await aSync(test.database, { layout: "mirror", onDelete: "remove" });
    await write(numbered(20));
    await sync.run();
    const before = await sync.stored();
    const away = `${sync.source}-away`;
    await mkdir(away);
    const lost = Array.from({ length: 8 }, (_, n) => `folder ${n}`);
    for (const name of lost) await rename(join(sync.source, name), join(away, name));
    expect(await sync.run()).toMatchObject({ deleted: 0, held: 8 });
    for (const name of lost.slice(2)) await rename(join(away, name), join(sync.source, name));
    expect(await sync.run()).toMatchObject({ deleted: 0, held: 2, unchanged: 18 });
    expect(await sync.stored()).toEqual(before);
    await test.database.asWorkspace({ workspace: sync.workspace }, (tx) =>
      decideRemovals(tx, sync.deps.queue, sync.sync, "approve", undefined),
    );
    expect(await sync.run("removals")).toMatchObject({ status: "done", deleted: 2 });
    expect(Object.keys(await sync.stored())).toHaveLength(18);
  });

  it("SR-73 SR-89 goes in circles with its pages: the folder fails, the run ends, and nothing is removed", async () => {
    sync = await aSync(test.database, { layout: "mirror", onDelete: "remove" });
    await write(numbered(40));
    await sync.run();
    const before = await sync.stored();
    const afterList = ({ items }: Page<RemoteFile>) => ({ items: items.slice(0, 1), next: "again" as Cursor });
    const row = await run(meddledWith({ afterList }));
    expect(row).toMatchObject({ status: "done_with_failures", deleted: 0, held: 0 });
    expect(await sync.stored()).toEqual(before);
  });

  it("SR-90 loses files while they are copied: the others come, and the counts add up", async () => {
    sync = await aSync(test.database, { layout: "mirror" });
    await write(numbered(100));
    let left = 30;
    const gone = new Set<string>();
    const afterRead = async () => {
      for (const n of [left--, left--]) {
        if (n < 0) return;
        gone.add(`folder ${n % 20}/${n}.txt`);
        await rm(join(sync.source, `folder ${n % 20}/${n}.txt`), { force: true });
      }
    };
    const row = await run(meddledWith({ afterRead }));
    expect(row).toMatchObject({ status: "done", found: 100, failed: 0, remaining: 0 });
    expect(Number(row.created) + Number(row.skipped)).toBe(100);
    countsAddUp(row);
    expect(gone.size).toBeGreaterThan(20);
    for (const [path, text] of Object.entries(await sync.stored())) expect(text).toBe(numbered(100)[path]);
    await expectRowsAndObjectsAgree();
  });

  it("SR-87 writes to a file while it is copied: what is stored is one version, whole", async () => {
    sync = await aSync(test.database, { layout: "mirror" });
    const first = "a".repeat(2_000_000);
    await write({ "growing.txt": first, "other.txt": "o" });
    let writes = 0;
    const afterRead = async (name: string) => {
      if (name === "growing.txt" && writes++ < 2) await appendFile(join(sync.source, name), "b".repeat(500_000));
    };
    const row = await run(meddledWith({ afterRead }));
    expect(row).toMatchObject({ status: "done", created: 2, failed: 0 });
    expect(await sync.stored()).toEqual({ "growing.txt": `${first}${"b".repeat(1_000_000)}`, "other.txt": "o" });
    expect(await sync.run()).toMatchObject({ status: "done", unchanged: 2 });
  });

  it("SR-90 never stops writing to a file: that one fails with a reason, the others come", async () => {
    sync = await aSync(test.database, { layout: "mirror" });
    await write({ "growing.txt": "a", "other.txt": "o" });
    const afterRead = async (name: string) => {
      if (name === "growing.txt") await appendFile(join(sync.source, name), "b");
    };
    const row = await run(meddledWith({ afterRead }));
    expect(row).toMatchObject({ status: "done_with_failures", created: 1, failed: 1, remaining: 0 });
    countsAddUp(row);
    expect(await sync.stored()).toEqual({ "other.txt": "o" });
    expect(await sync.run()).toMatchObject({ status: "done", created: 1, unchanged: 1 });
  });

  it.skipIf(process.getuid?.() !== 0)(
    "SR-90 has a folder that may not be read: the rest comes, and nothing in it is taken for gone",
    async () => {
      sync = await aSync(test.database, { layout: "mirror", onDelete: "remove" });
      await write({ "open/a.txt": "a", "closed/b.txt": "b", "closed/deep/c.txt": "c", "d.txt": "d" });
      await sync.run();
      const before = await sync.stored();
      let closed = 0;
      // The mode of a folder means nothing to root, so a part of the time somebody else looks.
      const deps = meddledWith({});
      const providers = [...deps.providers].map(([key, provider]): [string, Provider] => {
        const files = provider.files as FileSource;
        const list: FileSource["list"] = async (call, at) => {
          if (at.locator === undefined) return files.list(call, at);
          process.seteuid?.("nobody");
          try {
            return await files.list(call, at);
          } catch (failure) {
            closed++;
            throw failure;
          } finally {
            process.seteuid?.(0);
          }
        };
        return [key, { ...provider, files: { ...files, list } }];
      });
      for (const path of [join(sync.source, ".."), sync.source, join(sync.source, "open")])
        execFileSync("chmod", ["755", path]);
      execFileSync("chmod", ["700", join(sync.source, "closed")]);
      const row = await run({ ...deps, providers: new Map(providers) });
      expect(closed).toBeGreaterThan(0);
      expect(row).toMatchObject({ status: "done_with_failures", folders_failed: 1, deleted: 0, held: 0 });
      expect(await sync.stored()).toEqual(before);
    },
  );

  it("SR-84 SR-85 has every name that a file system takes: each file comes, inside of the destination", async () => {
    sync = await aSync(test.database, { layout: "mirror" });
    const names = [
      "../up".replaceAll("/", "\\"),
      "..%2f..%2fetc",
      "CON",
      "nul.txt",
      "trailing.",
      "trailing ",
      ".hawser",
      "line\nbreak.txt",
      "\u001b[31mred.txt",
      "\u202etxt.exe",
      "<img src=x onerror=alert(1)>.txt",
      "'; drop table files; --.txt",
      "$(reboot).txt",
      "{{ workspace.secret }}.txt",
      "é.txt".normalize("NFC"),
      "é.txt".normalize("NFD"),
      "a".repeat(255),
      "ß.txt",
      "SS.txt",
      "con~0123456789ab.txt",
      "100%.txt",
      "%41.txt",
      "-rf",
      "~",
      "\u{1f600}".repeat(60),
    ];
    await mkdir(join(sync.source, ".hawser-folder/…/ "), { recursive: true });
    const files = Object.fromEntries(names.map((name, n) => [`.hawser-folder/…/ /${name}`, `${n}`]));
    await write(files);
    // A name that is no UTF-8 at all.
    await writeFile(Buffer.concat([Buffer.from(`${sync.source}/`), Buffer.from([0xff, 0xfe, 0x2e])]), "raw");
    const row = await sync.run();
    expect(row).toMatchObject({ status: "done", found: names.length + 1, created: names.length + 1, failed: 0 });
    const stored = await sync.stored();
    expect(Object.values(stored).sort()).toEqual([...names.map((_, n) => `${n}`), "raw"].sort());
    await expectRowsAndObjectsAgree();
    // Nothing of it has come to lie beside the folder of the sync.
    expect(await readdir(join(sync.destination, ".."))).toEqual(["copy"]);
    expect(await readdir(join(sync.destination, "../.."))).toEqual([`yard-${sync.workspace}`]);
    expect(await sync.run()).toMatchObject({ status: "done", unchanged: names.length + 1 });
    expect(await sync.stored()).toEqual(stored);
  });
});

describe("the destination, in the middle of a run,", () => {
  it("SR-85 has a file in place of a folder: what was to be taken away there is left, and the run says so", async () => {
    sync = await aSync(test.database, { layout: "mirror", onDelete: "remove" });
    await write({ "a/b.txt": "b", "c.txt": "c", "d.txt": "d", "e.txt": "e", "f.txt": "f", "g.txt": "g" });
    await sync.run();
    await rm(join(sync.destination, "a"), { recursive: true });
    await writeFile(join(sync.destination, "a"), "not ours");
    await rm(join(sync.source, "a/b.txt"));
    expect(await sync.run()).toMatchObject({ status: "done", deleted: 1 });
    expect(await readFile(join(sync.destination, "a"), "utf8")).toBe("not ours");
  });

  it.skipIf(!mountable)(
    `SR-91 is full: the run rests, no row is without its bytes, and it goes on when there is space${mountable ? "" : " (skipped: this user may not mount a small disk)"}`,
    async () => {
      sync = await aSync(test.database, { layout: "mirror" });
      await write(Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`${n}.bin`, String(n).repeat(100_000)])));
      const root = mount("size=1m");
      const id = await sync.start();
      const work = () => executeRun(sync.deps, sync.workspace, id, new AbortController().signal);
      await work();
      const resting = await sync.row(id);
      expect(resting).toMatchObject({ status: "paused", failure: { kind: "destination_full" }, failed: 0 });
      countsAddUp(resting);
      await expectRowsAndObjectsAgree();
      expect(Object.keys(await sync.stored()).length).toBeGreaterThan(0);
      execFileSync("mount", ["-o", "remount,size=16m", root]);
      await work();
      const row = await sync.row(id);
      expect(row).toMatchObject({ status: "done", found: 30, created: 30, failed: 0, remaining: 0 });
      countsAddUp(row);
      await expectRowsAndObjectsAgree();
    },
  );

  it.skipIf(!mountable)(
    `SR-91 becomes read-only: the run rests and goes on${mountable ? "" : " (skipped: this user may not mount a small disk)"}`,
    async () => {
      sync = await aSync(test.database, { layout: "mirror" });
      await write(numbered(60));
      const root = mount("size=16m");
      // Some files come; then, at a moment when nothing is being written, the disk lets nobody write any more.
      let reads = 0;
      const readOnly = Promise.withResolvers<void>();
      const afterRead = async () => {
        if (++reads <= 16) return;
        if (reads === 17) {
          const stored = async () => (await sync.files()).filter(({ state }) => state === "stored").length;
          await vi.waitFor(async () => expect(await stored()).toBe(16), { timeout: 20_000 });
          execFileSync("mount", ["-o", "remount,ro", root]);
          readOnly.resolve();
        }
        await readOnly.promise;
      };
      const id = await sync.start();
      await executeRun(meddledWith({ afterRead }), sync.workspace, id, new AbortController().signal);
      const resting = await sync.row(id);
      expect(resting).toMatchObject({ status: "paused", failure: { kind: "destination_read-only" }, failed: 0 });
      expect(resting.created).toBe(16);
      countsAddUp(resting);
      await expectRowsAndObjectsAgree();
      execFileSync("mount", ["-o", "remount,rw", root]);
      await executeRun(sync.deps, sync.workspace, id, new AbortController().signal);
      expect(await sync.row(id)).toMatchObject({ status: "done", found: 60, created: 60, failed: 0 });
      await expectRowsAndObjectsAgree();
    },
  );

  it("SR-85 SR-90 has links planted in it: nothing is written through them, and the rest comes", async () => {
    sync = await aSync(test.database, { layout: "mirror" });
    await write({ "a/one.txt": "1", "b/two.txt": "2", "c.txt": "3" });
    const elsewhere = await mkdtemp(join(tmpdir(), "hawser-elsewhere-"));
    undo.push(() => rm(elsewhere, { recursive: true }));
    await mkdir(sync.destination, { recursive: true });
    await symlink(elsewhere, join(sync.destination, "a"));
    await symlink(join(elsewhere, "c.txt"), join(sync.destination, "c.txt"));
    const row = await sync.run();
    expect(row).toMatchObject({ status: "done_with_failures", created: 1, failed: 2 });
    countsAddUp(row);
    expect(await readdir(elsewhere)).toEqual([]);
    expect(await sync.stored()).toEqual({ "b/two.txt": "2" });
  });

  function mount(options: string): string {
    const root = join(sync.destination, "../..");
    execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", root]);
    undo.push(() => spawnSync("umount", ["-l", root]));
    return root;
  }
});

describe("the process that works on a run", () => {
  it("SR-83 SR-92 falls asleep and another one takes over: the late one changes nothing any more", async () => {
    sync = await aSync(test.database, { layout: "mirror" });
    await write(numbered(50));
    const asleep = Promise.withResolvers<void>();
    const awake = Promise.withResolvers<void>();
    const afterRead = async () => {
      asleep.resolve();
      await awake.promise;
    };
    const id = await sync.start();
    const stop = new AbortController().signal;
    const late = executeRun({ ...meddledWith({ afterRead }), holder: "asleep" }, sync.workspace, id, stop);
    await asleep.promise;
    await test.database.asWorkspace(
      { workspace: sync.workspace },
      (tx) => tx.sql`update sync_leases set expires_at = now() - interval '1 s' where sync_id = ${sync.sync}`,
    );
    await executeRun({ ...sync.deps, holder: "awake" }, sync.workspace, id, stop);
    const done = await sync.row(id);
    expect(done).toMatchObject({ status: "done", found: 50, created: 50, remaining: 0 });
    const objects = await sync.stored();

    awake.resolve();
    await late;
    expect(await sync.row(id)).toEqual(done);
    expect(await sync.stored()).toEqual(objects);
    await expectRowsAndObjectsAgree();
    expect(await sync.run()).toMatchObject({ status: "done", unchanged: 50, created: 0, updated: 0 });
  });

  it("SR-83 is one of two that take the same run at the same moment: each file is brought once", async () => {
    sync = await aSync(test.database, { layout: "mirror" });
    await write(numbered(100));
    let reads = 0;
    const afterRead = async () => void reads++;
    const id = await sync.start();
    const stop = new AbortController().signal;
    const deps = meddledWith({ afterRead });
    await Promise.all(
      ["one", "two", "three"].map((holder) => executeRun({ ...deps, holder }, sync.workspace, id, stop)),
    );
    expect(await sync.row(id)).toMatchObject({ status: "done", found: 100, created: 100 });
    expect(reads).toBe(100);
  });

  it("SR-94 has no transaction open while it waits for the source", async () => {
    sync = await aSync(test.database, { layout: "mirror" });
    await write({ "a/one.txt": "1", "two.txt": "2" });
    const superuser = await test.superuser();
    let waits = 0;
    // Whatever was open when the call began has to end while the call is still under way.
    const untilOthersEnd = async () => {
      waits++;
      const [{ now } = { now: new Date(0) }] = (await superuser.query<{ now: Date }>("select clock_timestamp() as now"))
        .rows;
      for (;;) {
        const { rows } = await superuser.query(
          `select pid from pg_stat_activity
            where datname = current_database() and usename = 'hawser_app' and xact_start <= $1`,
          [now],
        );
        if (rows.length === 0) return;
      }
    };
    const row = await run(meddledWith({ beforeList: untilOthersEnd, afterRead: untilOthersEnd }));
    expect(row).toMatchObject({ status: "done", created: 2 });
    expect(waits).toBe(4);
  });

  it("SR-96 is told that the run is cancelled: no further file is read, and what is stored stays", async () => {
    sync = await aSync(test.database, { layout: "mirror" });
    await write(numbered(300));
    let reads = 0;
    const id = await sync.start();
    const afterRead = async (_: string, signal: AbortSignal) => {
      if (++reads < 20 || signal.aborted) return;
      const seen = new Promise((resolve) => signal.addEventListener("abort", resolve));
      await test.database.asWorkspace(
        { workspace: sync.workspace },
        (tx) => tx.sql`update sync_runs set cancel_requested = true where id = ${id}`,
      );
      await seen;
    };
    await executeRun(meddledWith({ afterRead }), sync.workspace, id, new AbortController().signal);
    const row = await sync.row(id);
    expect(row).toMatchObject({ status: "cancelled" });
    countsAddUp(row);
    expect(reads).toBeLessThan(20 + 16);
    await expectRowsAndObjectsAgree();
    expect(await sync.run()).toMatchObject({ status: "done", failed: 0, remaining: 0 });
    expect(Object.keys(await sync.stored())).toHaveLength(300);
  });
});

/** Whether these tests may mount a disk of their own, as root on an ordinary machine may. */
async function canMount(): Promise<boolean> {
  const place = await mkdtemp(join(tmpdir(), "hawser-mount-"));
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", place]).status === 0;
  if (mounted) spawnSync("umount", [place]);
  await rm(place, { recursive: true, force: true });
  return mounted;
}
