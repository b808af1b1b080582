// Whoever follows the feed has at any time what whoever lists the drive anew would find.
import { expect, it } from "vitest";
import type { Cursor, RemoteId } from "#core/ids.ts";
import type { RemoteFile } from "#provider-kit/provider.ts";
import { bytesOf } from "#provider-kit/sim/content.ts";
import { randomNumbers } from "#provider-kit/sim/random.ts";
import type { SimNode } from "#provider-kit/sim/tree.ts";
import { type OpenDrive, openDrive } from "./testing/open-drive.ts";

const long = process.env.HAWSER_TEST_LONG !== undefined;
const first = Number(process.env.HAWSER_TEST_SEED ?? 1);

it.each(Array.from({ length: long ? 200 : 4 }, (_, n) => first + n))(
  "F5 a feed tells everything that happens in three sorts of drives, however it is cut into pages (seed %i)",
  async (seed) => {
    const random = dice(seed);
    const open = await openDrive();
    const followers = [open.mine, open.projects, open.shared].map((drive) => new Follower(open, drive));
    for (const follower of followers) await follower.begin(random.isLikely(50));
    const done: string[] = [];
    for (let round = 0; round < 25; round++) {
      for (let count = random.upTo(12); count > 0; count--) done.push(act(open, random, done.length));
      if (random.isLikely(5)) open.service.loseCursors();
      for (const follower of followers) {
        Object.assign(open.service.quirks, {
          // Of what is shared, much may be no page's business: small pages of it would seem to bring nothing.
          pageSize: follower.drive === open.shared ? 1000 : 6 + random.upTo(9),
          emptyPages: random.isLikely(30),
          duplicates: random.isLikely(50),
          shuffled: random.isLikely(50),
        });
        await follower.follow(random.isLikely(50));
        const [seen, there] = [follower.seen(), toLines(await everything(open, follower.drive))];
        expect(seen, `${follower.drive}\n${done.slice(-30).join("\n")}`).toEqual(there);
      }
    }
  },
);

/** Keeps a tree by id from a feed: what lies in a folder that it does not have is out of its sight. */
class Follower {
  readonly drive: RemoteId;
  readonly #open: OpenDrive;
  #files = new Map<RemoteId, RemoteFile>();
  #cursor: Cursor | undefined;

  constructor(open: OpenDrive, drive: RemoteId) {
    this.#open = open;
    this.drive = drive;
  }

  seen = (): string[] => toLines(this.#files.values());

  async begin(atOnce: boolean): Promise<void> {
    this.#cursor = (await this.#open.changes(this.drive)).next;
    this.#files = new Map();
    if (!atOnce || this.drive === this.#open.shared) return this.#list(undefined);
    const found = await this.#open.listAll(this.drive);
    for (let waiting = found; waiting.length > 0; ) {
      const rest = waiting.filter((file) => !this.#isInSight(file));
      for (const file of waiting) if (this.#isInSight(file)) this.#files.set(file.id, file);
      if (rest.length === waiting.length) break;
      waiting = rest;
    }
  }

  async follow(atOnce: boolean): Promise<void> {
    try {
      const { changes, next } = await this.#open.changes(this.drive, this.#cursor);
      this.#cursor = next;
      for (const change of changes) {
        if (change.kind === "gone") this.#forget(change.id);
        else await this.#take(change.file);
      }
    } catch (error) {
      if (kindIn(error) !== "cursor-lost") throw error;
      await this.begin(atOnce);
    }
  }

  async #take(file: RemoteFile): Promise<void> {
    if (!this.#isInSight(file)) return this.#forget(file.id);
    const isNew = !this.#files.has(file.id);
    this.#files.set(file.id, file);
    if (file.isFolder && isNew) await this.#list(file);
  }

  async #list(folder: RemoteFile | undefined): Promise<void> {
    const inside = await this.#open.list(this.drive, folder).catch((error: unknown) => {
      // The feed tells later what became of it.
      if (kindIn(error) !== "not-found") throw error;
      return [];
    });
    for (const file of inside) await this.#take(file);
  }

  #isInSight = ({ folder }: RemoteFile): boolean => folder === undefined || this.#files.has(folder);

  #forget(id: RemoteId): void {
    if (!this.#files.delete(id)) return;
    for (const file of [...this.#files.values()]) if (file.folder === id) this.#forget(file.id);
  }
}

async function everything(open: OpenDrive, drive: RemoteId, folder?: RemoteFile): Promise<RemoteFile[]> {
  const here = await open.list(drive, folder);
  const below = await Array.fromAsync(
    here.filter(({ isFolder }) => isFolder),
    (deeper) => everything(open, drive, deeper),
  );
  return [...here, ...below.flat()];
}

const toLines = (files: Iterable<RemoteFile>): string[] =>
  [...files].map(({ id, name, folder, version }) => `${id} ${name} in ${folder ?? "the top"}: ${version}`).toSorted();

const kindIn = (error: unknown): unknown =>
  typeof error === "object" && error !== null && "kind" in error ? error.kind : undefined;

type Dice = ReturnType<typeof dice>;

function dice(seed: number) {
  const next = randomNumbers(seed);
  return {
    upTo: (most: number): number => Math.floor(next() * (most + 1)),
    isLikely: (percent: number): boolean => next() * 100 < percent,
    pick: <T>(list: readonly T[]): T | undefined => list[Math.floor(next() * list.length)],
  };
}

/** Somebody does something in one of three drives, or from one to another. Answers what. */
function act({ tree, world, top, ana, ben }: OpenDrive, random: Dice, count: number): string {
  const tops = [top, world.projects.top, world.home(ben).top];
  const nodes = [...tree.nodes.values()].filter(({ parent }) => parent !== undefined);
  const folder = random.pick([...tops, ...nodes.filter(({ isFolder }) => isFolder)]) ?? top;
  const node = random.pick(nodes);
  const isShared = node?.drive === world.home(ben) && world.sharedWith(node, ana) !== undefined;
  const acts: Record<string, ((node: SimNode) => unknown) | undefined> = {
    "makes a file": () => tree.addFile(folder, `file ${count}`, bytesOf(`${count}`)),
    "makes another file": () => tree.addFile(folder, `file ${count}`, bytesOf(`${count}`)),
    "makes a folder": () => tree.addFolder(folder, `folder ${count}`),
    "makes a document": () => world.addDocument(folder, `document ${count}`, "document", count),
    edits: (node) => node.isFolder || tree.edit(node, bytesOf(`edited ${count}`)),
    renames: (node) => tree.rename(node, `renamed ${count}`),
    moves: (node) => node === folder || tree.isBelow(folder, node) || tree.move(node, folder),
    "moves again": (node) => node === folder || tree.isBelow(folder, node) || tree.move(node, folder),
    "throws away": (node) => tree.trash(node),
    "takes back": (node) => tree.restore(node),
    "takes all back": () => {
      for (const thrown of nodes.filter(({ trashed }) => trashed)) tree.restore(thrown);
    },
    deletes: (node) => random.isLikely(40) && tree.delete(node),
    "makes a shortcut": (node) => world.addShortcut(folder, "link", { id: node.id, mimeType: world.mimeType(node) }),
    shares: (node) => node.drive === world.home(ben) && (isShared ? world.unshare(node, ana) : world.share(node, ana)),
  };
  const what = random.pick(Object.keys(acts)) ?? "";
  if (node || what.startsWith("makes a ")) acts[what]?.(node ?? folder);
  return `${what}: ${node?.name} (${node?.id}), ${folder.name} (${folder.id})`;
}
