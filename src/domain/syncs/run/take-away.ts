import { type Destination, DestinationError } from "#destinations/destination.ts";
import type { ObjectKey } from "#destinations/object-key.ts";
import { eachAtOnce } from "./at-once.ts";
import type { RunAtWork } from "./at-work.ts";
import { DestinationResting, stillThere } from "./copy-files.ts";
import { logRun } from "./queries.ts";
import { findRemovals, recordRemovals } from "./work.ts";

const SLICE = 400;
const REMOVALS_AT_ONCE = 8;

/** Takes away what is queued for that, all of it; its keys are free then. */
export async function takeAway({ run, write, signal }: RunAtWork, destination: Destination): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    const keys = await write((tx) => findRemovals(tx, run, SLICE));
    if (keys.length === 0) return;
    const obstructed: ObjectKey[] = [];
    await eachAtOnce(keys, REMOVALS_AT_ONCE, async (key) => {
      signal.throwIfAborted();
      await resting(destination, () => destination.remove(key)).catch((failure: unknown) => {
        if (!(failure instanceof DestinationError) || failure.kind !== "obstructed") throw failure;
        obstructed.push(key);
      });
    });
    await write(async (tx) => {
      await recordRemovals(tx, run, keys);
      for (const key of obstructed) {
        await logRun(tx, run.id, {
          level: "warning",
          code: "object_left",
          message: `${key} is left alone at the destination: something else lies in its way, a file in place of a folder for instance.`,
        });
      }
    });
  }
}

/** @throws DestinationResting when it is the destination as a whole that refuses */
export async function resting<T>(destination: Destination, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (failure) {
    if (failure instanceof DestinationError) {
      if (failure.kind === "full" || failure.kind === "read-only") throw new DestinationResting(failure);
      if (failure.kind === "forbidden" || failure.kind === "unavailable") await stillThere(destination);
    }
    throw failure;
  }
}
