import { ProviderError } from "#core/errors.ts";
import type { RemoteId } from "#core/ids.ts";
import type { WorkspaceTx } from "#db/database.ts";
import type { FileSource } from "#provider-kit/provider.ts";
import { sentence } from "../sentence.ts";
import { applyChanges } from "./apply-changes.ts";
import { handlingOf, type RunAtWork } from "./at-work.ts";
import { followChanges } from "./follow-changes.ts";
import { listDrive } from "./list-drive.ts";
import { listSource, pageAsker, seeds } from "./list-source.ts";
import {
  beginFeed,
  finishDrive,
  finishListing,
  loadDriveProgress,
  noteDriveProgress,
  readCursor,
  workAgain,
} from "./listing-progress.ts";
import { markProjected } from "./load-sync.ts";
import { rejudged, rewritePaths } from "./paths.ts";
import { patiently } from "./patience.ts";
import { addCounts, logRun } from "./queries.ts";
import { markUnseenFiles, queueMovesIn, removeUnselected, trustRollups } from "./sweep.ts";
import {
  analyzeFiles,
  findFoldersToList,
  findListed,
  forgetFolderFailures,
  hasBegun,
  type Recording,
  recordFolderFailure,
  recordSightings,
  type Sighting,
  top,
} from "./tree.ts";

const SLICE = 500;
/**
 * Pages of a drive that are written at the same time. In a mirror layout one: objects that follow a folder are on other
 * pages, and two transactions would wait for each other.
 */
const PAGES_AT_ONCE = 3;
const FIRST_ANALYZE = 2_000;
const ANALYZE_GROWTH = 5;
/** Roll-ups are believed for a day; then every folder is looked at once more. */
const ROLLUPS_BELIEVED_MS = 24 * 60 * 60 * 1000;

/** Ends a listing behind the batch that reached the run's maximum; the next run goes on there. */
class MaximumReached extends Error {}

/**
 * Brings the tree to where the source is. A run that lists takes the cursor of the feed first, lists everything, and
 * then reads what has changed meanwhile; one that follows reads the feed alone. Folders that come up on the way and were
 * never listed are listed then. Only after all of that is known what has gone.
 *
 * `maximum` when a sync without destination has taken in as many files as a run may.
 * @throws ProviderError cursor-lost: the run has to list anew
 */
export async function listPhase(atWork: RunAtWork): Promise<"complete" | "maximum"> {
  const listing = prepare(atWork);
  const { run, sync, write } = atWork;
  try {
    if (run.listing === "full") {
      await begin(listing);
      const isWholeDrive = sync.folders.length === 0;
      if (isWholeDrive && listing.files.listAll) await listWholeDrive(listing, listing.files.listAll);
      await walk(listing);
      await write(async (tx) => {
        await straighten(
          listing,
          tx,
          listing.roots.map(({ remote_id }) => remote_id),
        );
        await leaveUnselected(listing, tx);
      });
    } else {
      await write(async (tx) => {
        await forgetFolderFailures(tx, run);
        await workAgain(tx, run);
      });
    }
    if (listing.files.changes) {
      await follow(listing);
      await walk({ ...listing, isBehindFeed: true });
    }
    await write(async (tx) => {
      const walked = run.listing === "full" && !listing.prune;
      if (run.listing === "full") await trustRollups(tx, run, { walked });
      await finishListing(tx, run, { walked });
    });
  } catch (failure) {
    if (failure instanceof MaximumReached) return "maximum";
    throw failure;
  }
  return "complete";
}

interface Listing {
  atWork: RunAtWork;
  files: FileSource;
  roots: Sighting[];
  options: Omit<Recording, "by">;
  /** Folders whose roll-up says the same as before are not asked again. */
  prune: boolean;
  /** Asks with patience for what may pass by itself. */
  ask<T>(work: () => Promise<T>): Promise<T>;
  /** The feed has been read: what is listed now are a few folders of a tree that is right. */
  isBehindFeed: boolean;
  /** Tells the planner what the table looks like, every now and then while it grows. */
  grown(rows: number): Promise<void>;
}

function prepare(atWork: RunAtWork): Listing {
  const { sync, signal, connection, write } = atWork;
  const { files } = connection.provider;
  if (!files) throw new Error(`${connection.provider.key} has no files`);
  let rowsUntilAnalyze = FIRST_ANALYZE;
  let total = 0;
  return {
    atWork,
    files,
    roots: seeds(sync.folders, sync.drive.name, sync.judge.metadata),
    options: handlingOf(atWork),
    prune:
      sync.walkedAt !== undefined &&
      !sync.selectionChanged &&
      Date.now() - sync.walkedAt.getTime() < ROLLUPS_BELIEVED_MS,
    ask: patiently(signal),
    isBehindFeed: false,
    async grown(rows) {
      total += rows;
      if (total < rowsUntilAnalyze) return;
      rowsUntilAnalyze *= ANALYZE_GROWTH;
      await write(analyzeFiles);
    },
  };
}

async function begin({ atWork, files, roots, options, ask }: Listing): Promise<void> {
  const { run, sync, connection, write } = atWork;
  const { changes } = files;
  // Before anything is listed: what changes while we list is in the feed from here on.
  const isFirst = await write(async (tx) => !(await hasBegun(tx, run)));
  if (!isFirst) return;
  const start = changes && (await ask(() => changes.call(files, connection.call, { drive: sync.drive.id })));
  await write(async (tx) => {
    await beginFeed(tx, run, start?.next);
    await forgetFolderFailures(tx, run);
    await workAgain(tx, run);
    if (sync.selectionChanged) await markProjected(tx, sync);
    await recordSightings(tx, run, { ...options, by: "folders" }, roots, []);
    await logRun(tx, run.id, { level: "info", code: "listing", message: "Listing the source." });
  });
}

async function listWholeDrive(listing: Listing, listAll: NonNullable<FileSource["listAll"]>): Promise<void> {
  const { atWork, files, options, ask } = listing;
  const { run, sync, signal, connection, write } = atWork;
  const progress = await write((tx) => loadDriveProgress(tx, run));
  if (progress.isDone) return;
  const drive = sync.drive.id;
  const letGo = await listDrive(
    (cursor) => ask(() => listAll.call(files, connection.call, { drive, ...(cursor && { cursor }) })),
    sync.judge,
    {
      known: progress.folders,
      from: progress.cursor,
      atOnce: options.mirror ? 1 : PAGES_AT_ONCE,
      async record(sightings, reached, before) {
        const dealtWith = await write(async (tx) => {
          const counts = await recordSightings(tx, run, { ...options, by: "drive" }, sightings, []);
          await before;
          if (reached !== undefined) await noteDriveProgress(tx, run, reached);
          return addCounts(tx, run, counts);
        });
        await listing.grown(sightings.length);
        stopAtMaximum(atWork, dealtWith);
      },
      check: () => signal.throwIfAborted(),
    },
  );
  if (!letGo) return;
  await write(async (tx) => {
    await addCounts(tx, run, { folders: await finishDrive(tx, run, [...letGo]) });
    await markUnseenFiles(tx, run);
  });
}

/** Lists, folder by folder, whatever has not been listed yet. */
async function walk(listing: Listing): Promise<void> {
  const { atWork, files, roots, options, prune } = listing;
  const { run, sync, signal, connection, write } = atWork;
  const list = pageAsker(files, connection.call, sync.drive.id, listing.ask);
  await listSource(list, sync.judge, {
    async record(sightings, folders) {
      const { dealtWith, listed } = await write(async (tx) => {
        const counts = await recordSightings(tx, run, { ...options, by: "folders" }, sightings, folders);
        const below = sightings.filter(({ is_folder }) => is_folder).map(({ remote_id }) => remote_id);
        const listed = await findListed(tx, run, prune, below);
        // What has moved meanwhile into a folder that is listed now: the feed will say so of itself, not of what is below.
        if (listing.isBehindFeed) await straighten(listing, tx, [...listed]);
        return { dealtWith: await addCounts(tx, run, counts), listed };
      });
      await listing.grown(sightings.length);
      stopAtMaximum(atWork, dealtWith);
      return listed;
    },
    async fail(folder, failure) {
      await write(async (tx) => {
        await recordFolderFailure(tx, run, folder.remote_id, { kind: failure.kind, message: failure.message });
        // A folder that vanished between two looks is news for the next listing; a chosen one is a person's matter.
        const chosen = roots.some(({ remote_id }) => remote_id === folder.remote_id);
        const vanished = failure.kind === "not-found" && !chosen;
        if (!vanished) await addCounts(tx, run, { folders_failed: 1 });
        await logRun(tx, run.id, {
          level: vanished ? "info" : "error",
          code: vanished ? "folder_vanished" : "folder_failed",
          message: `${folder.path || "/"} could not be listed: ${sentence(failure.message)} Nothing in it is taken for gone.`,
        });
      });
    },
    unfinished: (after) => write((tx) => findFoldersToList(tx, run, prune, after, SLICE)),
    check() {
      signal.throwIfAborted();
    },
  });
}

async function follow({ atWork, files, roots, options, ask }: Listing): Promise<void> {
  const { run, sync, connection, signal, write } = atWork;
  const { changes } = files;
  const cursor = await write((tx) => readCursor(tx, run));
  if (!changes || cursor === undefined) return;
  const chosen = new Set<RemoteId>(roots.map(({ remote_id }) => remote_id).filter((id) => id !== top));
  const means = { run, judge: sync.judge, options, chosen };
  await followChanges(
    (since) => {
      signal.throwIfAborted();
      return ask(() => changes.call(files, connection.call, { drive: sync.drive.id, since }));
    },
    cursor,
    async (page) => {
      if (page.changes.length === 0 && page.next === cursor) return;
      stopAtMaximum(atWork, await write((tx) => applyChanges(tx, means, page)));
    },
  );
}

function stopAtMaximum({ sync, destination }: RunAtWork, dealtWith: number): void {
  if (!destination && sync.maxFilesPerRun !== undefined && dealtWith >= sync.maxFilesPerRun) throw new MaximumReached();
}

/** Below folders that moved while a listing went on, or whose content was not asked for, paths are made right. */
async function straighten({ atWork, options }: Listing, tx: WorkspaceTx, under: readonly RemoteId[]): Promise<void> {
  const { run, sync } = atWork;
  const rewritten = await rewritePaths(tx, run, sync.judge, under);
  if (options.mirror && rewritten.length > 0) await queueMovesIn(tx, run, rewritten);
  if (!sync.judge.looksAtPaths || rewritten.length === 0) return;
  for await (const batch of rejudged(tx, run, sync.judge, rewritten)) {
    await addCounts(tx, run, await recordSightings(tx, run, { ...options, by: "feed" }, batch, []));
  }
}

/** What a changed selection leaves outside goes without being held, by the person's own wish. */
async function leaveUnselected({ atWork, options, roots }: Listing, tx: WorkspaceTx): Promise<void> {
  const { run } = atWork;
  const left = await removeUnselected(tx, run, roots, options.removeLeftOut);
  if (left.deleted === 0) return;
  await addCounts(tx, run, left);
  await logRun(tx, run.id, {
    level: "info",
    code: "selection_changed",
    message: `${left.deleted} files are outside of the selection now.`,
  });
}

/** The provider has forgotten the place from which on we wanted to know what has changed. */
export const isCursorLost = (failure: unknown): boolean =>
  failure instanceof ProviderError && failure.kind === "cursor-lost";
