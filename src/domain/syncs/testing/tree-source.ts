import { ProviderError } from "#core/errors.ts";
import type { Cursor, RemoteId } from "#core/ids.ts";
import type { FileSource, Provider, RemoteFile } from "#provider-kit/provider.ts";
import { sizeOf, streamOf } from "#provider-kit/sim/content.ts";
import type { Fault } from "#provider-kit/sim/faults.ts";
import type { ListingQuirks } from "#provider-kit/sim/files.ts";
import { randomNumbers } from "#provider-kit/sim/random.ts";
import { type SimDrive, type SimNode, SimTree } from "#provider-kit/sim/tree.ts";

/** A source with files, and somebody who works there. */
export interface WorkedSource {
  provider: Provider;
  tree: SimTree;
  drive: SimDrive;
  quirks: ListingQuirks;
  loseCursors(): void;
  losePages(): void;
  /** Called at each request, before it is answered; what it throws is the answer. */
  onRequest: ((request: string) => void) | undefined;
  /** The next answer on the wire, where there is one, is spoilt. */
  failOnTheWire?(fault: Fault): void;
  /** Nothing is spoilt any more. */
  calm?(): void;
}

/** How the tokens behind empty pages end. */
const EMPTY = " empty";

/**
 * The files of a pretend drive with no wire in between, as odd as the contract allows: pages in any order, entries twice,
 * children before their folders, a feed that tells the present state of what changed earlier.
 */
export function treeSource(seed: number, about: { feed: boolean; whole: boolean; rollups?: boolean }): WorkedSource {
  const clock = { now: () => new Date() };
  const tree = new SimTree({ clock, newId: (n) => `node-${n}` });
  const drive = tree.addDrive("Shared drive", { id: "drive" });
  const next = randomNumbers(seed);
  const quirks: ListingQuirks = {};
  // When something last happened below a folder: what is made and deleted again leaves a trace, as a time does.
  const stamps = new Map<SimNode, number>();
  let happened = 0;
  tree.onChange = (_, { node }) => {
    happened += 1;
    for (let at = node.parent; at; at = at.parent) stamps.set(at, happened);
  };
  const rollupOf = (node: SimNode): string => {
    const here = [...(node.children ?? [])].filter((one) => !one.trashed);
    return `${node.name} ${node.contentRevision} ${stamps.get(node) ?? 0} [${here.map(rollupOf).join()}]`;
  };
  let epoch = 1;
  let made = 0;
  const snapshots = new Map<string, string[]>();
  const pageSize = () => quirks.pageSize ?? 50;

  const ask = (name: string) => source.onRequest?.(name);
  const isPresent = (id: string): boolean => {
    const node = tree.get(id);
    return node !== undefined && !tree.isTrashed(node);
  };
  const present = (id: string): SimNode => {
    const node = tree.get(id);
    if (!node || tree.isTrashed(node)) throw new ProviderError("not-found", "It is not there");
    return node;
  };
  const pageOf = (key: string, ids: () => string[], cursor: Cursor | undefined) => {
    if (cursor !== undefined && !snapshots.has(cursor)) throw new ProviderError("cursor-lost", "Unknown page");
    const left = cursor === undefined ? ids().filter(isPresent) : (snapshots.get(cursor) ?? []);
    // Never two in a row of one listing.
    const isEmpty = quirks.emptyPages === true && cursor?.endsWith(EMPTY) === false && next() < 0.3;
    const here = isEmpty ? [] : left.slice(0, pageSize());
    const rest = left.slice(here.length);
    // A page further on, so that no page has nothing but what has been before.
    if (quirks.duplicates && here[0] !== undefined && here.length > 1 && rest.length > 0) {
      rest.splice(pageSize(), 0, here[0]);
    }
    made += 1;
    const token = `${key} ${made}${isEmpty ? EMPTY : ""}`;
    if (rest.length > 0) snapshots.set(token, rest);
    const items = here.flatMap((id) => {
      const node = tree.get(id);
      if (!node || !isPresent(id)) return [];
      return [{ ...toRemote(node), ...(about.rollups && node.isFolder && { rollup: rollupOf(node) }) }];
    });
    return { items, ...(rest.length > 0 && { next: token as Cursor }) };
  };

  const files: FileSource = {
    async drives() {
      ask("drives");
      return { items: [{ id: drive.id as RemoteId, name: drive.name }] };
    },
    async list(_, { folder, cursor }) {
      ask("list");
      const at = folder === undefined ? drive.top : present(folder);
      return pageOf(at.id, () => [...(at.children ?? [])].map(({ id }) => id), cursor);
    },
    ...(about.whole && {
      async listAll(_, { cursor }) {
        ask("list all");
        const everything = () =>
          shuffle(
            [...tree.nodes.keys()].filter((id) => id !== drive.id),
            next,
          );
        return pageOf("all", everything, cursor);
      },
    }),
    async get(_, { id }) {
      ask("get");
      return toRemote(present(id));
    },
    async read(_, { id }, { from = 0 } = {}) {
      ask("read");
      const { content } = present(id);
      if (!content) throw new ProviderError("rejected", "A folder has no bytes");
      return { bytes: streamOf(content, from), mediaType: "text/plain", size: sizeOf(content) - from };
    },
    ...(about.feed && {
      async changes(_, { since }) {
        ask("changes");
        const end = drive.logStart + drive.log.length;
        if (since === undefined) return { changes: [], next: `${epoch} ${end}` as Cursor, more: false };
        const [of, at = 0] = since.split(" ").map(Number);
        if (of !== epoch || at < drive.logStart) throw new ProviderError("cursor-lost", "Unknown cursor");
        const to = Math.min(end, at + pageSize());
        const events = drive.log.slice(at - drive.logStart, to - drive.logStart);
        const nodes = quirks.shuffled ? shuffle(events, next) : events;
        const again = quirks.duplicates ? nodes.slice(0, 2) : [];
        const changes = [...nodes, ...again].map(({ node }) =>
          node.deleted || tree.isTrashed(node) || node.drive !== drive
            ? ({ kind: "gone", id: node.id as RemoteId } as const)
            : ({ kind: "changed", file: toRemote(node) } as const),
        );
        return { changes, next: `${epoch} ${to}` as Cursor, more: to < end };
      },
    }),
  };
  const source: WorkedSource = {
    provider: {
      key: "pretend",
      name: "Pretend drive",
      description: "",
      category: "files",
      glyph: { letters: "PD", hue: "slate" },
      auth: () => [{ type: "none" }],
      check: async () => ({ id: "account", label: "Account" }),
      files,
    },
    tree,
    drive,
    quirks,
    loseCursors: () => {
      epoch += 1;
    },
    losePages: () => snapshots.clear(),
    onRequest: undefined,
  };
  return source;
}

function shuffle<T>(items: readonly T[], next: () => number): T[] {
  const keyed = items.map((item) => ({ item, at: next() }));
  return keyed.sort((a, b) => a.at - b.at).map(({ item }) => item);
}

const toRemote = (node: SimNode): RemoteFile => ({
  id: node.id as RemoteId,
  name: node.name,
  ...(node.parent?.parent && { folder: node.parent.id as RemoteId }),
  isFolder: node.isFolder,
  modifiedAt: new Date(node.modifiedAt),
  ...(node.content && { size: sizeOf(node.content) }),
  version: String(node.contentRevision),
  exports: [],
});
