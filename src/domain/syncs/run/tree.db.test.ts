import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { RemoteId } from "#core/ids.ts";
import { type TestDatabase, testDatabase } from "../../../../test/support/database.ts";
import { aSync } from "../testing/a-sync.ts";
import { beginRun, lockRun } from "./queries.ts";
import { recordSightings, type Sighting } from "./tree.ts";

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
});
afterAll(() => test.close());

it("SR-88 counts a file once that is moved, while the source is listed, into a folder that is listed later", async () => {
  const sync = await aSync(test.database, { layout: "mirror" });
  await mkdir(join(sync.source, "Hull"));
  await mkdir(join(sync.source, "Engine"));
  await writeFile(join(sync.source, "Hull/plan.pdf"), "plan");
  await sync.run();
  const id = await sync.start();

  const found = await test.database.asWorkspace({ workspace: sync.workspace }, async (tx) => {
    const row = await lockRun(tx, id);
    if (!row) throw new Error("the run is not there");
    const run = await beginRun(tx, row);
    const [plan] = await tx.sql<Sighting>`
      select remote_id, parent_id, name, is_folder, locator, size::int, media_type, link, version, remote_created_at,
             remote_modified_at, remote_hash, path, metadata, export_as, rollup, provider_metadata, 'waiting' as state, reason
        from files where sync_id = ${sync.sync} and name = 'plan.pdf'`;
    const folders = await tx.sql<{ remote_id: RemoteId; name: string }>`
      select remote_id, name from files where sync_id = ${sync.sync} and is_folder`;
    if (!plan) throw new Error("the file is not there");
    const list = (name: string) => {
      const folder = folders.find((one) => one.name === name)?.remote_id as RemoteId;
      const progress = { remote_id: folder, complete: true, whole: true, cursor: null };
      const options = { removeLeftOut: false, mirror: true, by: "folders" as const };
      return recordSightings(tx, run, options, [{ ...plan, parent_id: folder }], [progress]);
    };
    return [(await list("Hull")).found, (await list("Engine")).found];
  });

  expect(found).toEqual([1, 0]);
  await sync.end();
});
