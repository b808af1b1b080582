import { afterAll, beforeAll, expect, it } from "vitest";
import { type FileId, newId, type SyncRunId } from "#core/ids.ts";
import type { ObjectKey } from "#destinations/object-key.ts";
import { type TestDatabase, testDatabase } from "../../../../test/support/database.ts";
import { type ASync, aSync } from "../testing/a-sync.ts";
import { newMeter } from "./request-meter.ts";
import type { OpenRun } from "./run.ts";
import { findRemovals, findWork, planCopies, recordCopies } from "./work.ts";

let test: TestDatabase;
let sync: ASync;
beforeAll(async () => {
  test = await testDatabase();
  sync = await aSync(test.database);
});
afterAll(async () => {
  await sync.end();
  await test.close();
});

const aRun = (): OpenRun => ({
  id: newId<SyncRunId>(),
  sync: sync.sync,
  trigger: "manual",
  generation: 1,
  phase: "copying",
  listing: "full",
  meter: newMeter(0),
});

it("SR-86 the place of a file that went back to an earlier version is not taken away", async () => {
  const file = newId<FileId>();
  const run = aRun();
  const removals = await test.database.asWorkspace({ workspace: sync.workspace }, async (tx) => {
    await tx.sql`
      insert into files (workspace_id, sync_id, remote_id, id, name, is_folder, version, state, work, seen_generation)
      values (${sync.workspace}, ${sync.sync}, 'r', ${file}, 'r.txt', false, '2', 'waiting', 'copy', 1)`;
    const plan = (key: string) => planCopies(tx, run, [{ file, key: key as ObjectKey }]);
    await plan("second");
    await plan("third");
    const before = await findRemovals(tx, run, 10);
    await plan("second");
    return [before, await findRemovals(tx, run, 10)];
  });
  expect(removals).toEqual([["second"], ["third"]]);
});

it.each([
  { found: { sha256: "new" }, row: { state: "stored", object_key: "k", object_sha256: "new", object_version: null } },
  { found: "nothing" as const, row: { state: "skipped", object_key: null, object_sha256: null, object_version: null } },
])(
  "SR-86 of a file that vanished while it was replaced, what lies there is written down: $found",
  async ({ found, row }) => {
    const id = newId<FileId>();
    const run = aRun();
    const after = await test.database.asWorkspace({ workspace: sync.workspace }, async (tx) => {
      await tx.sql`
      insert into files (workspace_id, sync_id, remote_id, id, name, is_folder, version, state, work, seen_generation,
                         object_key, pending_key, object_version, object_sha256)
      values (${sync.workspace}, ${sync.sync}, ${id}, ${id}, 'k', false, '2', 'stored', 'copy', 1, 'k', 'k', '1', 'old')`;
      const [file] = (await findWork(tx, run, "copy", null, 100)).filter((one) => one.id === id);
      if (!file) throw new Error("it waits");
      await recordCopies(tx, run, [{ file, outcome: "vanished", found }]);
      return tx.sql`select state, object_key, object_sha256, object_version from files where id = ${id}`;
    });
    expect(after).toEqual([row]);
  },
);
