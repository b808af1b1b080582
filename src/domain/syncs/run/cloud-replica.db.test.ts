// What a sync keeps is what its source has, whatever somebody does there and whatever goes wrong on the way.
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { type TestDatabase, testDatabase } from "../../../../test/support/database.ts";
import { seededRandom } from "../../../../test/support/random.ts";
import { aSync } from "../testing/a-sync.ts";
import { act, choose, expectReplica, run, type Story, told } from "../testing/cloud-story.ts";
import { atAutodesk, atGoogle, atMicrosoft, type World } from "../testing/clouds.ts";
import { treeSource } from "../testing/tree-source.ts";

// The long run takes a new seed each time, which a failure prints; HAWSER_TEST_SEED repeats one.
const long = process.env.HAWSER_TEST_LONG !== undefined;
const seed = Number(process.env.HAWSER_TEST_SEED ?? (long ? Date.now() % 2 ** 31 : 20_261_128));

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
});
afterAll(() => test.close());

// `operations` are counted: ten thousand at each of the three simulators, a hundred thousand in the long run.
const worlds: readonly { name: string; open(part: number): World; scoped: boolean; operations: number }[] = [
  { name: "Google Drive", open: atGoogle, scoped: false, operations: 5_000 },
  { name: "Google Drive, one folder", open: atGoogle, scoped: true, operations: 5_000 },
  { name: "OneDrive", open: atMicrosoft, scoped: false, operations: 5_000 },
  { name: "OneDrive, one folder", open: atMicrosoft, scoped: true, operations: 5_000 },
  { name: "Autodesk", open: atAutodesk, scoped: false, operations: 5_000 },
  { name: "Autodesk, one folder", open: atAutodesk, scoped: true, operations: 5_000 },
  {
    name: "a source with a feed in any order",
    open: (part) => ({ source: treeSource(seed + part, { feed: true, whole: true }), hasTwins: true }),
    scoped: false,
    operations: 3_000,
  },
  {
    name: "a source with neither feed nor whole listings",
    open: (part) => {
      const source = treeSource(seed + part, { feed: false, whole: false, rollups: part % 2 === 1 });
      return { source, hasTwins: true };
    },
    scoped: false,
    operations: 3_000,
  },
];

describe.each(worlds)("$name", ({ open, scoped, operations }) => {
  it("F5 SR-89 is what the replica is, at every quiet point, whatever is done and whatever fails", async () => {
    const random = seededRandom(seed);
    // The other database gets a tenth of it: what is tried here is not its dialect.
    const share = inject("cluster").major === 18 ? 1 : 0.1;
    const wanted = (long ? operations * 10 : operations) * share;
    for (let part = 0, done = 0; done < wanted; part++) {
      const { source, ...world } = open(seed + part);
      const scope = scoped ? source.tree.addFolder(source.drive.top, "Chosen") : undefined;
      const folders = scope ? [{ id: scope.id, locator: null, path: "/Chosen" }] : [];
      const keepsBytes = part % 3 === 1;
      const sync = await aSync(test.database, {
        provider: source.provider,
        layout: keepsBytes ? (part % 2 === 1 ? "mirror" : "ids") : "none",
        onDelete: random.of(["remove", "remove", "mark", "keep"]),
        columns: {
          drive_id: source.drive.id,
          folders: JSON.stringify(folders),
          max_files_per_run: random.of([null, null, 7, 40]),
        },
      });
      const story: Story = { source, sync, database: test.database, random, scope, keepsBytes, done: [], ...world };
      Object.assign(source.quirks, {
        pageSize: random.between(3, 60),
        emptyPages: random.between(0, 1) === 1,
        duplicates: random.between(0, 1) === 1,
        shuffled: random.between(0, 1) === 1,
      });
      for (let round = 0; round < 12 && done < wanted; round++) {
        // Long stretches between two runs are cheap, and short ones meet every step.
        const stretch = random.between(0, 3) === 0 ? random.between(0, 10) : random.between(60, 300);
        for (let n = 0; n < stretch; n++) act(story);
        if (scope && random.between(0, 3) === 0) await choose(story);
        done += stretch;
        const trouble = {
          work: random.between(0, 2) === 0,
          faults: random.between(0, 3) === 0,
          deaths: random.between(0, 3) === 0,
        };
        const calm = { work: false, faults: false, deaths: random.between(0, 3) === 0 };
        if (trouble.work || trouble.faults || trouble.deaths) {
          // A listing that stopped is first gone on with, in folders that it has not seen yet.
          const { stopped_at_maximum } = await run(story, trouble);
          if (stopped_at_maximum === true) await run(story, calm);
        }
        expect(await run(story, calm), told(story)).toMatchObject({
          status: "done",
          remaining: 0,
        });
        await expectReplica(story);
      }
      await sync.end();
    }
  }, 3_600_000);
});
