import { setTimeout as wait } from "node:timers/promises";
import type { FileId } from "#core/ids.ts";
import type { WorkspaceTx } from "#db/database.ts";
import { type Destination, UPLOAD_CHUNK } from "#destinations/destination.ts";
import type { ObjectKey } from "#destinations/object-key.ts";
import { openConnection } from "#domain/connections/open-connection.ts";
import type { Attempt, SendPatiently } from "#outbound/send-patiently.ts";
import { type AdaptiveLimit, adaptiveLimit } from "./adaptive-limit.ts";
import type { RunAtWork } from "./at-work.ts";
import { type CopyMeans, copyFile } from "./copy-files.ts";
import { groupCommit } from "./group-commit.ts";
import { makeWay } from "./make-way.ts";
import { type Claimed, claimMirrorKeys, dropOldClaims, idKeyOf, isSpelledOtherwise } from "./object-keys.ts";
import { addCounts, logRun, readFigures } from "./queries.ts";
import { findUpload, forgetUploads, keepUpload } from "./upload-rows.ts";
import { type CopyResult, type FileAtWork, findWork, planCopies, recordCopies } from "./work.ts";

const SLICE = 400;
const FIRST_AT_ONCE = 8;
const MOST_AT_ONCE = 32;
/** Of a source that sets no pace, as a disk: what more would do is to seek. */
const MOST_WITHOUT_PACE = 16;

/** Copies what waits for it: as many at once as the source bears, and in turn with other workspaces. */
export async function copyObjects(atWork: RunAtWork, destination: Destination): Promise<"complete" | "maximum"> {
  const { deps, run, sync, write, signal, lease } = atWork;
  const { provider } = atWork.connection;
  if (!provider.files) throw new Error(`${provider.key} has no files`);
  const most = Math.min(MOST_AT_ONCE, provider.pace?.atOnce ?? MOST_WITHOUT_PACE);
  const limit = adaptiveLimit({ first: Math.min(FIRST_AT_ONCE, most), most }, performance.now());
  const { call } = await openConnection(
    { ...deps, sendPatiently: watched(deps.sendPatiently, limit) },
    lease.workspace,
    sync.connection,
    { use: { actor: { run: run.id }, purpose: "sync" }, signal },
  );
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
    stumbled({ kind, retryAt }) {
      if (kind !== "rate-limited") return;
      const now = performance.now();
      limit.pushedBack(now, retryAt && now + (retryAt.getTime() - Date.now()));
    },
  };
  const results = groupCommit<CopyResult>((group) => write((tx) => record(tx, atWork, group)));
  const underWay = new Set<Promise<void>>();
  const waiting = waitingCopies(atWork, destination, async () => {
    await Promise.all(underWay);
    await results.drain();
  });
  const room = { limit, enter: () => deps.copyTurns.enter(lease.workspace, signal), signal, underWay };
  try {
    await eachWithin(room, waiting, async ({ file, keys }) => {
      const result = await copyFile({ ...means, keys }, file);
      await results.add(result);
      return result.outcome === "stored" ? result.size : 0;
    });
  } catch (failure) {
    // What was stored before the failure is written down all the same.
    await results.drain().catch(() => {});
    throw failure;
  }
  await results.drain();
  return waiting.outcome;
}

interface Waiting {
  file: FileAtWork;
  /** Claimed keys of it and its neighbours. */
  keys: ReadonlyMap<FileId, ObjectKey>;
}

/**
 * The files that wait, one by one, each with its place planned. Behind the last one it is known why it was the last.
 * `settled`: what is under way has ended and is written down.
 */
function waitingCopies(
  atWork: RunAtWork,
  destination: Destination,
  settled: () => Promise<void>,
): AsyncIterable<Waiting> & { outcome: "complete" | "maximum" } {
  const { run, sync, write } = atWork;
  const { maxFilesPerRun } = sync;
  const isMirror = sync.destination.kind !== "none" && sync.destination.layout === "mirror";
  const find = (after: FileId | null, most: number) => write((tx) => findWork(tx, run, "copy", after, most));
  const plan = (files: readonly FileAtWork[], whatever: boolean) =>
    write(async (tx) => {
      const claimed: Claimed = isMirror ? await claimMirrorKeys(tx, sync.id, files) : { keys: new Map(), inTheWay: [] };
      // Where both spellings are one name, an object put under the new one would go when the old one is taken away: the
      // bytes are put in its place, and it is moved then.
      for (const { id, object_key } of files) {
        const key = claimed.keys.get(id);
        if (key && object_key && isSpelledOtherwise(key, object_key)) claimed.keys.set(id, object_key);
      }
      const keyOf = (file: FileAtWork) => claimed.keys.get(file.id) ?? idKeyOf(sync.connection, file, file.version);
      const keys = files.map((file) => ({ file: file.id, key: keyOf(file) }));
      if (whatever || claimed.inTheWay.length === 0) await planCopies(tx, run, keys);
      return claimed;
    });
  const waiting = {
    outcome: "complete" as "complete" | "maximum",
    async *[Symbol.asyncIterator]() {
      let left = maxFilesPerRun === undefined ? Number.POSITIVE_INFINITY : maxFilesPerRun - (await copiedSoFar(atWork));
      for (let after: FileId | null = null; ; ) {
        const from: FileId | null = after;
        const most = Math.min(SLICE, Math.max(1, left));
        let files: FileAtWork[] = await find(from, most);
        if (files.length > 0 && left <= 0) waiting.outcome = "maximum";
        if (files.length === 0 || left <= 0) return;
        const claimed = await plan(files, false);
        let { keys } = claimed;
        if (claimed.inTheWay.length > 0) {
          await settled();
          await makeWay(atWork, destination, claimed.inTheWay);
          files = await find(from, most);
          ({ keys } = await plan(files, true));
        }
        after = files.at(-1)?.id ?? null;
        left -= files.length;
        for (const file of files) yield { file, keys };
      }
    },
  };
  return waiting;
}

interface Room {
  limit: AdaptiveLimit;
  /** Waits for a turn among the workspaces, and gives back how to say that it is over. */
  enter(): Promise<() => void>;
  signal: AbortSignal;
  /** Who is in it. None of them fails. */
  underWay: Set<Promise<void>>;
}

/**
 * As many at once as there is room for; after the first failure no further one begins, and those under way are awaited.
 * `work` answers how many bytes it moved.
 */
async function eachWithin<Item>(
  { limit, enter, signal, underWay }: Room,
  items: AsyncIterable<Item>,
  work: (item: Item) => Promise<number>,
): Promise<void> {
  let failure: { cause: unknown } | undefined;
  const begin = (item: Item, leave: () => void) => {
    const one = work(item)
      .then(
        (bytes) => limit.done(performance.now(), bytes),
        (cause: unknown) => {
          failure ??= { cause };
        },
      )
      .finally(() => {
        leave();
        underWay.delete(one);
      });
    underWay.add(one);
  };
  try {
    for await (const item of items) {
      while (underWay.size >= limit.limit) await Promise.race(underWay);
      for (let restMs = limit.restUntil - performance.now(); restMs > 0; restMs = limit.restUntil - performance.now()) {
        await wait(restMs, undefined, { signal });
      }
      const leave = await enter();
      if (failure || signal.aborted) {
        leave();
        break;
      }
      begin(item, leave);
    }
  } finally {
    await Promise.all(underWay);
  }
  if (failure) throw failure.cause;
  signal.throwIfAborted();
}

/** Tells the limit of every answer that means “not so fast”, also of those that are sent again without our knowing. */
const watched =
  (send: SendPatiently, limit: AdaptiveLimit): SendPatiently =>
  (request, patience) =>
    send(request, {
      ...patience,
      onAttempt(attempt) {
        patience.onAttempt?.(attempt);
        if (isPushBack(attempt)) limit.pushedBack(performance.now());
      },
    });

const isPushBack = ({ status }: Attempt): boolean => status === 429 || (status !== undefined && status >= 500);

async function record(tx: WorkspaceTx, { run, sync }: RunAtWork, group: readonly CopyResult[]): Promise<void> {
  await addCounts(tx, run, await recordCopies(tx, run, group));
  const large = group.filter(
    ({ file, outcome }) => outcome !== "failed" && (file.size ?? UPLOAD_CHUNK) >= UPLOAD_CHUNK,
  );
  await forgetUploads(
    tx,
    run,
    large.map(({ file }) => file.id),
  );
  if (sync.destination.kind !== "none" && sync.destination.layout === "mirror") {
    // Other keys are free only when their objects are away: until then they are queued for that, and whoever got such a
    // key would lose his object.
    const used = group.flatMap(({ file, ...result }): [FileId, string[]][] =>
      result.outcome === "stored"
        ? [[file.id, [result.key, file.object_key, file.pending_key].filter((key) => key !== null)]]
        : [],
    );
    await dropOldClaims(tx, sync.id, new Map(used));
  }
  for (const result of group) {
    if (result.outcome === "stored" && result.hashDiffers) {
      await logRun(tx, run.id, {
        level: "warning",
        code: "hash_differs",
        message: `${result.file.folder}/${result.file.name}: its bytes do not have the hash that the source tells. They came the same three times and were kept.`,
        file: result.file.id,
      });
    }
    if (result.outcome !== "failed") continue;
    await logRun(tx, run.id, {
      level: "error",
      code: "file_failed",
      message: `${result.file.folder}/${result.file.name}: ${result.failure.message}`,
      file: result.file.id,
    });
  }
}

async function copiedSoFar({ run, write }: RunAtWork): Promise<number> {
  const { created, updated, failed } = await write((tx) => readFigures(tx, run));
  return created + updated + failed;
}
