import type { WorkspaceTx } from "#db/database.ts";
import type { RunAtWork } from "./at-work.ts";
import { listSource, pageAsker, seeds } from "./list-source.ts";
import { markProjected } from "./load-sync.ts";
import { patiently } from "./patience.ts";
import { addCounts, logRun } from "./queries.ts";
import { removeUnselected } from "./sweep.ts";
import {
  analyzeFiles,
  findFoldersToList,
  forgetFolderFailures,
  hasBegun,
  recordFolderFailure,
  recordSightings,
  top,
} from "./tree.ts";

const SLICE = 500;
const FIRST_ANALYZE = 2_000;
const ANALYZE_GROWTH = 5;

/** Ends a listing behind the batch that reached the run's maximum; the next run goes on there. */
class MaximumReached extends Error {}

/** Lists the source into the tree. `maximum` when a sync without destination has taken in as many files as a run may. */
export async function listPhase(atWork: RunAtWork): Promise<"complete" | "maximum"> {
  const { run, sync, signal, connection, destination, write } = atWork;
  const { files } = connection.provider;
  if (!files) throw new Error(`${connection.provider.key} has no files`);
  const roots = seeds(sync.folders, sync.drive.name, sync.judge.metadata);
  const options = {
    removeLeftOut: sync.removeObjects && destination !== undefined,
    mirror: sync.destination.kind !== "none" && sync.destination.layout === "mirror",
  };

  await write(async (tx) => {
    if (await hasBegun(tx, run)) return;
    await forgetFolderFailures(tx, run);
    if (sync.selectionChanged) await leaveUnselected(tx, atWork);
    await recordSightings(tx, run, options, roots, []);
    await logRun(tx, run.id, { level: "info", code: "listing", message: "Listing the source." });
  });

  let rowsUntilAnalyze = FIRST_ANALYZE;
  let rows = 0;
  const list = pageAsker(files, connection.call, sync.drive.id, patiently(signal));
  try {
    await listSource(list, sync.judge, {
      async record(sightings, folders) {
        const copied = await write(async (tx) => {
          const counts = await recordSightings(tx, run, options, sightings, folders);
          return addCounts(tx, run, counts);
        });
        rows += sightings.length;
        if (rows >= rowsUntilAnalyze) {
          rowsUntilAnalyze *= ANALYZE_GROWTH;
          await write(analyzeFiles);
        }
        if (!destination && sync.maxFilesPerRun !== undefined && copied >= sync.maxFilesPerRun)
          throw new MaximumReached();
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
            message: `${folder.path || "/"} could not be listed: ${failure.message}. Nothing in it is taken for gone.`,
          });
        });
      },
      unfinished: (after) => write((tx) => findFoldersToList(tx, run, after, SLICE)),
      check() {
        signal.throwIfAborted();
      },
    });
  } catch (failure) {
    if (failure instanceof MaximumReached) return "maximum";
    throw failure;
  }
  return "complete";
}

/** What a changed selection leaves outside goes at once, by the person's own wish. */
async function leaveUnselected(tx: WorkspaceTx, { run, sync, destination }: RunAtWork): Promise<void> {
  const selected = sync.folders.length === 0 ? [top] : sync.folders.map(({ id }) => id);
  const whole = sync.folders.length === 0;
  const left = whole ? 0 : await removeUnselected(tx, run, selected, sync.removeObjects && destination !== undefined);
  await markProjected(tx, sync.id);
  if (left > 0) {
    await addCounts(tx, run, { deleted: left });
    await logRun(tx, run.id, {
      level: "info",
      code: "selection_changed",
      message: `${left} files are outside of the selection now.`,
    });
  }
}
