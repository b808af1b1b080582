// Whatever goes wrong at whichever request of a listing or a feed: nothing that is at the source is taken for gone.
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { type TestDatabase, testDatabase } from "../../../../test/support/database.ts";
import { type ASync, aSync } from "../testing/a-sync.ts";
import { wireFaults } from "../testing/cloud-story.ts";
import { atAutodesk, atGoogle, atMicrosoft, type World } from "../testing/clouds.ts";
import type { WorkedSource } from "../testing/tree-source.ts";

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
});
afterAll(() => test.close());

/** What lasts longer than the patience of a run, besides what is over at once. */
const faults = [
  ...wireFaults,
  { truncateAfter: 40 },
  { status: 401, body: {} },
  { status: 403, body: {} },
  { status: 404, body: {} },
];

const clouds: readonly { name: string; open(part: number): World }[] = [
  { name: "Google Drive", open: atGoogle },
  { name: "OneDrive", open: atMicrosoft },
  { name: "Autodesk", open: atAutodesk },
];

// Once is enough: nothing of it is a matter of the database.
describe.skipIf(inject("cluster").major !== 18).each(clouds)("$name", ({ open }) => {
  it("SR-89 SR-105 no fault at any page of any listing takes anything away, and a real removal shows in the next run", async () => {
    const { source } = open(1);
    const { tree, drive } = source;
    source.quirks.pageSize = 4;
    const folders = ["Hull", "Engine", "Deck"].map((name) => tree.addFolder(drive.top, name));
    for (const folder of folders) {
      for (let n = 0; n < 6; n++) tree.addFile(folder, `${folder.name} ${n}.pdf`, { kind: "noise", seed: n, size: 9 });
    }
    const sync = await aSync(test.database, {
      provider: source.provider,
      layout: "none",
      onDelete: "remove",
      columns: { drive_id: drive.id },
    });
    await sync.run();
    const everything = await present(sync);
    expect(everything).toBe(18);

    let kept = everything;
    for (const fault of faults) {
      for (let at = 1; ; at++) {
        // A full listing, of which the request with this number is spoilt.
        source.loseCursors();
        const asked = await runWith(source, sync, at, fault);
        expect([fault, at, await present(sync)]).toEqual([fault, at, kept]);
        if (asked < at) break;
        // Far enough to meet each kind of request; the rest of the pages are like these.
        if (at === 6) break;
      }
      const { files } = await theirs(source);
      const gone = files[0];
      if (gone && kept > 16) {
        tree.delete(gone);
        await sync.run();
        kept -= 1;
        expect([fault, await present(sync)]).toEqual([fault, kept]);
      }
    }
    await sync.end();
  }, 300_000);
});

const theirs = async ({ tree, drive }: WorkedSource) => ({
  files: [...tree.nodes.values()].filter((node) => !node.isFolder && node.drive === drive && !tree.isTrashed(node)),
});

async function runWith(
  source: WorkedSource,
  sync: ASync,
  at: number,
  fault: Parameters<NonNullable<WorkedSource["failOnTheWire"]>>[0],
): Promise<number> {
  let asked = 0;
  source.onRequest = () => {
    asked += 1;
    if (asked === at) source.failOnTheWire?.(fault);
  };
  await sync.run().finally(() => {
    source.onRequest = undefined;
    source.calm?.();
  });
  // Whatever the run thought of the connection is over with the fault.
  await test.database.asWorkspace(
    { workspace: sync.workspace },
    (tx) => tx.sql`update connections set status = 'active', failure = null where id = ${sync.connection}`,
  );
  return asked;
}

async function present({ workspace, sync }: ASync): Promise<number> {
  const [row] = await test.database.asWorkspace(
    { workspace },
    (tx) =>
      tx.sql<{ files: number }>`
      select count(*)::int as files from files where sync_id = ${sync} and not is_folder and state <> 'removed' and not held`,
  );
  return row?.files ?? 0;
}
