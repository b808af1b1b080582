import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { bytesOf } from "#provider-kit/sim/content.ts";
import { type TestDatabase, testDatabase } from "../../../../test/support/database.ts";
import { type ASync, aSync } from "../testing/a-sync.ts";
import { treeSource } from "../testing/tree-source.ts";

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
});
afterAll(() => test.close());

const kept = ({ workspace, sync }: ASync) =>
  test.database.asWorkspace(
    { workspace },
    (tx) =>
      tx.sql<{ name: string; state: string; reason: string | null }>`
      select name, state, reason from files where sync_id = ${sync} and not is_folder order by name`,
  );

it("keeps what is gone at a folder, says so once, and takes it for there when it comes back", async () => {
  const sync = await aSync(test.database, { layout: "mirror", onDelete: "keep" });
  for (const name of ["a", "b", "c", "d", "e", "f"]) await writeFile(join(sync.source, `${name}.txt`), name);
  await sync.run();
  await rm(join(sync.source, "a.txt"));
  expect(await sync.run()).toMatchObject({ status: "done", deleted: 1, held: 0 });
  expect((await kept(sync))[0]).toEqual({ name: "a.txt", state: "stored", reason: "gone_at_source" });
  expect(Object.keys(await sync.stored())).toContain("a.txt");
  expect(await sync.run()).toMatchObject({ status: "done", deleted: 0 });
  expect((await kept(sync))[0]).toMatchObject({ state: "stored", reason: "gone_at_source" });
  await sync.end();
});

it("keeps what a feed says is gone, with the folder it lay in, and copies nothing when it is restored", async () => {
  const source = treeSource(1, { feed: true, whole: true });
  const { tree, drive } = source;
  const folder = tree.addFolder(drive.top, "Hull");
  for (let n = 0; n < 2; n++) tree.addFile(folder, `plan ${n}.txt`, bytesOf(`${n}`));
  for (let n = 0; n < 20; n++) tree.addFile(drive.top, `other ${n}.txt`, bytesOf(`${n}`));
  const sync = await aSync(test.database, {
    provider: source.provider,
    layout: "ids",
    onDelete: "keep",
    columns: { drive_id: drive.id },
  });
  await sync.run();
  tree.trash(folder);
  expect(await sync.run()).toMatchObject({ status: "done", deleted: 2 });
  const gone = (await kept(sync)).filter(({ reason }) => reason === "gone_at_source");
  expect(gone.map(({ name, state }) => [name, state])).toEqual([
    ["plan 0.txt", "stored"],
    ["plan 1.txt", "stored"],
  ]);
  expect(Object.keys(await sync.stored()).length).toBe(22);
  expect(await sync.run()).toMatchObject({ deleted: 0 });
  // Also a listing of everything tells nothing new.
  source.loseCursors();
  expect(await sync.run()).toMatchObject({ status: "done", deleted: 0 });

  tree.restore(folder);
  expect(await sync.run()).toMatchObject({ status: "done", created: 0, updated: 0, bytes: "0" });
  expect((await kept(sync)).every(({ reason, state }) => reason === null && state === "stored")).toBe(true);
  await sync.end();
});
