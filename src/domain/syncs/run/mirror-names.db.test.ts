// A source may have a file and a folder of one name in one place. The mirror layout has to find room for both.
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
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
  // Enough for the removal of one not to look like an accident.
  for (let n = 0; n < 9; n++) file(drive.top, `${n}.txt`);
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
  const { [joined(twin)]: bytes, "Plans/a.txt": below, ...others } = await sync.stored();
  expect([bytes, below]).toEqual(["bytes of Plans", "bytes of a.txt"]);
  expect(Object.keys(others)).toHaveLength(9);

  // The folder is gone again: the file keeps what it has.
  const [folder] = [...(drive.top.children ?? [])].filter((node) => node.isFolder);
  tree.trash(folder as SimNode);
  expect(await sync.run()).toMatchObject({ status: "done", deleted: 1, failed: 0 });
  expect(await sync.stored()).toEqual({ ...others, [joined(twin)]: "bytes of Plans" });
});

it("SR-84 an edited file makes room for what comes below its name in the same run", async () => {
  const { tree, drive, file } = await aMirror();
  const twin = file(drive.top, "Plans");
  await sync.run();
  tree.edit(twin, bytesOf("edited"));
  const folder = tree.addFolder(drive.top, "Plans");
  for (let n = 0; n < 20; n++) file(folder, `${n}.txt`);
  expect(await sync.run()).toMatchObject({ status: "done", created: 20, updated: 1, failed: 0 });
  const { [joined(twin)]: bytes, ...others } = await sync.stored();
  expect(bytes).toBe("edited");
  expect(Object.keys(others)).toHaveLength(20);
  expect(others).toMatchObject({ "Plans/7.txt": "bytes of 7.txt" });
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
