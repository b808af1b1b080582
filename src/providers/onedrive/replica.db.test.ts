// The replica against the pretend Graph, over its wire format: whatever is done there and whatever it does.
import { afterAll, beforeAll, expect, it } from "vitest";
import { aSync } from "#domain/syncs/testing/a-sync.ts";
import { act, expectReplica, run, type Story } from "#domain/syncs/testing/cloud-story.ts";
import type { WorkedSource } from "#domain/syncs/testing/tree-source.ts";
import type { FileSource } from "#provider-kit/provider.ts";
import { type TestDatabase, testDatabase } from "../../../test/support/database.ts";
import { seededRandom } from "../../../test/support/random.ts";
import { oddityOf } from "./simulated-microsoft.ts";
import { type MetMicrosoft, meetMicrosoft } from "./testing/a-microsoft.ts";

const long = process.env.HAWSER_TEST_LONG !== undefined;
const seed = Number(process.env.HAWSER_TEST_SEED ?? (long ? Date.now() % 2 ** 31 : 20_261_128));

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
});
afterAll(() => test.close());

/** The files of somebody who is signed in at the pretend Microsoft, whoever asks. */
function workedSource({ files, call, service }: MetMicrosoft): WorkedSource {
  const ask = (what: string) => source.onRequest?.(what);
  const asked: FileSource = {
    async drives(_, cursor) {
      ask("drives");
      return files.drives(call, cursor);
    },
    async list(_, at) {
      ask("list");
      return files.list(call, at);
    },
    async listAll(_, at) {
      ask("list all");
      return files.listAll?.(call, at);
    },
    async get(_, ref) {
      ask("get");
      return files.get(call, ref);
    },
    async read({ signal }, ref, options) {
      ask("read");
      return files.read({ ...call, signal }, ref, options);
    },
    async changes(_, at) {
      ask("changes");
      if (!files.changes) throw new Error("it has no feed");
      return files.changes(call, at);
    },
  };
  const source: WorkedSource = {
    provider: {
      key: "pretend",
      name: "Pretend OneDrive",
      description: "",
      category: "files",
      glyph: { letters: "PO", hue: "blue" },
      auth: () => [{ type: "none" }],
      check: async () => ({ id: "account", label: "Account" }),
      files: asked,
    },
    tree: service.tree,
    drive: service.drive,
    quirks: service.quirks,
    loseCursors: () => service.loseCursors(),
    losePages: () => service.losePages(),
    onRequest: undefined,
  };
  return source;
}

it.each([false, true])(
  "F5 SR-89 is what the drive is, at every quiet point, with one folder chosen: %s",
  async (scoped) => {
    const random = seededRandom(seed);
    for (let part = 0; part < (long ? 50 : 4); part++) {
      const met = await meetMicrosoft();
      const source = workedSource(met);
      const scope = scoped ? source.tree.addFolder(source.drive.top, "Chosen") : undefined;
      const folders = scope ? [{ id: scope.id, locator: null, path: "/Chosen" }] : [];
      const keepsBytes = part % 2 === 1;
      const sync = await aSync(test.database, {
        provider: source.provider,
        layout: keepsBytes ? (part % 4 === 1 ? "mirror" : "ids") : "none",
        onDelete: "remove",
        columns: { drive_id: source.drive.id, folders: JSON.stringify(folders) },
      });
      const [, other] = source.tree.drives.values();
      const more: Story["more"] = [
        (node) => {
          const folder = node.isFolder ? node : (node.parent ?? source.drive.top);
          const name = `odd ${source.tree.nodes.size}`;
          met.service.addOddity(
            folder,
            name,
            random.of([
              { is: "package" },
              { is: "shortcut", target: folder },
              { malware: true },
              { withoutHash: true },
            ]),
          );
        },
        (node) => {
          if (other && node !== scope && !(scope && source.tree.isBelow(scope, node)))
            source.tree.move(node, other.top);
        },
      ];
      const isSkipped: Story["isSkipped"] = (node) =>
        oddityOf(node).is !== undefined || oddityOf(node).malware === true;
      const story: Story = {
        source,
        sync,
        database: test.database,
        random,
        scope,
        keepsBytes,
        more,
        isSkipped,
        done: [],
      };
      Object.assign(source.quirks, {
        pageSize: random.between(1, 20),
        emptyPages: random.between(0, 1) === 1,
        duplicates: random.between(0, 1) === 1,
        shuffled: random.between(0, 1) === 1,
      });
      met.service.microsoft.tellsChildrenOfDeleted = random.between(0, 1) === 1;
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
  },
  3_600_000,
);
