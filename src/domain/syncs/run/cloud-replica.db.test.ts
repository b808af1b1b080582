import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "../../../../test/support/database.ts";
import { seededRandom } from "../../../../test/support/random.ts";
import { aSync } from "../testing/a-sync.ts";
import { act, expectReplica, run, type Story } from "../testing/cloud-story.ts";
import { treeSource } from "../testing/tree-source.ts";

const long = process.env.HAWSER_TEST_LONG !== undefined;
const seed = Number(process.env.HAWSER_TEST_SEED ?? (long ? Date.now() % 2 ** 31 : 20_261_128));

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
});
afterAll(() => test.close());

describe.each([
  { name: "a feed and whole listings", feed: true, whole: true, scoped: false },
  { name: "a feed, of which one folder is chosen", feed: true, whole: true, scoped: true },
  { name: "neither feed nor whole listings", feed: false, whole: false, scoped: false },
])("a source with $name", ({ feed, whole, scoped }) => {
  it("F5 SR-89 is what the replica is, at every quiet point, whatever is done and whatever fails", async () => {
    const random = seededRandom(seed);
    for (let part = 0; part < (long ? 50 : 4); part++) {
      const source = treeSource(seed + part, { feed, whole });
      const scope = scoped ? source.tree.addFolder(source.drive.top, "Chosen") : undefined;
      const folders = scope ? [{ id: scope.id, locator: null, path: "/Chosen" }] : [];
      const keepsBytes = part % 2 === 1;
      const sync = await aSync(test.database, {
        provider: source.provider,
        layout: keepsBytes ? (part % 4 === 1 ? "mirror" : "ids") : "none",
        onDelete: "remove",
        columns: { drive_id: source.drive.id, folders: JSON.stringify(folders) },
      });
      const story: Story = { source, sync, database: test.database, random, scope, keepsBytes, done: [] };
      Object.assign(source.quirks, {
        pageSize: random.between(1, 20),
        emptyPages: random.between(0, 1) === 1,
        duplicates: random.between(0, 1) === 1,
        shuffled: random.between(0, 1) === 1,
      });
      for (let round = 0; round < (long ? 60 : 15); round++) {
        for (let n = random.between(0, 30); n > 0; n--) act(story);
        const trouble = { work: random.between(0, 2) === 0, faults: random.between(0, 3) === 0 };
        if (trouble.work || trouble.faults) await run(story, trouble);
        expect(await run(story, { work: false, faults: false }), story.done.slice(-60).join("\n")).toMatchObject({
          status: "done",
          remaining: 0,
        });
        await expectReplica(story);
      }
      await sync.end();
    }
  }, 3_600_000);
});
