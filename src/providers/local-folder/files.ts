import type { BigIntStats } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import mime from "mime";
import { ProviderError } from "#core/errors.ts";
import type { RemoteId } from "#core/ids.ts";
import type { FileSource, RemoteFile, RemoteRef } from "#provider-kit/provider.ts";
import type { Config } from "./config.ts";
import { isGone, toFailure } from "./failure.ts";
import type { Folder } from "./folder.ts";
import { identityOf, type Surroundings, versionOf } from "./identity.ts";
import { Listing } from "./listing.ts";
import { fromLocator, type RawName, shownName, toLocator } from "./name.ts";
import { streamFile } from "./read.ts";
import { openTop, type Roots, type Top, topLabel } from "./top.ts";

/** As many as the threads that Node has for files; more would only wait for one another. */
const LOOKS_AT_ONCE = 8;

export function filesBelow(roots: Roots): FileSource<Config> {
  const listing = new Listing();

  return {
    async drives({ config }) {
      const name = topLabel(config);
      return { items: [{ id: name as RemoteId, name }] };
    },

    async list(call, { folder, locator, cursor }) {
      const names = folder === undefined ? [] : namesTo(locator);
      return inFolder(await openTop(roots, call), names, async (place) => {
        if (folder !== undefined && place.around.id !== folder) throw moved(place.what);
        const page = await listing.page(place.folder, cursor);
        const items = await lookAtEach(page.names, (name) => look(place, name, call.signal));
        return { items: items.filter((item) => item !== undefined), ...(page.next && { next: page.next }) };
      });
    },

    async get(call, ref) {
      const { names, name } = wayTo(ref);
      return inFolder(await openTop(roots, call), names, async (place) => {
        const stat = await place.folder.look(name);
        if (identityOf(stat, name, place.around) !== ref.id) throw moved(shownName(name));
        return toRemoteFile(place, name, stat);
      });
    },

    async read(call, ref, { from = 0, as } = {}) {
      if (as !== undefined) throw new ProviderError("rejected", `A file in a folder cannot be turned into ${as}`);
      const { names, name } = wayTo(ref);
      return inFolder(await openTop(roots, call), names, async (place) => {
        const { file, stat } = await openSame(place, name, ref.id);
        return {
          bytes: streamFile(file, stat, { from, what: shownName(name), signal: call.signal }),
          mediaType: mediaTypeOf(name),
          size: Math.max(0, Number(stat.size) - from),
          version: versionOf(stat),
        };
      });
    },
  };
}

/** An open folder of the drive, with what is needed to say who the files in it are. */
interface Place {
  folder: Folder;
  /** The names from the top to it; none for the top itself. */
  names: readonly RawName[];
  around: Surroundings;
  what: string;
}

/** Opens the folder that `names` lead to, does the work there, and closes every folder on the way. */
async function inFolder<T>(top: Top, names: readonly RawName[], work: (place: Place) => Promise<T>): Promise<T> {
  let { folder } = top;
  let around: Surroundings = { id: top.id, topDevice: folder.stat.dev, lastingInodes: top.lastingInodes };
  const what = names.length > 0 ? names.map(shownName).join("/") : top.label;
  try {
    for (const name of names) {
      const next = await folder.open(name);
      const mounted = next.stat.dev !== folder.stat.dev;
      await folder.close();
      folder = next;
      const id = identityOf(folder.stat, name, around);
      around = { ...around, id, lastingInodes: mounted ? await folder.hasLastingInodes() : around.lastingInodes };
    }
    return await work({ folder, names, around, what });
  } catch (error) {
    throw toFailure(error, what);
  } finally {
    await folder.close();
  }
}

/** The file or folder that a name stands for now; nothing when it is gone, or neither of the two. */
async function look(place: Place, name: RawName, signal: AbortSignal): Promise<RemoteFile | undefined> {
  signal.throwIfAborted();
  try {
    const stat = await place.folder.look(name);
    return stat.isFile() || stat.isDirectory() ? toRemoteFile(place, name, stat) : undefined;
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

/** Opens the file only if it is still the one with this id: it is looked at first, as opening a device has effects. */
async function openSame(place: Place, name: RawName, id: RemoteId): Promise<{ file: FileHandle; stat: BigIntStats }> {
  const isSame = (stat: BigIntStats) => stat.isFile() && identityOf(stat, name, place.around) === id;
  if (!isSame(await place.folder.look(name))) throw moved(shownName(name));
  const file = await place.folder.openFile(name);
  try {
    const stat = await file.stat({ bigint: true });
    if (!isSame(stat)) throw moved(shownName(name));
    return { file, stat };
  } catch (error) {
    await file.close();
    throw error;
  }
}

function toRemoteFile({ names, around }: Place, name: RawName, stat: BigIntStats): RemoteFile {
  const isFolder = stat.isDirectory();
  return {
    id: identityOf(stat, name, around),
    locator: toLocator([...names, name]),
    name: shownName(name),
    ...(names.length > 0 && { folder: around.id }),
    isFolder,
    ...(stat.birthtimeNs > 0n && { createdAt: new Date(Number(stat.birthtimeMs)) }),
    modifiedAt: new Date(Number(stat.mtimeMs)),
    ...(!isFolder && { mediaType: mediaTypeOf(name), size: Number(stat.size) }),
    version: isFolder ? "" : versionOf(stat),
    exports: [],
  };
}

/** By the ending of the name: the only sign there is without reading the file. */
const mediaTypeOf = (name: RawName): string => mime.getType(shownName(name)) ?? "application/octet-stream";

function namesTo(locator: string | undefined): RawName[] {
  const names = locator === undefined ? undefined : fromLocator(locator);
  if (!names) throw new ProviderError("not-found", "Without its locator a file in a folder cannot be found again");
  return names;
}

function wayTo(ref: RemoteRef): { names: RawName[]; name: RawName } {
  const names = namesTo(ref.locator);
  const name = names.pop();
  if (name === undefined) throw new ProviderError("not-found", "The locator names no file");
  return { names, name };
}

const moved = (what: string) => new ProviderError("not-found", `${what} has been moved, removed or replaced`);

/** Does the work for each, a few at a time, and keeps the order. */
async function lookAtEach<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = new Array(items.length);
  const queue = items.entries();
  const takeTurns = async () => {
    for (const [at, item] of queue) results[at] = await work(item);
  };
  await Promise.all(Array.from({ length: LOOKS_AT_ONCE }, takeTurns));
  return results;
}
