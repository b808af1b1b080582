import type { FileId } from "#core/ids.ts";
import { type Destination, DestinationError } from "#destinations/destination.ts";
import type { ObjectKey } from "#destinations/object-key.ts";
import { eachAtOnce } from "./at-once.ts";
import type { RunAtWork } from "./at-work.ts";
import { copyObjects } from "./copy-objects.ts";
import { makeWay } from "./make-way.ts";
import { claimMirrorKeys, dropOldClaims } from "./object-keys.ts";
import { addCounts, logRun } from "./queries.ts";
import { countHeld, forgetDecision } from "./sweep.ts";
import { removeAll } from "./sweep-phase.ts";
import { resting, takeAway } from "./take-away.ts";
import { copyInsteadOfMoving, countLeftWork, type FileAtWork, findWork, recordMoves } from "./work.ts";

const SLICE = 400;
const MOST_PASSES = 10;
const MOVES_AT_ONCE = 8;
const DAY_MS = 24 * 60 * 60 * 1000;
const KEEP_REMOVED_DAYS = 30;

/**
 * Brings the destination in line with the tree. In this order, and each part to its end: what is to be taken away frees
 * its key, what has moved takes its new one, then the bytes come.
 */
export async function copyPhase(atWork: RunAtWork): Promise<"complete" | "maximum"> {
  const { run, sync, write, destination } = atWork;
  if (sync.removalDecision && run.trigger === "removals") {
    await removeAll(atWork, { held: true, keepObjects: sync.removalDecision === "keep" });
    await write(async (tx) => {
      await countHeld(tx, sync.id);
      await forgetDecision(tx, run);
    });
  }
  if (!destination) return "complete";
  await takeAway(atWork, destination);
  await moveObjects(atWork, destination);
  await write(async (tx) => addCounts(tx, run, await countLeftWork(tx, run)));
  const outcome = await copyObjects(atWork, destination);
  // What has new bytes under an old spelling, and whatever was obstructed before.
  await tellObstructed(atWork, await moveObjects(atWork, destination));
  await takeAway(atWork, destination);
  await destination.collectRemoved(new Date(Date.now() - KEEP_REMOVED_DAYS * DAY_MS));
  return outcome;
}

/**
 * Moves what lies elsewhere than it should. One may stand where another one is to be, so that it takes several passes;
 * what is still obstructed then, which is answered, keeps its place until the next time.
 */
export async function moveObjects(atWork: RunAtWork, destination: Destination): Promise<Obstructed[]> {
  for (let passes = 1; ; passes++) {
    const { moved, obstructed } = await movePass(atWork, destination);
    if (obstructed.length === 0 || moved === 0 || passes === MOST_PASSES) return obstructed;
  }
}

async function tellObstructed({ run, write }: RunAtWork, obstructed: readonly Obstructed[]): Promise<void> {
  if (obstructed.length === 0) return;
  await write(async (tx) => {
    for (const { file, message } of obstructed) {
      await logRun(tx, run.id, {
        level: "warning",
        code: "move_failed",
        message: `${file.folder}/${file.name} keeps its old place at the destination: ${message}`,
        file: file.id,
      });
    }
  });
}

interface Obstructed {
  file: FileAtWork;
  message: string;
}

async function movePass(
  atWork: RunAtWork,
  destination: Destination,
): Promise<{ moved: number; obstructed: Obstructed[] }> {
  const { run, sync, write, signal } = atWork;
  const all: { moved: number; obstructed: Obstructed[] } = { moved: 0, obstructed: [] };
  for (let after: FileId | null = null; ; ) {
    signal.throwIfAborted();
    const from: FileId | null = after;
    const find = () => write((tx) => findWork(tx, run, "move", from, SLICE));
    let files: FileAtWork[] = await find();
    if (files.length === 0) return all;
    let claimed = await write((tx) => claimMirrorKeys(tx, sync.id, files));
    if (claimed.inTheWay.length > 0) {
      await makeWay(atWork, destination, claimed.inTheWay);
      files = await find();
      claimed = await write((tx) => claimMirrorKeys(tx, sync.id, files));
    }
    after = files.at(-1)?.id ?? null;
    const { keys } = claimed;
    const moved = new Map<FileId, ObjectKey>();
    const lost: FileId[] = [];
    const obstructed: Obstructed[] = [];
    await eachAtOnce(files, MOVES_AT_ONCE, async (file) => {
      signal.throwIfAborted();
      const key = keys.get(file.id);
      if (!key || file.object_key === null) return;
      try {
        await resting(destination, () => destination.move(file.object_key as ObjectKey, key));
        moved.set(file.id, key);
      } catch (failure) {
        if (!(failure instanceof DestinationError)) throw failure;
        if (failure.kind === "missing") lost.push(file.id);
        else obstructed.push({ file, message: failure.message });
      }
    });
    await write(async (tx) => {
      await recordMoves(tx, run, moved);
      await copyInsteadOfMoving(tx, run, lost);
      // Their new keys are free for others until they can be taken.
      const used = obstructed.map(({ file }) => [file.id, [file.object_key as ObjectKey]] as const);
      await dropOldClaims(tx, sync.id, new Map(used));
    });
    all.moved += moved.size;
    all.obstructed.push(...obstructed);
  }
}
