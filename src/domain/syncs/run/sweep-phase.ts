import type { WorkspaceTx } from "#db/database.ts";
import type { RunAtWork } from "./at-work.ts";
import { confirmGone, isAnythingUnlisted } from "./confirm-gone.ts";
import { addCounts, logRun, readFigures } from "./queries.ts";
import type { OpenRun } from "./run.ts";
import {
  countGone,
  holdGone,
  isAnythingMissing,
  joinReplaced,
  looksLikeAnAccident,
  markGoneFolders,
  removeGone,
} from "./sweep.ts";

/** Decides what has gone, now that the listing is complete: joins what was replaced, removes, or holds and asks. */
export async function sweepPhase(atWork: RunAtWork): Promise<void> {
  const { run, write, signal } = atWork;
  const isToBeConfirmed = await write(
    async (tx) =>
      (await markGoneFolders(tx, run)) || ((await isAnythingMissing(tx, run)) && (await isAnythingUnlisted(tx, run))),
  );
  const isConfirmed = !isToBeConfirmed || (await confirmGone(atWork));
  const { gone, of } = await write(async (tx) => {
    // A feed that brought nothing to take away costs nothing either, however large the tree is.
    if (run.listing === "changes" && !(await isAnythingMissing(tx, run))) return { gone: 0, of: 0 };
    await addCounts(tx, run, await joinReplaced(tx, run));
    return countGone(tx, run);
  });
  if (looksLikeAnAccident(gone, of) || (gone > 0 && !isConfirmed)) {
    await write(async (tx) => {
      await holdAndCount(tx, run);
      await logRun(tx, run.id, {
        level: "warning",
        code: "removals_held",
        message: `${gone} of ${of} files are gone at the source. They are kept until a person decides.`,
      });
    });
    return;
  }
  await removeAll(atWork, { held: false });
  signal.throwIfAborted();
  // What was held earlier and is still gone goes on waiting for a person, however few there are by now.
  await write((tx) => holdAndCount(tx, run));
}

/** The sweep of a process that died may have counted some already. */
async function holdAndCount(tx: WorkspaceTx, run: OpenRun): Promise<void> {
  const held = await holdGone(tx, run);
  const before = await readFigures(tx, run);
  await addCounts(tx, run, { held: held - before.held });
}

/** Removes in batches what is gone, or what was held and a person has decided on. */
export async function removeAll(atWork: RunAtWork, which: { held: boolean; keepObjects?: boolean }): Promise<void> {
  const { run, sync, write, signal, destination } = atWork;
  const removeObjects = sync.onDelete === "remove" && destination !== undefined && which.keepObjects !== true;
  for (;;) {
    signal.throwIfAborted();
    const rows = await write(async (tx) => {
      const removed = await removeGone(tx, run, { held: which.held, removeObjects, keep: sync.onDelete === "keep" });
      if (removed.rows > 0) await addCounts(tx, run, removed.counts);
      return removed.rows;
    });
    if (rows === 0) return;
  }
}
