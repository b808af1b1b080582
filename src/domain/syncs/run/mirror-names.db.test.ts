// A source may have a file and a folder of one name in one place. The mirror layout has to find room for both.
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { ProviderError } from "#core/errors.ts";
import type { RemoteId } from "#core/ids.ts";
import { mirrorKey, withShortId } from "#destinations/object-key.ts";
import { bytesOf } from "#provider-kit/sim/content.ts";
import type { SimNode } from "#provider-kit/sim/tree.ts";
import { type TestDatabase, testDatabase } from "../../../../test/support/database.ts";
import { type ASync, aSync } from "../testing/a-sync.ts";
import { treeSource, type WorkedSource } from "../testing/tree-source.ts";

let test: TestDatabase;
let sync: ASync;
beforeAll(async () => {
  test = await testDatabase();
});
afterEach(() => sync.end());
afterAll(() => test.close());

async function aMirror(): Promise<WorkedSource & { reads: number; file(folder: SimNode, name: string): SimNode }> {
  const source = treeSource(1, { feed: true, whole: true });
  sync = await aSync(test.database, {
    layout: "mirror",
    provider: source.provider,
    onDelete: "remove",
    columns: { drive_id: source.drive.id },
  });
  const here = Object.assign(source, {
    reads: 0,
    file: (folder: SimNode, name: string) => source.tree.addFile(folder, name, bytesOf(`bytes of ${name}`)),
  });
  source.onRequest = (request) => {
    if (request === "read") here.reads += 1;
  };
  return here;
}

/** Enough for the removal of one not to look like an accident. */
function others({ drive, file }: Awaited<ReturnType<typeof aMirror>>): void {
  for (let n = 0; n < 9; n++) file(drive.top, `${n}.txt`);
}

const rows = () =>
  test.database.asWorkspace(
    { workspace: sync.workspace },
    (tx) => tx.sql<{ name: string; object_key: string | null; object_sha256: string | null }>`
      select name, object_key, object_sha256 from files where sync_id = ${sync.sync} and not is_folder`,
  );

/** What lies at the destination is what the rows name, no more and no less. */
async function expectNamed(): Promise<void> {
  const named = (await rows()).flatMap(({ object_key }) => (object_key === null ? [] : [object_key]));
  expect(Object.keys(await sync.stored()).sort()).toEqual(named.sort());
}

/** A run whose database is away for a moment, once something lies under this name. */
async function failBehind(name: string): Promise<void> {
  const { database } = sync.deps;
  let isAway = false;
  sync.deps.database = {
    ...database,
    async asWorkspace(context, work) {
      if (!isAway && existsSync(join(sync.destination, name))) {
        isAway = true;
        throw new Error("the database is away");
      }
      return database.asWorkspace(context, work);
    },
  };
  await sync.run().catch(() => {});
  sync.deps.database = database;
  expect(isAway).toBe(true);
}

const joined = (node: SimNode) => withShortId(mirrorKey([node.name]), node.id as RemoteId);

it("SR-84 both of one name come at once: the folder has it, and the file its id", async () => {
  const { tree, drive, file } = await aMirror();
  const twin = file(drive.top, "Plans");
  file(tree.addFolder(drive.top, "PLANS"), "a.txt");
  const deep = tree.addFolder(tree.addFolder(drive.top, "Deep"), "Deeper");
  file(deep, "b.txt");
  expect(await sync.run()).toMatchObject({ status: "done", created: 3, failed: 0 });
  expect(await sync.stored()).toEqual({
    [joined(twin)]: "bytes of Plans",
    "PLANS/a.txt": "bytes of a.txt",
    "Deep/Deeper/b.txt": "bytes of b.txt",
  });
  expect(await sync.run()).toMatchObject({ status: "done", found: 0 });
});

it.each([
  ["its object is where it was", false],
  ["a run has died right behind the step", true],
])("SR-84 a stored file steps aside for a folder that comes, and nothing is copied again: %s", async (_, hasDied) => {
  const source = await aMirror();
  const { tree, drive, file } = source;
  const twin = file(drive.top, "Plans");
  others(source);
  await sync.run();
  file(tree.addFolder(drive.top, "Plans"), "a.txt");
  if (hasDied) {
    await rename(join(sync.destination, "Plans"), join(sync.destination, joined(twin)));
    await test.database.asWorkspace({ workspace: sync.workspace }, async (tx) => {
      await tx.sql`
        insert into object_claims (workspace_id, sync_id, folded_key, file_id)
        values (${sync.workspace}, ${sync.sync}, 'PLANS/B.TXT', gen_random_uuid())`;
      await tx.sql`update files set work = 'move' where remote_id = ${twin.id}`;
    });
  }
  source.reads = 0;
  const run = await sync.run();
  expect(run).toMatchObject({ status: "done", created: 1, failed: 0 });
  expect(source.reads).toBe(1);
  const { [joined(twin)]: bytes, "Plans/a.txt": below, ...rest } = await sync.stored();
  expect([bytes, below]).toEqual(["bytes of Plans", "bytes of a.txt"]);
  expect(Object.keys(rest)).toHaveLength(9);

  // The folder is gone again: the file keeps what it has.
  const [folder] = [...(drive.top.children ?? [])].filter((node) => node.isFolder);
  tree.trash(folder as SimNode);
  expect(await sync.run()).toMatchObject({ status: "done", deleted: 1, failed: 0 });
  expect(await sync.stored()).toEqual({ ...rest, [joined(twin)]: "bytes of Plans" });
});

it("SR-84 an edited file makes room for what comes below its name in the same run", async () => {
  const { tree, drive, file } = await aMirror();
  const twin = file(drive.top, "Plans");
  await sync.run();
  tree.edit(twin, bytesOf("edited"));
  const folder = tree.addFolder(drive.top, "Plans");
  for (let n = 0; n < 20; n++) file(folder, `${n}.txt`);
  expect(await sync.run()).toMatchObject({ status: "done", created: 20, updated: 1, failed: 0 });
  const { [joined(twin)]: bytes, ...rest } = await sync.stored();
  expect(bytes).toBe("edited");
  expect(Object.keys(rest)).toHaveLength(20);
  expect(rest).toMatchObject({ "Plans/7.txt": "bytes of 7.txt" });
});

it("SR-84 two files that each move below the name of the other do not wait for each other", async () => {
  const source = await aMirror();
  const { tree, drive, file } = source;
  const [one, other] = [file(drive.top, "One"), file(drive.top, "Other")];
  const alone = file(drive.top, "Alone");
  await sync.run();
  for (const [node, name] of [
    [one, "Other"],
    [other, "One"],
    [alone, "Alone"],
  ] as const) {
    const folder = tree.addFolder(drive.top, `new ${name}`);
    tree.move(node, folder);
    tree.rename(folder, name);
  }
  source.reads = 0;
  expect(await sync.run()).toMatchObject({ status: "done", failed: 0 });
  expect(source.reads).toBe(0);
  expect(await sync.stored()).toEqual({
    "Other/One": "bytes of One",
    "One/Other": "bytes of Other",
    "Alone/Alone": "bytes of Alone",
  });
});

it.each(["remove", "mark"])(
  "SR-83 a step aside that was not written down leaves nothing behind: %s",
  async (on_delete) => {
    const source = await aMirror();
    const { tree, drive, file } = source;
    await sync.change({ on_delete });
    const twin = file(drive.top, "Plans");
    others(source);
    await sync.run();
    file(tree.addFolder(drive.top, "Plans"), "a.txt");
    await failBehind(joined(twin));
    tree.trash(twin);
    await sync.run();
    await sync.run();
    await expectNamed();
  },
);

it.each(["remove", "mark"])("SR-83 a move that was not written down leaves nothing behind: %s", async (on_delete) => {
  const source = await aMirror();
  const { tree, drive, file } = source;
  await sync.change({ on_delete });
  const [one, two] = [file(drive.top, "One"), file(drive.top, "Two")];
  others(source);
  await sync.run();
  tree.rename(one, "New");
  tree.rename(two, "Newer");
  await failBehind("Newer");
  tree.trash(one);
  tree.rename(two, "Newest");
  await sync.run();
  await sync.run();
  await expectNamed();
});

it("SR-84 a file whose object somebody took away is copied again beside the folder that has its name", async () => {
  const source = await aMirror();
  const { tree, drive, file } = source;
  const twin = file(drive.top, "Plans");
  others(source);
  await sync.run();
  await rm(join(sync.destination, "Plans"));
  file(tree.addFolder(drive.top, "Plans"), "a.txt");
  await sync.run();
  expect(await sync.run()).toMatchObject({ status: "done" });
  expect(await sync.stored()).toMatchObject({ [joined(twin)]: "bytes of Plans", "Plans/a.txt": "bytes of a.txt" });
  await expectNamed();
});

it("SR-84 a file that was edited while its name changed in case alone keeps its claim", async () => {
  const source = await aMirror();
  const { tree, drive, file } = source;
  const twin = file(drive.top, "plans");
  others(source);
  await sync.run();
  tree.rename(twin, "Plans");
  tree.edit(twin, bytesOf("edited"));
  await sync.run();
  file(tree.addFolder(drive.top, "Plans"), "a.txt");
  expect(await sync.run()).toMatchObject({ status: "done", failed: 0 });
  await expectNamed();
});

it("SR-84 nothing is taken away of a file that is edited and spelled anew: both names may be one", async () => {
  const source = await aMirror();
  const { tree, drive, file } = source;
  const twin = file(tree.addFolder(drive.top, "plans"), "deck.txt");
  others(source);
  await sync.run();
  tree.rename(twin.parent as SimNode, "Plans");
  tree.rename(twin, "DECK.txt");
  tree.edit(twin, bytesOf("edited"));
  expect(await sync.run()).toMatchObject({ status: "done", updated: 1, failed: 0 });
  expect(await sync.stored()).toMatchObject({ "Plans/DECK.txt": "edited" });
  await expectNamed();
  expect(await readdir(join(sync.destination, ".hawser/removed"))).toEqual([]);
});

it("tells once in each run what keeps its old place, and moves it when the way is free", async () => {
  const source = await aMirror();
  const { tree, drive, file } = source;
  const node = file(drive.top, "old.txt");
  await sync.run();
  await writeFile(join(sync.destination, "new.txt"), "somebody else's");
  tree.rename(node, "new.txt");
  const told = () =>
    test.database.asWorkspace(
      { workspace: sync.workspace },
      (tx) => tx.sql`
        select l.message from sync_run_log l join sync_runs r on r.id = l.run_id
         where r.sync_id = ${sync.sync} and l.code = 'move_failed'`,
    );
  for (const runs of [1, 2]) {
    expect(await sync.run()).toMatchObject({ status: "done", failed: 0 });
    expect(await told()).toHaveLength(runs);
  }
  await rm(join(sync.destination, "new.txt"));
  await sync.run();
  expect(await told()).toHaveLength(2);
  expect(await sync.stored()).toEqual({ "new.txt": "bytes of old.txt" });
});

it("SR-84 a file that is gone leaves no claim, also where it was to be moved by a process that died", async () => {
  const source = await aMirror();
  const { tree, drive, file } = source;
  const node = file(drive.top, "old.txt");
  others(source);
  await sync.run();
  await test.database.asWorkspace(
    { workspace: sync.workspace },
    (tx) => tx.sql`
      insert into object_claims (workspace_id, sync_id, folded_key, file_id)
      select workspace_id, sync_id, 'NEW.TXT', id from files where remote_id = ${node.id}`,
  );
  tree.trash(node);
  expect(await sync.run()).toMatchObject({ status: "done", deleted: 1 });
  await sync.run();
  file(drive.top, "new.txt");
  await sync.run();
  expect(await sync.stored()).toMatchObject({ "new.txt": "bytes of new.txt" });
});

it("SR-84 a file that took another one's place has its claims, also when a folder of the name comes", async () => {
  const source = await aMirror();
  const { tree, drive, file } = source;
  const old = file(drive.top, "Plans");
  others(source);
  await sync.run();
  file(drive.top, "Plans");
  source.onRequest = (request) => {
    if (request === "read") throw new ProviderError("rejected", "on purpose");
  };
  expect(await sync.run()).toMatchObject({ failed: 1 });
  source.onRequest = undefined;
  source.loseCursors();
  tree.trash(old);
  file(tree.addFolder(drive.top, "Plans"), "a.txt");
  expect(await sync.run()).toMatchObject({ status: "done", failed: 0 });
  expect(await sync.run()).toMatchObject({ status: "done", failed: 0 });
  await expectNamed();
});

it("SR-86 of bytes that were replaced before their file stepped aside and vanished, the row has the right hash", async () => {
  const source = await aMirror();
  const { tree, drive, file } = source;
  const twin = file(drive.top, "Plans");
  others(source);
  await sync.run();
  // A process has put the new bytes in their place, and died.
  tree.edit(twin, bytesOf("edited"));
  await writeFile(join(sync.destination, "Plans"), "edited");
  await test.database.asWorkspace(
    { workspace: sync.workspace },
    (tx) => tx.sql`update files set work = 'copy', pending_key = object_key where remote_id = ${twin.id}`,
  );
  file(tree.addFolder(drive.top, "Plans"), "a.txt");
  source.onRequest = (request) => {
    if (request === "read" && !twin.trashed) tree.trash(twin);
  };
  await sync.run();
  const row = (await rows()).find(({ name }) => name === "Plans");
  expect(row?.object_sha256).toBe(createHash("sha256").update("edited").digest("hex"));
  await expectNamed();
});
