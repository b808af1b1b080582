import type { FileId } from "#core/ids.ts";
import { type Destination, DestinationError, UPLOAD_CHUNK } from "#destinations/destination.ts";
import type { ObjectKey } from "#destinations/object-key.ts";
import { eachAtOnce } from "./at-once.ts";
import type { RunAtWork } from "./at-work.ts";
import { type CopyMeans, copyFile, DestinationResting, stillThere } from "./copy-files.ts";
import { groupCommit } from "./group-commit.ts";
import { claimMirrorKeys, dropOldClaims, idKeyOf } from "./object-keys.ts";
import { addCounts, logRun, readFigures } from "./queries.ts";
import { forgetDecision, setHeld } from "./sweep.ts";
import { removeAll } from "./sweep-phase.ts";
import { findUpload, forgetUploads, keepUpload } from "./upload-rows.ts";
import {
  type CopyResult,
  copyInsteadOfMoving,
  countLeftWork,
  type FileAtWork,
  findRemovals,
  findWork,
  giveMoveUp,
  planCopies,
  recordCopies,
  recordMoves,
  recordRemovals,
} from "./work.ts";

const SLICE = 400;
const COPIES_AT_ONCE = 16;
const REMOVALS_AT_ONCE = 8;
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
      await setHeld(tx, run, 0);
      await forgetDecision(tx, run);
    });
  }
  if (!destination) return "complete";
  await takeAway(atWork, destination);
  await moveObjects(atWork, destination);
  await write(async (tx) => addCounts(tx, run, await countLeftWork(tx, run)));
  const outcome = await copyObjects(atWork, destination);
  await takeAway(atWork, destination);
  await destination.collectRemoved(new Date(Date.now() - KEEP_REMOVED_DAYS * DAY_MS));
  return outcome;
}

async function takeAway({ run, write, signal }: RunAtWork, destination: Destination): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    const keys = await write((tx) => findRemovals(tx, run, SLICE));
    if (keys.length === 0) return;
    await eachAtOnce(keys, REMOVALS_AT_ONCE, async (key) => {
      signal.throwIfAborted();
      await resting(destination, () => destination.remove(key));
    });
    await write((tx) => recordRemovals(tx, run, keys));
  }
}

async function moveObjects({ run, sync, write, signal }: RunAtWork, destination: Destination): Promise<void> {
  let after: FileId | null = null;
  for (;;) {
    signal.throwIfAborted();
    const files: FileAtWork[] = await write((tx) => findWork(tx, run, "move", after, SLICE));
    if (files.length === 0) return;
    after = files.at(-1)?.id ?? null;
    const keys = await write((tx) => claimMirrorKeys(tx, sync.id, files));
    const moved = new Map<FileId, ObjectKey>();
    const lost: FileId[] = [];
    for (const file of files) {
      const key = keys.get(file.id);
      if (!key || file.object_key === null) continue;
      try {
        await resting(destination, () => destination.move(file.object_key as ObjectKey, key));
        moved.set(file.id, key);
      } catch (failure) {
        if (!(failure instanceof DestinationError)) throw failure;
        if (failure.kind === "missing") {
          lost.push(file.id);
          continue;
        }
        await write(async (tx) => {
          await giveMoveUp(tx, run, file.id);
          await dropOldClaims(tx, sync.id, new Map([[file.id, [file.object_key as ObjectKey]]]));
          await logRun(tx, run.id, {
            level: "warning",
            code: "move_failed",
            message: `${file.folder}/${file.name} keeps its old place at the destination: ${failure.message}`,
            file: file.id,
          });
        });
      }
    }
    await write(async (tx) => {
      await recordMoves(tx, run, moved);
      await copyInsteadOfMoving(tx, run, lost);
    });
  }
}

async function copyObjects(atWork: RunAtWork, destination: Destination): Promise<"complete" | "maximum"> {
  const { run, sync, connection, write, signal } = atWork;
  const { provider, call } = connection;
  if (!provider.files) throw new Error(`${provider.key} has no files`);
  const mirror = sync.destination.kind !== "none" && sync.destination.layout === "mirror";
  const means: Omit<CopyMeans, "keys"> = {
    files: provider.files,
    call,
    drive: sync.drive.id,
    connection: sync.connection,
    destination,
    plan: (file, key) => write((tx) => planCopies(tx, run, [{ file: file.id, key }])),
    uploads: {
      find: (file) => write((tx) => findUpload(tx, run, file.id)),
      keep: (file, state) => write((tx) => keepUpload(tx, run, file.id, state)),
    },
  };
  const results = groupCommit<CopyResult>((group) =>
    write(async (tx) => {
      await addCounts(tx, run, await recordCopies(tx, run, group));
      const large = group.filter(
        ({ file, outcome }) => outcome !== "failed" && (file.size ?? UPLOAD_CHUNK) >= UPLOAD_CHUNK,
      );
      await forgetUploads(
        tx,
        run,
        large.map(({ file }) => file.id),
      );
      if (mirror)
        await dropOldClaims(
          tx,
          sync.id,
          // Other keys are free only when their objects are away: until then they are queued for that, and whoever
          // got such a key would lose his object.
          new Map(
            group.flatMap(({ file, ...result }) =>
              result.outcome === "stored"
                ? [[file.id, [result.key, file.object_key, file.pending_key].filter((key) => key !== null)]]
                : [],
            ),
          ),
        );
      for (const result of group) {
        if (result.outcome !== "failed") continue;
        await logRun(tx, run.id, {
          level: "error",
          code: "file_failed",
          message: `${result.file.folder}/${result.file.name}: ${result.failure.message}`,
          file: result.file.id,
        });
      }
    }),
  );
  const atOnce = Math.min(COPIES_AT_ONCE, provider.pace?.atOnce ?? COPIES_AT_ONCE);
  let left =
    sync.maxFilesPerRun === undefined ? Number.POSITIVE_INFINITY : sync.maxFilesPerRun - (await copiedSoFar(atWork));
  let after: FileId | null = null;
  for (;;) {
    signal.throwIfAborted();
    const files: FileAtWork[] = await write((tx) =>
      findWork(tx, run, "copy", after, Math.min(SLICE, Math.max(1, left))),
    );
    if (files.length === 0 || left <= 0) {
      await results.drain();
      return files.length === 0 ? "complete" : "maximum";
    }
    after = files.at(-1)?.id ?? null;
    left -= files.length;
    const keys = await write(async (tx) => {
      const claimed = mirror ? await claimMirrorKeys(tx, sync.id, files) : new Map<FileId, ObjectKey>();
      const keyOf = (file: FileAtWork) => claimed.get(file.id) ?? idKeyOf(sync.connection, file, file.version);
      await planCopies(
        tx,
        run,
        files.map((file) => ({ file: file.id, key: keyOf(file) })),
      );
      return claimed;
    });
    await eachAtOnce(files, atOnce, async (file) => {
      signal.throwIfAborted();
      await results.add(await copyFile({ ...means, keys }, file));
    }).catch(async (failure: unknown) => {
      // What was stored before the failure is written down all the same.
      await results.drain().catch(() => {});
      throw failure;
    });
  }
}

async function copiedSoFar({ run, write }: RunAtWork): Promise<number> {
  const { created, updated, failed } = await write((tx) => readFigures(tx, run));
  return created + updated + failed;
}

/** @throws DestinationResting when it is the destination as a whole that refuses */
async function resting<T>(destination: Destination, work: () => Promise<T>): Promise<T> {
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
