import { afterAll, beforeAll, expect, it } from "vitest";
import { plantMany } from "#provider-kit/sim/plant.ts";
import { type TestDatabase, testDatabase } from "../../../../test/support/database.ts";
import { aSync } from "../testing/a-sync.ts";
import { treeSource } from "../testing/tree-source.ts";

const FILES = process.env.HAWSER_TEST_LONG === undefined ? 10_000 : 100_000;

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
});
afterAll(() => test.close());

it("F5 SR-88 moves a folder of any size as one row, with one request and without a download", async () => {
  const source = treeSource(1, { feed: true, whole: true });
  source.quirks.pageSize = 1_000;
  const { tree, drive } = source;
  const home = tree.addFolder(drive.top, "Home");
  const elsewhere = tree.addFolder(drive.top, "Elsewhere");
  const large = tree.addFolder(home, "Large");
  for (let n = 0; n < FILES; n++) tree.addFile(large, `plan ${n}.pdf`, { kind: "noise", seed: 1, size: 4 });
  plantMany(tree, elsewhere, { files: 100, perFolder: 10, content: () => ({ kind: "noise", seed: 2, size: 4 }) });
  const sync = await aSync(test.database, {
    provider: source.provider,
    layout: "none",
    columns: { drive_id: drive.id },
  });
  await sync.run();
  const rows = () =>
    test.database.asWorkspace(
      { workspace: sync.workspace },
      (tx) =>
        tx.sql<{ name: string; version: string }>`
        select name, xmin::text as version from files where sync_id = ${sync.sync} order by remote_id`,
    );
  const before = await rows();
  expect(before.length).toBeGreaterThan(FILES);

  const asked: string[] = [];
  source.onRequest = (request) => asked.push(request);
  tree.move(large, elsewhere);
  expect(await sync.run()).toMatchObject({ status: "done", created: 0, updated: 0, deleted: 0, bytes: "0" });
  expect(asked).toEqual(["changes"]);
  const after = await rows();
  const changed = after.filter(({ version }, at) => version !== before[at]?.version);
  expect(changed.map(({ name }) => name)).toEqual(["Large"]);
  const [moved] = (await sync.files()).filter(({ name }) => name === "plan 7.pdf");
  expect(moved?.path).toBe("/Elsewhere/Large");

  asked.length = 0;
  expect(await sync.run()).toMatchObject({ status: "done", found: 0 });
  expect(asked).toEqual(["changes"]);
  await sync.end();
}, 120_000);
