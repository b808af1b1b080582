import { AppError, ProviderError } from "#core/errors.ts";
import type { ConnectionId, Cursor, RemoteId } from "#core/ids.ts";
import { secretUse } from "#domain/connections/access.ts";
import type { Caller } from "#domain/connections/connection.ts";
import { type ConnectionDeps, openConnection } from "#domain/connections/open-connection.ts";
import { withinTime } from "#domain/connections/within-time.ts";
import type { Call, FileSource, RemoteFile, Unreadable } from "#provider-kit/provider.ts";
import { breather } from "./breathe.ts";
import { chooseExport } from "./exports.ts";
import { below, toFolderPath } from "./folder-path.ts";
import { nameOfExport } from "./run/sighting.ts";
import { compileSelection, type Filters, type MetadataRule, type PartMatch, type Selection } from "./selection.ts";
import type { FolderChoice } from "./sync.ts";

const MOST_FILES = 2000;
const MOST_FOLDERS = 400;
/** Of one folder at first, so that one large folder does not hide all others. */
const FILES_AT_FIRST = 50;
const AT_ONCE = 4;
const TIME_MS = 10_000;
/** One page of the source may take this much longer before nobody waits for it. */
const LAST_PAGE_MS = 5_000;

export interface PreviewWish {
  connection: ConnectionId;
  drive: string;
  folders: FolderChoice[];
  filters: Filters;
  rules: MetadataRule[];
  exports?: readonly string[];
}

export interface Preview {
  filesSeen: number;
  filesKept: number;
  /** There was more than was looked at. */
  truncated: boolean;
  foldersSeen: number;
  foldersMatched: number;
  /** Folders with files that are kept; those that no rule matches come first. */
  paths: { path: string; files: number; values: Record<string, string>; matches: PartMatch[] }[];
  /** For each part the values that were found, the most frequent first. */
  values: Record<string, { value: string; folders: number }[]>;
  /** Kept files that have no bytes of their own, by their type, and what they become. */
  documents: { mediaType: string; as: string; files: number }[];
  /** Files that would be kept if there were anything to be read of them, by the reason. */
  unreadable: { reason: Unreadable; files: number }[];
}

/**
 * What filters and rules would do, shown on real files: walks the source breadth first, within bounds of time and
 * number.
 * @throws AppError invalid_request with pointers to filters and rules, connection_not_active; ProviderError when the
 * place where the walk begins cannot be read
 */
export async function previewSelection(
  deps: ConnectionDeps,
  { workspace, actor, signal }: Pick<Caller, "workspace" | "actor" | "signal">,
  wish: PreviewWish,
): Promise<Preview> {
  const selection = compileSelection(wish);
  return withinTime({ name: "The source", ms: TIME_MS + LAST_PAGE_MS, signal }, async (until) => {
    const { provider, call } = await openConnection(deps, workspace, wish.connection, {
      use: secretUse(actor, "preview"),
      signal: until,
    });
    if (!provider.files) throw new AppError("invalid_request", `${provider.name} has no files.`);
    const { seen, truncated } = await walk(provider.files, call, wish);
    return summarize(seen, truncated, selection, wish.exports ?? []);
  });
}

/** A file with the path of the folder that it lies in. */
interface Seen {
  folder: string;
  file: RemoteFile;
}

interface Place {
  path: string;
  id?: RemoteId;
  locator?: string;
  cursor?: Cursor;
  /** The walk begins here. */
  start?: true;
}

async function walk(files: FileSource, call: Call, wish: PreviewWish): Promise<{ seen: Seen[]; truncated: boolean }> {
  const stopAt = performance.now() + TIME_MS;
  const queue: Place[] = wish.folders.length === 0 ? [{ path: "", start: true }] : wish.folders.map(toPlace);
  const seen: Seen[] = [];
  const later: Seen[] = [];
  let folders = 0;
  let truncated = false;

  while (queue.length > 0 && seen.length < MOST_FILES && folders < MOST_FOLDERS && performance.now() < stopAt) {
    const places = queue.splice(0, Math.min(AT_ONCE, MOST_FOLDERS - folders));
    folders += places.length;
    const pages = await Promise.all(places.map((place) => listPlace(files, call, wish.drive, place)));
    pages.forEach((page, index) => {
      const place = places[index];
      if (!place || !page) {
        truncated = true;
        return;
      }
      const found = page.items.filter(({ isFolder }) => !isFolder).map((file) => ({ folder: place.path, file }));
      seen.push(...found.slice(0, FILES_AT_FIRST));
      later.push(...found.slice(FILES_AT_FIRST, FILES_AT_FIRST + MOST_FILES - Math.min(MOST_FILES, later.length)));
      for (const folder of page.items.filter(({ isFolder }) => isFolder)) {
        queue.push({
          path: below(place.path, folder.name),
          id: folder.id,
          ...(folder.locator !== undefined && { locator: folder.locator }),
        });
      }
      if (page.next !== undefined) queue.push({ ...place, cursor: page.next });
    });
  }
  const all = [...seen, ...later];
  return { seen: all.slice(0, MOST_FILES), truncated: truncated || queue.length > 0 || all.length > MOST_FILES };
}

/** One page of a folder. A folder that cannot be read is left out, except where the walk begins. */
async function listPlace(files: FileSource, call: Call, drive: string, place: Place) {
  try {
    return await files.list(call, {
      drive: drive as RemoteId,
      ...(place.id !== undefined && { folder: place.id }),
      ...(place.locator !== undefined && { locator: place.locator }),
      ...(place.cursor !== undefined && { cursor: place.cursor }),
    });
  } catch (error) {
    if (error instanceof ProviderError && !place.start) return undefined;
    throw error;
  }
}

const toPlace = ({ id, locator, path }: FolderChoice): Place => ({
  path: toFolderPath(path),
  id: id as RemoteId,
  ...(locator !== null && { locator }),
  start: true,
});

async function summarize(
  seen: readonly Seen[],
  truncated: boolean,
  selection: Selection,
  wanted: readonly string[],
): Promise<Preview> {
  const breathe = breather();
  const files = new Map<string, number>();
  const documents = new Map<string, Preview["documents"][number]>();
  const unreadable = new Map<Unreadable, number>();
  for (const { folder, file } of seen) {
    await breathe();
    const as = chooseExport(file.exports, wanted);
    const name = nameOfExport(file.name, as);
    const path = below(folder, name).slice(1);
    if (!selection.judge({ name, path, size: file.size, mediaType: as ?? file.mediaType }).keep) continue;
    const reason = file.unreadable ?? (file.exports.length > 0 && as === undefined ? "not_exportable" : undefined);
    if (reason) {
      unreadable.set(reason, (unreadable.get(reason) ?? 0) + 1);
      continue;
    }
    files.set(folder, (files.get(folder) ?? 0) + 1);
    if (as === undefined) continue;
    const type = file.mediaType ?? "";
    documents.set(type, { mediaType: type, as, files: (documents.get(type)?.files ?? 0) + 1 });
  }
  const paths: Preview["paths"] = [];
  for (const [path, count] of files) {
    await breathe();
    paths.push({ path, files: count, values: selection.metadata(path), matches: selection.matches(path) });
  }
  const isMatched = ({ values }: { values: Record<string, string> }) => Object.keys(values).length > 0;
  return {
    filesSeen: seen.length,
    filesKept: paths.reduce((sum, path) => sum + path.files, 0),
    truncated,
    foldersSeen: paths.length,
    foldersMatched: paths.filter(isMatched).length,
    paths: paths.toSorted(
      (a, b) => Number(isMatched(a)) - Number(isMatched(b)) || (a.path < b.path ? -1 : a.path > b.path ? 1 : 0),
    ),
    values: tally(paths.map(({ values }) => values)),
    documents: mostFirst(documents.values()),
    unreadable: mostFirst([...unreadable].map(([reason, files]) => ({ reason, files }))),
  };
}

const mostFirst = <Group extends { files: number }>(groups: Iterable<Group>): Group[] =>
  [...groups].sort((a, b) => b.files - a.files);

function tally(all: readonly Record<string, string>[]): Preview["values"] {
  const parts = new Map<string, Map<string, number>>();
  for (const [part, value] of all.flatMap((values) => Object.entries(values))) {
    const counts = parts.get(part) ?? new Map<string, number>();
    parts.set(part, counts.set(value, (counts.get(value) ?? 0) + 1));
  }
  return Object.fromEntries(
    [...parts].map(([part, counts]) => [
      part,
      [...counts].map(([value, folders]) => ({ value, folders })).sort((a, b) => b.folders - a.folders),
    ]),
  );
}
