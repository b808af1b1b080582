/** `files.list` of the pretend Drive. */

import type { ListingQuirks } from "#provider-kit/sim/files.ts";
import { randomNumbers } from "#provider-kit/sim/random.ts";
import { type SimNode, sizeOfNode } from "#provider-kit/sim/tree.ts";
import { DriveRefusal, fileNotFound, invalidValue } from "./simulated-failure.ts";
import { readFields, type Selection, type Shape, select } from "./simulated-fields.ts";
import { type QueriedFile, type Query, readQuery } from "./simulated-query.ts";
import { fileShape, type Seen, seesParent, toFile, usualFile } from "./simulated-resource.ts";
import { everythingBelow, type World } from "./simulated-world.ts";

const shape: Shape = { kind: "value", nextPageToken: "value", incompleteSearch: "value", files: fileShape };
const usual = `kind,nextPageToken,incompleteSearch,files(${usualFile})`;

const USUAL_PAGE = 100;
const MOST_A_PAGE = 1000;
/** Listings that are not asked for any more are forgotten, as are their tokens. */
const MOST_OPEN = 256;
const MOST_HELD = 5_000_000;

/** What is listed, as it was when its first page was asked for. */
interface Listing {
  /** What it is a listing of: its tokens are good for nothing else. */
  of: string;
  nodes: readonly SimNode[];
}

export interface ListHabits {
  /** What is said of a folder that is not there, or not visible: both were seen. */
  missingFolders: "refused" | "empty";
  /** `corpora=allDrives` did not reach every drive. */
  incompleteSearch: boolean;
}

export class Lists {
  readonly #world: World;
  readonly #quirks: ListingQuirks;
  readonly #habits: ListHabits;
  readonly #open = new Map<string, Listing>();
  #begun = 0;
  #held = 0;
  readonly #run = crypto.randomUUID().slice(0, 8);

  constructor(world: World, quirks: ListingQuirks, habits: ListHabits) {
    this.#world = world;
    this.#quirks = quirks;
    this.#habits = habits;
  }

  forget(): void {
    this.#open.clear();
    this.#held = 0;
  }

  page(params: URLSearchParams, seen: Seen): Response {
    const fields = params.get("fields");
    const wanted = readFields(fields ?? usual, shape);
    const size = readPageSize(params, USUAL_PAGE, MOST_A_PAGE, this.#quirks);
    const corpora = params.get("corpora") ?? "user";
    const text = params.get("q") || undefined;
    const query = text === undefined ? undefined : readQuery(text);
    const of = ["q", "corpora", "driveId", "orderBy", "includeItemsFromAllDrives", "supportsAllDrives"]
      .map((name) => params.get(name))
      .concat(seen.account)
      .join("\n");
    const at = this.#place(params.get("pageToken"), of) ?? {
      ...this.#begin({ of, nodes: this.#find(params, corpora, query, seen) }),
      offset: 0,
      page: 0,
    };
    const isEmpty = this.#quirks.emptyPages === true && at.page % 3 === 2;
    const whose = queriedBy(seen);
    const matches = (node: SimNode) =>
      !node.deleted && this.#isListed(node, params, seen) && (query?.matches(node, whose) ?? true);
    const files: Record<string, unknown>[] = [];
    const wantedOfFile = wanted.get("files");
    const { nodes } = at.listing;
    let offset = at.offset;
    // The last of the page before comes again; in one folder Drive does not do that.
    if (this.#quirks.duplicates && !query?.folders && offset > 0 && !isEmpty) {
      const again = nodes[offset - 1];
      if (again && wantedOfFile && matches(again)) files.push(toFile(again, seen, wantedOfFile));
    }
    for (let count = 0; !isEmpty && offset < nodes.length && count < size; offset++) {
      const node = nodes[offset];
      if (!node || !matches(node)) continue;
      count += 1;
      if (wantedOfFile) files.push(toFile(node, seen, wantedOfFile));
    }
    while (offset < nodes.length && !matches(nodes[offset] as SimNode)) offset += 1;
    const more = offset < nodes.length;
    if (!more) this.#end(at.id);
    return Response.json(
      pickPage(
        {
          kind: "drive#fileList",
          ...(more && { nextPageToken: this.#token(at.id, offset, at.page + 1) }),
          incompleteSearch: corpora === "allDrives" && this.#habits.incompleteSearch,
        },
        "files",
        files,
        wanted,
      ),
    );
  }

  /** What may be listed, before its condition is looked at. */
  #find(params: URLSearchParams, corpora: string, query: Query | undefined, seen: Seen): SimNode[] {
    const nodes = query?.folders ? this.#inFolders(query.folders, seen) : this.#inCorpus(corpora, params, seen);
    const sorted = sort(nodes, params.get("orderBy"));
    return this.#quirks.shuffled && !params.has("orderBy") ? shuffled(sorted, this.#begun + 1) : sorted;
  }

  #inFolders(folders: readonly string[], seen: Seen): SimNode[] {
    const found: SimNode[] = [];
    for (const id of new Set(folders)) {
      const folder = id === "root" ? this.#world.home(seen.account).top : this.#world.tree.get(id);
      if (folder && this.#world.canSee(folder, seen)) for (const node of folder.children ?? []) found.push(node);
      else if (this.#habits.missingFolders === "refused") throw fileNotFound("");
    }
    return found;
  }

  #inCorpus(corpora: string, params: URLSearchParams, seen: Seen): SimNode[] {
    const { account, world } = seen;
    const id = params.get("driveId");
    if ((corpora === "drive") !== (id !== null)) throw invalidValue("driveId");
    const acrossDrives =
      params.get("includeItemsFromAllDrives") === "true" && params.get("supportsAllDrives") === "true";
    if (corpora === "drive" || corpora === "allDrives") {
      if (!acrossDrives) throw invalidValue("includeItemsFromAllDrives");
      const drives = [...world.tree.drives.values()].filter((drive) => world.isMember(drive, account));
      if (corpora === "drive") {
        const drive = drives.find((one) => one.id === id);
        if (!drive) throw driveNotFound(id ?? "");
        return everythingBelow(drive.top);
      }
      return [
        ...drives.flatMap(({ top }) => everythingBelow(top)),
        ...everythingBelow(world.home(account).top),
        ...world.sharedItems(account),
      ];
    }
    if (corpora !== "user" && corpora !== "domain") throw invalidValue("corpora");
    // What lies in a folder that others have shared is not among it before it was opened.
    return [...everythingBelow(world.home(account).top), ...world.sharedItems(account)];
  }

  #isListed(node: SimNode, params: URLSearchParams, seen: Seen): boolean {
    const { world } = this;
    if (world.isShared(node.drive)) {
      const across = params.get("includeItemsFromAllDrives") === "true" && params.get("supportsAllDrives") === "true";
      return across && world.isMember(node.drive, seen.account);
    }
    return world.canSee(node, seen) || world.sharedWith(node, seen.account) !== undefined;
  }

  get world(): World {
    return this.#world;
  }

  #begin(listing: Listing): { id: string; listing: Listing } {
    this.#begun += 1;
    const id = String(this.#begun);
    this.#open.set(id, listing);
    this.#held += listing.nodes.length;
    for (const [oldest] of this.#open) {
      if (this.#open.size <= MOST_OPEN && this.#held <= MOST_HELD) break;
      if (oldest !== id) this.#end(oldest);
    }
    return { id, listing };
  }

  /** The last page may be asked for once more; small listings stay until there are too many. */
  #end(id: string): void {
    const listing = this.#open.get(id);
    if (!listing || (listing.nodes.length <= MOST_A_PAGE * 10 && this.#open.size < MOST_OPEN)) return;
    this.#open.delete(id);
    this.#held -= listing.nodes.length;
  }

  #token = (id: string, offset: number, page: number): string =>
    `~!!~${Buffer.from(`${this.#run}.${id}.${offset}.${page}`).toString("base64url")}`;

  #place(token: string | null, of: string): { id: string; listing: Listing; offset: number; page: number } | undefined {
    if (token === null) return undefined;
    const text = Buffer.from(token.slice("~!!~".length), "base64url").toString();
    const [run, id = "", offset, page] = text.split(".");
    const listing = this.#open.get(id);
    if (run !== this.#run || listing?.of !== of) throw invalidValue("pageToken");
    return { id, listing, offset: Number(offset), page: Number(page) };
  }
}

export function readPageSize(params: URLSearchParams, usualSize: number, most: number, quirks: ListingQuirks): number {
  const text = params.get("pageSize");
  const size = text === null ? usualSize : Number(text);
  if (!Number.isInteger(size) || size < 1) {
    throw new DriveRefusal(400, "invalidParameter", "Invalid value for page size", { location: "pageSize" });
  }
  return Math.min(size, most, quirks.pageSize ?? most);
}

export const driveNotFound = (id: string): DriveRefusal =>
  new DriveRefusal(404, "notFound", `Shared drive not found: ${id}`, { location: "driveId" });

/** An answer whose list is selected from already. */
export function pickPage(
  about: Record<string, unknown>,
  list: string,
  entries: readonly unknown[],
  wanted: Selection,
): Record<string, unknown> {
  const rest = select(about, wanted) as Record<string, unknown>;
  return wanted.has(list) ? { ...rest, [list]: entries } : rest;
}

const queriedBy = (seen: Seen): QueriedFile => {
  const { world, account } = seen;
  return {
    name: (node) => node.name,
    mimeType: world.mimeType,
    isTrashed: (node) => world.tree.isTrashed(node),
    isSharedWithMe: (node) => world.sharedWith(node, account) !== undefined,
    isIn: (node, folder) =>
      seesParent(node, seen) && node.parent?.id === (folder === "root" ? world.home(account).id : folder),
    isOwnedBy: (node, person) => world.owns(node, person === "me" ? account : person),
    targetOf: (node) => world.about(node).shortcut?.targetId,
  };
};

type Order = (one: SimNode, other: SimNode) => number;

const byText = new Intl.Collator("en", { sensitivity: "base" });
const byNumbers = new Intl.Collator("en", { sensitivity: "base", numeric: true });
const byTime: Order = (one, other) => one.modifiedAt - other.modifiedAt;
const same: Order = () => 0;

const orders: Readonly<Record<string, Order>> = {
  createdTime: (one, other) => one.createdAt - other.createdAt,
  folder: (one, other) => Number(other.isFolder) - Number(one.isFolder),
  modifiedByMeTime: byTime,
  modifiedTime: byTime,
  name: (one, other) => byText.compare(one.name, other.name),
  name_natural: (one, other) => byNumbers.compare(one.name, other.name),
  quotaBytesUsed: (one, other) => sizeOfNode(one) - sizeOfNode(other),
  recency: byTime,
  sharedWithMeTime: same,
  starred: same,
  viewedByMeTime: same,
};

function sort(nodes: SimNode[], orderBy: string | null): SimNode[] {
  if (orderBy === null) return nodes;
  const keys = orderBy.split(",").map((key) => {
    const [name = "", direction, ...more] = key.trim().split(/\s+/);
    const order = Object.hasOwn(orders, name) ? orders[name] : undefined;
    if (!order || (direction !== undefined && direction !== "desc") || more.length > 0) throw invalidValue("orderBy");
    return direction === "desc" ? (((one, other) => order(other, one)) satisfies Order) : order;
  });
  return nodes.sort((one, other) => {
    for (const key of keys) {
      const difference = key(one, other);
      if (difference !== 0) return difference;
    }
    return 0;
  });
}

export function shuffled<T>(items: readonly T[], seed: number): T[] {
  const next = randomNumbers(seed);
  const mixed = [...items];
  for (let at = mixed.length - 1; at > 0; at--) {
    const other = Math.floor(next() * (at + 1));
    [mixed[at], mixed[other]] = [mixed[other] as T, mixed[at] as T];
  }
  return mixed;
}
