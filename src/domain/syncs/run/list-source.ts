import { ProviderError } from "#core/errors.ts";
import type { Cursor, RemoteId } from "#core/ids.ts";
import { everyPage } from "#provider-kit/every-item.ts";
import type { Call, FileSource } from "#provider-kit/provider.ts";
import { breather } from "../breathe.ts";
import type { FolderChoice } from "../sync.ts";
import { type Judge, toSighting } from "./sighting.ts";
import { type FolderProgress, type FolderToList, type Sighting, top } from "./tree.ts";

const FOLDERS_AT_ONCE = 8;
const BATCH = 1_000;
/** How often a folder is begun anew because the provider has forgotten how far we were. */
const MOST_LOSSES = 3;

/** Where a listing leaves what it found. A batch is written in one transaction before its `record` returns. */
export interface ListingSink {
  /**
   * Answers which of the folders it was shown need not be listed. May throw to end the listing here: what comes later is
   * not written, and found again where it goes on.
   */
  record(sightings: readonly Sighting[], folders: readonly FolderProgress[]): Promise<ReadonlySet<RemoteId>>;
  /** The folder could not be listed; the rest goes on. */
  fail(folder: FolderToList, failure: ProviderError): Promise<void>;
  /** Folders that were reached earlier and are still to be listed: where a listing goes on after a crash. */
  unfinished(after: string | null): Promise<FolderToList[]>;
  /** Asked before each page. @throws when the run is to stop */
  check(): void;
}

/** One page of a folder, asked with patience. */
export type ListPage = (folder: FolderToList, cursor: Cursor | undefined) => ReturnType<FileSource["list"]>;

/**
 * Walks all folders that can be reached, several at once, and hands what it sees over in batches. Folders met on the way
 * are taken last in, first out, so that the list of open ones stays short.
 */
export async function listSource(list: ListPage, judge: Judge, sink: ListingSink): Promise<void> {
  const open: FolderToList[] = [];
  let sightings = new Map<RemoteId, Sighting>();
  let progress: FolderProgress[] = [];
  let found: FolderToList[] = [];
  let writing = Promise.resolve();
  const breathe = breather();

  const write = (): Promise<void> => {
    const batch = [...sightings.values()];
    const folders = progress;
    const reached = found;
    sightings = new Map();
    progress = [];
    found = [];
    if (batch.length === 0 && folders.length === 0) return writing;
    // One after the other: a folder's own row is written before anything below it is asked for.
    writing = writing.then(async () => {
      const known = await sink.record(batch, folders);
      open.push(...reached.filter(({ remote_id }) => !known.has(remote_id)));
    });
    return writing;
  };

  const listFolder = async (folder: FolderToList): Promise<void> => {
    for (let losses = 0; ; losses++) {
      try {
        return await listPages(losses === 0 ? folder : { ...folder, cursor: null }, losses > 0);
      } catch (failure) {
        const isLost = failure instanceof ProviderError && failure.kind === "cursor-lost";
        if (!isLost || losses === MOST_LOSSES) throw failure;
      }
    }
  };

  const listPages = async (folder: FolderToList, isAgain: boolean): Promise<void> => {
    const from = (folder.cursor ?? undefined) as Cursor | undefined;
    let whole = from === undefined && !isAgain;
    const ask = (cursor?: Cursor) => {
      sink.check();
      return list(folder, cursor);
    };
    for await (const page of everyPage(ask, from)) {
      const seen: Sighting[] = [];
      for (const item of page.items) {
        seen.push(toSighting(item, folder, judge));
        await breathe();
      }
      // From here to the folder's progress without a pause: a page is never in two batches.
      for (const sighting of seen) {
        sightings.set(sighting.remote_id, sighting);
        if (sighting.is_folder) {
          found.push({
            remote_id: sighting.remote_id,
            locator: sighting.locator,
            path: sighting.path ?? "",
            cursor: null,
          });
        }
      }
      const complete = page.next === undefined;
      whole &&= complete;
      progress.push({ remote_id: folder.remote_id, complete, whole, cursor: page.next ?? null });
      // The pages of one folder are never in one batch with each other: each stands for itself after a crash.
      if (sightings.size >= BATCH || !complete) await write();
    }
  };

  const takeUnfinished = async () => {
    let after: string | null = null;
    for (;;) {
      const slice = await sink.unfinished(after);
      if (slice.length === 0) return;
      open.push(...slice);
      after = slice.at(-1)?.remote_id ?? null;
    }
  };

  await takeUnfinished();
  const working = new Set<Promise<void>>();
  const failures: unknown[] = [];
  // What a folder shows while a batch is being written is still to be written itself, and listed.
  while ((open.length > 0 || working.size > 0 || found.length > 0) && failures.length === 0) {
    while (open.length > 0 && working.size < FOLDERS_AT_ONCE) {
      const folder = open.pop() as FolderToList;
      const work: Promise<void> = listFolder(folder)
        .catch(async (failure: unknown) => {
          if (failure instanceof ProviderError && onlyThisFolder(failure)) await sink.fail(folder, failure);
          else throw failure;
        })
        .catch((failure: unknown) => void failures.push(failure))
        .finally(() => working.delete(work));
      working.add(work);
    }
    if (working.size > 0) await Promise.race(working);
    // Nothing left to ask for until what is gathered has been written: write it, and the folders in it come up.
    if (open.length === 0 && (found.length > 0 || working.size === 0) && failures.length === 0) {
      await write().catch((failure: unknown) => failures.push(failure));
    }
  }
  await Promise.all(working);
  if (failures.length > 0) throw failures[0];
  await write();
}

/** A closed or vanished folder is its own trouble; anything else stops the listing, because it may be everybody's. */
const onlyThisFolder = ({ kind }: ProviderError): boolean =>
  kind === "forbidden" || kind === "not-found" || kind === "rejected" || kind === "unexpected-reply";

/** The rows a listing starts from: the top of the drive, or the chosen folders that do not lie in another chosen one. */
export function seeds(choices: readonly FolderChoice[], driveName: string, metadata: Judge["metadata"]): Sighting[] {
  const outer = choices.filter(
    (choice) =>
      !choices.some((other) => other !== choice && other.path !== "" && choice.path.startsWith(`${other.path}/`)),
  );
  const roots = choices.length === 0 ? [{ id: top as string, locator: null, path: "" }] : outer;
  return roots.map(({ id, locator, path }) => ({
    remote_id: id as RemoteId,
    parent_id: null,
    name: path.slice(path.lastIndexOf("/") + 1) || driveName,
    is_folder: true,
    locator,
    size: null,
    media_type: null,
    link: null,
    version: "",
    remote_created_at: null,
    remote_modified_at: null,
    remote_hash: null,
    path,
    metadata: metadata(path),
    export_as: null,
    rollup: null,
    provider_metadata: null,
    state: "folder",
    reason: null,
  }));
}

/** Asks for pages of a drive; waits out what passes by itself, up to four times. */
export function pageAsker(
  files: FileSource,
  call: Call,
  drive: RemoteId,
  patiently: <T>(work: () => Promise<T>) => Promise<T>,
): ListPage {
  return (folder, cursor) =>
    patiently(() =>
      files.list(call, {
        drive,
        ...(folder.remote_id !== top && { folder: folder.remote_id }),
        ...(folder.locator !== null && { locator: folder.locator }),
        ...(cursor && { cursor }),
      }),
    );
}
