// What happens between two looks of a run: at its source, by people who change the sync, and by the death of its process.
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { ProviderError } from "#core/errors.ts";
import type { Database } from "#db/database.ts";
import type { RemoteFile } from "#provider-kit/provider.ts";
import { bytesOf } from "#provider-kit/sim/content.ts";
import type { SimNode } from "#provider-kit/sim/tree.ts";
import { type TestDatabase, testDatabase } from "../../../../test/support/database.ts";
import { type ASync, aSync } from "../testing/a-sync.ts";
import { treeSource, type WorkedSource } from "../testing/tree-source.ts";
import { cancelOpenRun } from "./control.ts";
import { executeRun } from "./execute-run.ts";
import { lockOpenRun } from "./queries.ts";

let test: TestDatabase;
let sync: ASync;
beforeAll(async () => {
  test = await testDatabase();
});
afterEach(() => sync.end());
afterAll(() => test.close());

const many = (source: WorkedSource, folder: SimNode, count = 20): SimNode[] =>
  Array.from({ length: count }, (_, n) => source.tree.addFile(folder, `other ${n}.txt`, bytesOf(`${n}`)));

async function aSyncOf(source: WorkedSource, settings: Parameters<typeof aSync>[1] = {}): Promise<void> {
  const columns = { drive_id: source.drive.id, ...settings.columns };
  sync = await aSync(test.database, { layout: "ids", provider: source.provider, ...settings, columns });
}

/** A sync that has stored a plan among other files. */
async function aStoredPlan(): Promise<{ source: WorkedSource; plan: SimNode }> {
  const source = treeSource(1, { feed: true, whole: true });
  many(source, source.drive.top);
  const plan = source.tree.addFile(source.drive.top, "plan.txt", bytesOf("first"));
  await aSyncOf(source);
  await sync.run();
  return { source, plan };
}

const chosen = (tree: WorkedSource["tree"], ...folders: SimNode[]) =>
  JSON.stringify(folders.map((node) => ({ id: node.id, locator: null, path: tree.pathOf(node) })));

/** As a person does it. */
const choose = async (tree: WorkedSource["tree"], ...folders: SimNode[]) => {
  await test.database.asWorkspace(
    { workspace: sync.workspace },
    (tx) => tx.sql`
      update syncs set folders = ${chosen(tree, ...folders)}::jsonb, selection_version = selection_version + 1 where id = ${sync.sync}`,
  );
};

const paths = async () =>
  (await sync.files()).filter(({ state }) => state !== "removed").map(({ path, name }) => `${path}/${name}`);

it("SR-90 two new files with the name of one that is gone: one of them takes its place", async () => {
  const { source, plan } = await aStoredPlan();
  const { tree, drive } = source;
  tree.trash(plan);
  tree.addFile(drive.top, "plan.txt", bytesOf("second"));
  tree.addFile(drive.top, "plan.txt", bytesOf("third"));
  expect(await sync.run()).toMatchObject({ status: "done", created: 1, updated: 1, deleted: 0, failed: 0 });
  expect(Object.values(await sync.stored())).toEqual(expect.arrayContaining(["second", "third"]));
  expect(await sync.run()).toMatchObject({ status: "done", found: 0 });
});

it("SR-87 what took the place of another file is copied, though both have one version and the run ended before", async () => {
  const { source, plan } = await aStoredPlan();
  const { tree, drive } = source;
  tree.trash(plan);
  tree.addFile(drive.top, "plan.txt", bytesOf("second"));
  const stopping = new AbortController();
  source.onRequest = (request) => {
    if (request === "read") stopping.abort();
  };
  const id = await sync.start();
  await executeRun(sync.deps, sync.workspace, id, stopping.signal).catch(() => {});
  source.onRequest = undefined;
  await test.database.asWorkspace(
    { workspace: sync.workspace },
    (tx) => tx.sql`update sync_runs set status = 'cancelled', finished_at = now() where id = ${id}`,
  );
  source.loseCursors();
  expect(await sync.run()).toMatchObject({ status: "done" });
  expect(Object.values(await sync.stored())).toContain("second");
});

it("SR-88 a file that is edited, and then saved as a new one, while a run reads of both", async () => {
  const source = treeSource(1, { feed: true, whole: true });
  const { tree, drive } = source;
  const [other] = many(source, drive.top);
  const plan = tree.addFile(drive.top, "plan.txt", bytesOf("first"));
  await aSyncOf(source);
  await sync.run();
  source.quirks.pageSize = 1;
  tree.edit(plan, bytesOf("second"));
  tree.edit(other as SimNode, bytesOf("other"));
  let asked = 0;
  source.onRequest = (request) => {
    if (request !== "changes" || ++asked !== 2) return;
    tree.trash(plan);
    tree.addFile(drive.top, "plan.txt", bytesOf("third"));
  };
  expect(await sync.run()).toMatchObject({ status: "done", found: 2, updated: 2, created: 0, remaining: 0 });
  expect(Object.values(await sync.stored())).toContain("third");
});

it("SR-89 folders that are chosen while a run projects an earlier choice are listed by the next one", async () => {
  const source = treeSource(1, { feed: true, whole: true });
  const { tree, drive } = source;
  const [a, b, c] = ["A", "B", "C"].map((name) => tree.addFolder(drive.top, name)) as [SimNode, SimNode, SimNode];
  for (const folder of [a, b, c]) tree.addFile(folder, `in ${folder.name}.txt`, bytesOf(folder.name));
  await aSyncOf(source, { columns: { folders: chosen(tree, a) } });
  await sync.run();
  await choose(tree, a, b);
  let choosing: Promise<void> | undefined;
  source.onRequest = (request) => {
    if (request === "changes") choosing ??= choose(tree, a, c);
  };
  await sync.run();
  source.onRequest = undefined;
  await choosing;
  expect(await sync.run()).toMatchObject({ status: "done" });
  expect(await paths()).toEqual(["/A/in A.txt", "/C/in C.txt"]);
});

it("SR-89 a wider choice while a run rests removes nothing of the narrower one", async () => {
  const source = treeSource(1, { feed: true, whole: true });
  const { tree, drive } = source;
  const yard = tree.addFolder(drive.top, "Yard");
  const [hull, deck] = ["Hull", "Deck"].map((name) => tree.addFolder(yard, name)) as [SimNode, SimNode];
  many(source, hull);
  tree.addFile(deck, "deck.txt", bytesOf("d"));
  await aSyncOf(source, { onDelete: "remove", columns: { folders: chosen(tree, hull, deck) } });
  await sync.run();
  source.quirks.pageSize = 1;
  tree.touch(hull);
  tree.rename(deck, "Main deck");
  const stopping = new AbortController();
  source.onRequest = (request) => {
    if (request === "changes") stopping.abort();
  };
  const id = await sync.start();
  await executeRun(sync.deps, sync.workspace, id, stopping.signal).catch(() => {});
  source.onRequest = undefined;
  await choose(tree, yard);
  await executeRun(sync.deps, sync.workspace, id, new AbortController().signal);
  expect(await sync.row(id)).toMatchObject({ status: "done", deleted: 0, held: 0 });
  await sync.run();
  expect((await paths()).filter((path) => path.includes("deck"))).toEqual(["/Yard/Main deck/deck.txt"]);
});

it("SR-88 a narrower choice while a run rests: what that run was to copy is not found any more", async () => {
  const source = treeSource(1, { feed: true, whole: true });
  const { tree, drive } = source;
  const [hull, deck] = ["Hull", "Deck"].map((name) => tree.addFolder(drive.top, name)) as [SimNode, SimNode];
  const [kept] = many(source, hull);
  const left = tree.addFile(deck, "deck.txt", bytesOf("d"));
  await aSyncOf(source);
  await sync.run();
  source.quirks.pageSize = 1;
  tree.edit(left, bytesOf("edited"));
  tree.edit(kept as SimNode, bytesOf("edited"));
  const stopping = new AbortController();
  source.onRequest = (request) => {
    if (request === "changes") stopping.abort();
  };
  const id = await sync.start();
  await executeRun(sync.deps, sync.workspace, id, stopping.signal).catch(() => {});
  source.onRequest = undefined;
  await choose(tree, hull);
  await executeRun(sync.deps, sync.workspace, id, new AbortController().signal);
  expect(await sync.row(id)).toMatchObject({ status: "done", deleted: 1, remaining: 0, updated: 1 });
  expect((await paths()).filter((path) => path.startsWith("/Deck"))).toEqual([]);
});

it("SR-89 thousands of folders that are gone hide nothing that was only moved", async () => {
  const source = treeSource(1, { feed: false, whole: false });
  const { tree, drive } = source;
  const [one, other] = ["One", "Other"].map((name) => tree.addFolder(drive.top, name)) as [SimNode, SimNode];
  many(source, drive.top);
  const plan = tree.addFile(one, "plan.txt", bytesOf("plan"));
  await aSyncOf(source);
  await sync.run();
  await test.database.asWorkspace(
    { workspace: sync.workspace },
    (tx) => tx.sql`
      insert into files (workspace_id, sync_id, remote_id, parent_id, name, is_folder, version, path, state, seen_generation, listed_generation)
      select ${sync.workspace}, ${sync.sync}, 'gone ' || n, '', 'Gone ' || n, true, '', '/Gone ' || n, 'folder', 1, 1
        from generate_series(1, 5001) as n`,
  );
  await test.database.asWorkspace({ workspace: sync.workspace }, (tx) => tx.sql`select hawser.analyze_files()`);
  let asked = 0;
  source.onRequest = (request) => {
    // The top first, then the other folder, then this one.
    if (request === "list" && ++asked === 3) tree.move(plan, other);
  };
  expect(await sync.run()).toMatchObject({ status: "done", deleted: 0 });
  source.onRequest = undefined;
  await sync.run();
  expect(await paths()).toContain("/Other/plan.txt");
});

/** The database of a process that dies before a transaction, `left` of them from now on. */
type Mortal = Database & { left: number; isDead: boolean };

function mortal(): Mortal {
  const { database } = test;
  const self: Mortal = {
    ...database,
    left: Number.POSITIVE_INFINITY,
    isDead: false,
    async asWorkspace(context, work) {
      self.left -= 1;
      self.isDead = self.left < 0;
      if (self.isDead) throw Object.assign(new Error("the process is dead"), { code: "57P01" });
      return database.asWorkspace(context, work);
    },
  };
  return self;
}

/** So many transactions later the listing has come to its end; the long run goes on to the end of the run. */
const MOST_DEATHS = process.env.HAWSER_TEST_LONG === undefined ? 4 : Number.POSITIVE_INFINITY;

/** The same story again and again, each time with a process that dies one transaction later than before. */
async function dieEverywhere(
  prepare: (die: () => void) => Promise<void>,
  check: (row: Record<string, unknown>) => Promise<void>,
): Promise<void> {
  for (let transactions = 0; ; transactions++) {
    const database = mortal();
    await prepare(() => {
      database.left = transactions;
    });
    const id = await sync.start();
    const { signal } = new AbortController();
    await executeRun({ ...sync.deps, database }, sync.workspace, id, signal).catch(() => {});
    await test.database.asWorkspace(
      { workspace: sync.workspace },
      (tx) => tx.sql`update sync_leases set expires_at = null where sync_id = ${sync.sync}`,
    );
    await executeRun(sync.deps, sync.workspace, id, signal);
    await check(await sync.row(id));
    if (!database.isDead || transactions >= MOST_DEATHS) return;
    await sync.end();
  }
}

it("F5 a folder that comes into a new one while that is listed takes its objects along, wherever the process dies", async () => {
  const prepare = async (die: () => void) => {
    const source = treeSource(1, { feed: true, whole: true });
    const { tree, drive } = source;
    const moved = tree.addFolder(tree.addFolder(drive.top, "Home"), "Moved");
    tree.addFile(moved, "plan.txt", bytesOf("plan"));
    tree.addFile(tree.addFolder(moved, "Below"), "deep.txt", bytesOf("deep"));
    await aSyncOf(source, { layout: "mirror" });
    await sync.run();
    const fresh = tree.addFolder(drive.top, "New");
    source.onRequest = (request) => {
      if (request !== "list") return;
      source.onRequest = undefined;
      tree.move(moved, fresh);
      die();
    };
  };
  await dieEverywhere(prepare, async (row) => {
    expect(row).toMatchObject({ status: "done", remaining: 0, bytes: "0" });
    await sync.run();
    expect(Object.keys(await sync.stored()).sort()).toEqual(["New/Moved/Below/deep.txt", "New/Moved/plan.txt"]);
    expect(await paths()).toEqual(["/New/Moved/plan.txt", "/New/Moved/Below/deep.txt"]);
  });
}, 120_000);

it("SR-88 SR-89 what is held is counted once, also when the process dies right behind that", async () => {
  const source = treeSource(1, { feed: true, whole: true });
  const files = many(source, source.drive.top, 10);
  await aSyncOf(source, { onDelete: "remove" });
  await sync.run();
  for (const file of files.slice(0, 5)) source.tree.trash(file);
  const id = await sync.start();
  const { signal } = new AbortController();
  await executeRun(sync.deps, sync.workspace, id, signal);
  expect(await sync.row(id)).toMatchObject({ status: "done", held: 5, deleted: 0 });
  await test.database.asWorkspace(
    { workspace: sync.workspace },
    (tx) => tx.sql`update sync_runs set status = 'running', phase = 'sweeping', finished_at = null where id = ${id}`,
  );
  await executeRun(sync.deps, sync.workspace, id, signal);
  expect(await sync.row(id)).toMatchObject({ status: "done", held: 5, deleted: 0 });
});

it("F5 a folder that was renamed while a run failed takes its objects along in the next one", async () => {
  const source = treeSource(1, { feed: false, whole: false });
  const { tree, drive } = source;
  const folder = tree.addFolder(drive.top, "Folder");
  tree.addFile(folder, "plan.txt", bytesOf("plan"));
  await aSyncOf(source, { layout: "mirror" });
  await sync.run();
  tree.rename(folder, "Renamed");
  let asked = 0;
  source.onRequest = (request) => {
    // The top has been listed, and its folder is not.
    if (request === "list" && ++asked === 2) throw new ProviderError("reauthorize", "on purpose");
  };
  expect(await sync.run()).toMatchObject({ status: "failed" });
  source.onRequest = undefined;
  await test.database.asWorkspace(
    { workspace: sync.workspace },
    (tx) => tx.sql`update connections set status = 'active' where id = ${sync.connection}`,
  );
  expect(await sync.run()).toMatchObject({ status: "done", bytes: "0" });
  expect(Object.keys(await sync.stored())).toEqual(["Renamed/plan.txt"]);
});

it("a person who pauses while a run begins does not wait for it, nor it for them", async () => {
  const source = treeSource(1, { feed: true, whole: true });
  many(source, source.drive.top);
  await aSyncOf(source);
  const id = await sync.start();
  const begun = await test.database.asWorkspace({ workspace: sync.workspace }, async (tx) => {
    // As pausing does: the sync, then its open run.
    await tx.sql`update syncs set enabled = false where id = ${sync.sync}`;
    const running = executeRun(sync.deps, sync.workspace, id, new AbortController().signal);
    running.catch(() => {});
    const isWaiting = async () => {
      const waits = await tx.sql`select 1 as one from pg_locks where not granted`;
      return waits.length > 0;
    };
    while (!(await isWaiting())) await new Promise((resolve) => setTimeout(resolve, 10));
    await lockOpenRun(tx, sync.sync);
    return { running };
  });
  await begun.running;
  expect(await sync.row(id)).toMatchObject({ status: "done", created: 20 });
});

it("SR-89 what a feed tells moved into a folder that nobody could list stays, until somebody can", async () => {
  const { source, plan } = await aStoredPlan();
  const { tree, drive } = source;
  const closed = tree.addFolder(drive.top, "Closed");
  const inner = tree.addFolder(closed, "Inner");
  tree.trash(closed);
  await sync.run();
  tree.restore(closed);
  tree.move(plan, inner);
  source.onRequest = (request) => {
    if (request === "list") throw new ProviderError("forbidden", "on purpose");
  };
  expect(await sync.run()).toMatchObject({ status: "done_with_failures", deleted: 0, held: 0 });
  source.onRequest = undefined;
  expect(await sync.run()).toMatchObject({ status: "done", deleted: 0, created: 0 });
  expect(await paths()).toContain("/Closed/Inner/plan.txt");
});

it("SR-89 what went from a folder below one that could not be listed is missed when that can be listed, whatever roll-ups say", async () => {
  const source = treeSource(1, { feed: false, whole: false, rollups: true });
  const { tree, drive, provider, quirks } = source;
  many(source, drive.top);
  const closed = tree.addFolder(drive.top, "Closed");
  const inner = tree.addFolder(closed, "Inner");
  tree.addFile(closed, "second page.txt", bytesOf("second page"));
  const old = tree.addFolder(inner, "Old");
  tree.addFile(old, "plan.txt", bytesOf("first"));
  await aSyncOf(source, { onDelete: "remove" });
  await sync.run();

  tree.trash(old);
  quirks.pageSize = 1;
  const real = provider.files?.list as NonNullable<typeof provider.files>["list"];
  const list: typeof real = async (call, place) => {
    if (place.folder === closed.id && place.cursor) throw new ProviderError("forbidden", "on purpose");
    return real(call, place);
  };
  Object.assign(provider.files ?? {}, { list });
  expect(await sync.run()).toMatchObject({ status: "done_with_failures", deleted: 0 });
  Object.assign(provider.files ?? {}, { list: real });
  expect(await sync.run()).toMatchObject({ status: "done", deleted: 1 });
  expect(await paths()).not.toContain("/Closed/Inner/Old/plan.txt");
});

it.each([
  ["a feed", { feed: true, whole: true }],
  ["roll-ups", { feed: false, whole: false, rollups: true }],
])(
  "SR-89 what a run had missed that was cancelled before it decided is missed by the next one, with %s",
  async (_, about) => {
    const source = treeSource(1, about);
    const { tree, drive } = source;
    many(source, drive.top);
    const folder = tree.addFolder(drive.top, "Folder");
    const plan = tree.addFile(folder, "plan.txt", bytesOf("first"));
    await aSyncOf(source, { onDelete: "remove" });
    await sync.run();

    tree.trash(plan);
    source.loseCursors();
    const stopping = new AbortController();
    source.onRequest = (request) => {
      if (request === "get") stopping.abort();
    };
    const id = await sync.start();
    await executeRun(sync.deps, sync.workspace, id, stopping.signal).catch(() => {});
    source.onRequest = undefined;
    expect(await sync.row(id)).toMatchObject({ status: "running", phase: "sweeping" });
    await test.database.asWorkspace({ workspace: sync.workspace }, (tx) => cancelOpenRun(tx, sync.sync));
    await executeRun(sync.deps, sync.workspace, id, new AbortController().signal);
    expect(await sync.row(id)).toMatchObject({ status: "cancelled", deleted: 0 });

    expect(await sync.run()).toMatchObject({ status: "done", deleted: 1 });
  },
);

it.each([["Folder"], ["Above"]])(
  "SR-89 what stayed undecided is missed by the first run that can list its folder again, whatever roll-ups say: %s was closed",
  async (closed) => {
    const source = treeSource(1, { feed: false, whole: false, rollups: true });
    const { tree, drive, provider } = source;
    many(source, drive.top);
    const above = tree.addFolder(drive.top, "Above");
    const folder = tree.addFolder(above, "Folder");
    const plan = tree.addFile(folder, "plan.txt", bytesOf("first"));
    await aSyncOf(source, { onDelete: "remove" });
    await sync.run();

    tree.trash(plan);
    source.onRequest = (request) => {
      if (request === "get") throw new ProviderError("forbidden", "on purpose");
    };
    expect(await sync.run()).toMatchObject({ status: "done", deleted: 0 });
    source.onRequest = undefined;
    const real = provider.files?.list as NonNullable<typeof provider.files>["list"];
    const list: typeof real = async (call, place) => {
      if (place.folder === (closed === "Above" ? above.id : folder.id))
        throw new ProviderError("forbidden", "on purpose");
      return real(call, place);
    };
    Object.assign(provider.files ?? {}, { list });
    expect(await sync.run()).toMatchObject({ status: "done_with_failures", deleted: 0 });
    Object.assign(provider.files ?? {}, { list: real });
    expect(await sync.run()).toMatchObject({ status: "done", deleted: 1 });
    expect(await paths()).not.toContain("/Above/Folder/plan.txt");
  },
);

it("SR-89 a roll-up that came behind the listing of its folder says nothing of what was listed", async () => {
  const source = treeSource(1, { feed: false, whole: false, rollups: true });
  const { tree, drive, provider, quirks } = source;
  const above = tree.addFolder(drive.top, "Above");
  const folder = tree.addFolder(above, "Folder");
  const plan = tree.addFile(folder, "plan.txt", bytesOf("first"));
  many(source, above);
  const beside = tree.addFolder(drive.top, "Beside");
  await aSyncOf(source, { layout: "none" });

  quirks.pageSize = 5;
  const real = provider.files?.list as NonNullable<typeof provider.files>["list"];
  const [asked, listed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let again: RemoteFile | undefined;
  const list: typeof real = async (call, place) => {
    // What is listed beside it ends only now, so that there is room for the folder.
    if (place.folder === beside.id) await asked.promise;
    if (place.folder === above.id && place.cursor && !again) {
      asked.resolve();
      await listed.promise;
      tree.trash(plan);
      [again] = (await real(call, { drive: place.drive, folder: place.folder })).items;
      const page = await real(call, place);
      return again ? { ...page, items: [...page.items, again] } : page;
    }
    const page = await real(call, place);
    if (place.folder === folder.id) listed.resolve();
    return page;
  };
  Object.assign(provider.files ?? {}, { list });
  expect(await sync.run()).toMatchObject({ status: "done", created: 21 });
  Object.assign(provider.files ?? {}, { list: real });
  expect(await sync.run()).toMatchObject({ status: "done", deleted: 1 });
});

it("SR-84 a file that comes back in a folder of another name has its object there, in a mirror", async () => {
  const source = treeSource(1, { feed: true, whole: true });
  const { tree, drive } = source;
  const scope = tree.addFolder(drive.top, "Chosen");
  many(source, scope);
  const folder = tree.addFolder(scope, "Folder");
  tree.addFile(folder, "plan.txt", bytesOf("first"));
  await aSyncOf(source, { layout: "mirror", onDelete: "mark", columns: { folders: chosen(tree, scope) } });
  await sync.run();
  tree.move(folder, drive.top);
  expect(await sync.run()).toMatchObject({ status: "done", deleted: 1 });
  tree.rename(folder, "Renamed");
  tree.move(folder, scope);
  expect(await sync.run()).toMatchObject({ status: "done", failed: 0 });
  expect(await sync.stored()).toMatchObject({ "Chosen/Renamed/plan.txt": "first" });
  expect(Object.keys(await sync.stored())).toHaveLength(21);
});

it("SR-89 what is held in a folder that is not looked into again goes on waiting for a person", async () => {
  const source = treeSource(1, { feed: false, whole: false, rollups: true });
  const { tree, drive } = source;
  const folder = tree.addFolder(drive.top, "Folder");
  const files = many(source, folder);
  await aSyncOf(source);
  await sync.run();
  for (const file of files.slice(0, 10)) tree.trash(file);
  expect(await sync.run()).toMatchObject({ status: "done", held: 10, deleted: 0 });
  tree.addFile(drive.top, "new.txt", bytesOf("new"));
  expect(await sync.run()).toMatchObject({ status: "done", created: 1, deleted: 0 });
  const [row] = await test.database.asWorkspace(
    { workspace: sync.workspace },
    (tx) => tx.sql`select held_removals from syncs where id = ${sync.sync}`,
  );
  expect(row).toEqual({ held_removals: 10 });
});

it("SR-84 a kept file that comes back in a folder of another name has its object there, in a mirror", async () => {
  const source = treeSource(1, { feed: true, whole: true });
  const { tree, drive } = source;
  many(source, drive.top);
  const folder = tree.addFolder(drive.top, "Folder");
  const plan = tree.addFile(folder, "plan.txt", bytesOf("first"));
  await aSyncOf(source, { layout: "mirror", onDelete: "keep" });
  await sync.run();
  tree.trash(plan);
  tree.rename(folder, "Renamed");
  expect(await sync.run()).toMatchObject({ status: "done", deleted: 1 });
  expect(await sync.stored()).toMatchObject({ "Renamed/plan.txt": "first" });
  tree.restore(plan);
  expect(await sync.run()).toMatchObject({ status: "done", failed: 0 });
  expect(await sync.stored()).toMatchObject({ "Renamed/plan.txt": "first" });
  expect(Object.keys(await sync.stored())).toHaveLength(21);
});

it("SR-89 what comes back waits for nobody, though its run has failed", async () => {
  const source = treeSource(1, { feed: true, whole: true });
  const { tree, drive } = source;
  const files = many(source, drive.top);
  await aSyncOf(source);
  await sync.run();
  for (const file of files.slice(0, 10)) tree.trash(file);
  expect(await sync.run()).toMatchObject({ held: 10 });
  for (const file of files.slice(0, 10)) tree.restore(file);
  source.quirks.pageSize = 5;
  let pages = 0;
  source.onRequest = (request) => {
    pages += request === "changes" ? 1 : 0;
    if (pages > 1) throw new ProviderError("forbidden", "on purpose");
  };
  expect(await sync.run()).toMatchObject({ status: "failed" });
  const [row] = await test.database.asWorkspace(
    { workspace: sync.workspace },
    (tx) => tx.sql`
      select held_removals as told, (select count(*)::int from files where sync_id = s.id and held) as held
        from syncs s where id = ${sync.sync}`,
  );
  expect(row).toEqual({ told: 5, held: 5 });
});
