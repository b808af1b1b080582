import { setImmediate } from "node:timers/promises";
import { AppError, ProviderError } from "#core/errors.ts";
import type { Cursor, RemoteId, SyncId, WorkspaceId } from "#core/ids.ts";
import { isPassing } from "#core/passing.ts";
import { type Destination, DestinationError } from "#destinations/destination.ts";
import type { ObjectKey } from "#destinations/object-key.ts";
import { openConnection } from "#domain/connections/open-connection.ts";
import type { Call, FileSource } from "#provider-kit/provider.ts";
import { openDestination } from "../open-destination.ts";
import { eachAtOnce } from "../run/at-once.ts";
import type { RunDeps } from "../run/at-work.ts";
import { listDrive } from "../run/list-drive.ts";
import { listSource, pageAsker, seeds } from "../run/list-source.ts";
import { loadSync, type SyncAtWork, UnusableSync } from "../run/load-sync.ts";
import { patiently } from "../run/patience.ts";
import { toSighting } from "../run/sighting.ts";
import { type Sighting, top } from "../run/tree.ts";
import { compare } from "./compare.ts";
import {
  beginVerification,
  endVerification,
  findKept,
  findPresent,
  findQueued,
  type KeptFile,
  noteChecked,
} from "./queries.ts";
import { type Difference, MOST_KEPT } from "./verification.ts";

const SLICE = 2_000;
const LOOKED_AT_ONCE = 8;
const TELL_EVERY_MS = 1_000;

/** What a job is told: which verification, and whether the objects are read again. */
export interface VerificationJob {
  sync: SyncId;
  id: string;
  bytes: boolean;
}

/** Somebody began another one, or the sync is gone. */
class Superseded extends Error {}

/**
 * Holds the replica against the source and writes down in what they differ. Reads only. What seems different is looked at
 * once more at the end, since somebody may have worked at the source meanwhile.
 */
export async function runVerification(
  deps: RunDeps,
  workspace: WorkspaceId,
  job: VerificationJob,
  signal: AbortSignal,
): Promise<void> {
  const { database } = deps;
  if (!(await database.asWorkspace({ workspace }, (tx) => beginVerification(tx, job.sync, job.id)))) return;
  try {
    const sync = await database.asWorkspace({ workspace }, (tx) => loadSync(tx, job.sync));
    if (!sync) return;
    const use = { actor: "system" as const, purpose: "verify" };
    const { provider, call } = await openConnection(deps, workspace, sync.connection, { use, signal });
    if (!provider.files) throw new AppError("invalid_request", `${provider.name} has no files.`);
    const destination = job.bytes
      ? await openDestination(
          deps,
          { workspace, slug: sync.workspaceSlug, destination: sync.destination },
          { use, signal },
        )
      : undefined;
    const found = await look({ deps, workspace, job, sync, files: provider.files, call, destination });
    await database.asWorkspace({ workspace }, (tx) => endVerification(tx, job.sync, job.id, found));
  } catch (failure) {
    if (failure instanceof Superseded) return;
    signal.throwIfAborted();
    if (isPassing(failure) || !isTold(failure)) throw failure;
    const at = new Date().toISOString();
    const told = { kind: kindOf(failure), message: failure.message, at };
    await database.asWorkspace({ workspace }, (tx) => endVerification(tx, job.sync, job.id, { failure: told }));
  }
}

/** Does the latest verification of a sync here and now, where nobody has taken it up. */
export async function workVerification(
  deps: RunDeps,
  workspace: WorkspaceId,
  sync: SyncId,
  { bytes }: { bytes: boolean },
  signal: AbortSignal,
): Promise<void> {
  const id = await deps.database.asWorkspace({ workspace }, (tx) => findQueued(tx, sync));
  if (id !== undefined) await runVerification(deps, workspace, { sync, id, bytes }, signal);
}

/** As with runs, so that the same is done about it. */
function kindOf(failure: Told): string {
  if (failure instanceof ProviderError) return failure.kind;
  if (failure instanceof AppError) return failure.code;
  return failure instanceof DestinationError ? `destination_${failure.kind}` : "settings_not_usable";
}

type Told = ProviderError | AppError | DestinationError | UnusableSync;

const isTold = (failure: unknown): failure is Told =>
  failure instanceof ProviderError ||
  failure instanceof AppError ||
  failure instanceof DestinationError ||
  failure instanceof UnusableSync;

interface Look {
  deps: RunDeps;
  workspace: WorkspaceId;
  job: VerificationJob;
  sync: SyncAtWork;
  files: FileSource;
  call: Call;
  destination: Destination | undefined;
}

interface Suspect {
  id: RemoteId;
  locator: string | null;
  difference: Difference;
}

async function look(of: Look): Promise<{ checked: number; different: number; differences: Difference[] }> {
  const { deps, workspace, job, sync, call } = of;
  const { signal } = call;
  const read = <T>(work: Parameters<typeof deps.database.asWorkspace<T>>[1]): Promise<T> =>
    deps.database.asWorkspace({ workspace }, work);
  const keepsBytes = sync.destination.kind !== "none";
  const seen = new Set<RemoteId>();
  const paths = new Map<RemoteId, string>();
  const suspects = new Map<RemoteId, Suspect>();
  const unlisted: Difference[] = [];
  const broken: Difference[] = [];
  let more = 0;
  let toldAt = 0;

  const suspect = (one: Suspect) => {
    if (suspects.size < MOST_KEPT) suspects.set(one.id, one);
    else more += 1;
  };
  const tell = async (): Promise<void> => {
    if (performance.now() - toldAt < TELL_EVERY_MS) return;
    toldAt = performance.now();
    if (!(await read((tx) => noteChecked(tx, job.sync, job.id, seen.size)))) throw new Superseded();
  };
  const record = async (sightings: readonly Sighting[]): Promise<void> => {
    for (const { is_folder, remote_id, path } of sightings) if (is_folder) paths.set(remote_id, path ?? "");
    const kept = await read((tx) =>
      findKept(
        tx,
        job.sync,
        sightings.map(({ remote_id }) => remote_id),
      ),
    );
    for (const one of sightings) {
      seen.add(one.remote_id);
      const folder = paths.get(one.parent_id ?? top) ?? "";
      const difference = compare(one, folder, kept.get(one.remote_id), keepsBytes);
      if (difference) suspect({ id: one.remote_id, locator: one.locator, difference });
      else suspects.delete(one.remote_id);
    }
    await tell();
  };

  await listEverything(of, paths, record, (path, failure) => {
    const detail = `It could not be listed: ${failure.message}`;
    unlisted.push({ kind: "not_listed", name: path.slice(path.lastIndexOf("/") + 1), path, detail });
  });

  for (let after: RemoteId | null = null; ; ) {
    signal.throwIfAborted();
    const slice: KeptFile[] = await read((tx) => findPresent(tx, job.sync, after, SLICE));
    if (slice.length === 0) break;
    after = slice.at(-1)?.remote_id ?? null;
    for (const kept of slice) {
      if (seen.has(kept.remote_id)) continue;
      if (unlisted.some(({ path }) => kept.folder === path || kept.folder.startsWith(`${path}/`))) continue;
      const detail = "It is kept as being at the source, and the source does not have it.";
      const { name, folder: path, id: fileId } = kept;
      const difference: Difference = { kind: "missing_at_source", name, path, fileId, detail };
      suspect({ id: kept.remote_id, locator: kept.locator, difference });
    }
    await checkBytes(of, slice, tell, (kept, detail) => {
      const { name, folder: path, id: fileId } = kept;
      if (broken.length < MOST_KEPT) broken.push({ kind: "bytes_missing", name, path, fileId, detail });
      else more += 1;
    });
    await tell();
    await setImmediate();
  }

  const differences = [...unlisted, ...broken, ...(await secondLook(of, suspects, paths, keepsBytes))];
  return { checked: seen.size, different: differences.length + more, differences };
}

async function listEverything(
  { sync, files, call }: Look,
  paths: Map<RemoteId, string>,
  record: (sightings: readonly Sighting[]) => Promise<void>,
  fail: (path: string, failure: ProviderError) => void,
): Promise<void> {
  const { signal } = call;
  const ask = patiently(signal);
  const drive = sync.drive.id;
  const roots = seeds(sync.folders, sync.drive.name, sync.judge.metadata);
  for (const { remote_id, path } of roots) paths.set(remote_id, path ?? "");
  let open = roots.map(({ remote_id, locator, path }) => ({ remote_id, locator, path: path ?? "", cursor: null }));
  if (sync.folders.length === 0 && files.listAll) {
    const letGo = await listDrive(
      (cursor: Cursor | undefined) =>
        ask(async () => files.listAll?.(call, { drive, ...(cursor !== undefined && { cursor }) })),
      sync.judge,
      { known: new Map(), from: undefined, atOnce: 1, record, check: () => signal.throwIfAborted() },
    );
    // What it let go is listed folder by folder.
    if (letGo) {
      open = [...letGo].map((id) => ({ remote_id: id, locator: null, path: paths.get(id) ?? "", cursor: null }));
    }
  }
  if (open.length === 0) return;
  await listSource(pageAsker(files, call, drive, ask), sync.judge, {
    async record(sightings) {
      await record(sightings);
      return new Set();
    },
    fail: async (folder, failure) => fail(folder.path, failure),
    unfinished: async (after) => (after === null ? open : []),
    check: () => signal.throwIfAborted(),
  });
}

/** Reads objects again, where that is wanted. */
async function checkBytes(
  { destination, call }: Look,
  slice: readonly KeptFile[],
  tell: () => Promise<void>,
  missing: (kept: KeptFile, detail: string) => void,
): Promise<void> {
  if (!destination) return;
  await eachAtOnce(slice, LOOKED_AT_ONCE, async (kept) => {
    if (kept.is_folder || kept.object_key === null) return;
    const object = await destination
      .verify(kept.object_key as ObjectKey, call.signal)
      .catch(async (failure: unknown) => {
        if (!(failure instanceof DestinationError)) throw failure;
        // One that cannot be read says nothing of the others, as long as the destination is there.
        await destination.check();
        return failure;
      });
    await tell();
    if (object instanceof DestinationError) missing(kept, `Its object could not be read: ${object.message}`);
    else if (!object) missing(kept, "Its object is not at the destination.");
    else if (kept.object_sha256 !== null && object.sha256 !== kept.object_sha256) {
      missing(kept, "Its object at the destination has other bytes than those that were stored.");
    }
  });
}

/** It cannot be asked for by itself, which says nothing of the others: it is as different as it seemed. */
const onlyThisOne: ReadonlySet<ProviderError["kind"]> = new Set(["forbidden", "rejected", "unexpected-reply"]);

/** Asks for each thing that seemed different by itself. */
async function secondLook(
  { deps, workspace, job, sync, files, call }: Look,
  suspects: ReadonlyMap<RemoteId, Suspect>,
  paths: ReadonlyMap<RemoteId, string>,
  keepsBytes: boolean,
): Promise<Difference[]> {
  const still: Difference[] = [];
  await eachAtOnce([...suspects.values()], LOOKED_AT_ONCE, async ({ id, locator, difference }) => {
    const file = await patiently(call.signal)(() =>
      files.get(call, { drive: sync.drive.id, id, ...(locator !== null && { locator }) }),
    ).catch((failure: unknown) => {
      if (!(failure instanceof ProviderError)) throw failure;
      if (failure.kind === "not-found") return undefined;
      if (onlyThisOne.has(failure.kind)) return failure;
      throw failure;
    });
    if (file instanceof ProviderError) {
      still.push(difference);
      return;
    }
    const kept = (await deps.database.asWorkspace({ workspace }, (tx) => findKept(tx, job.sync, [id]))).get(id);
    const parent = file && (file.folder ?? top);
    const folder = parent === undefined ? undefined : paths.get(parent);
    if (!file || parent === undefined || folder === undefined) {
      if (kept) still.push({ ...difference, kind: "missing_at_source" });
      return;
    }
    const again = compare(toSighting(file, { remote_id: parent, path: folder }, sync.judge), folder, kept, keepsBytes);
    if (again) still.push(again);
  });
  return still;
}
