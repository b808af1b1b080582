// One run from taking it to its end: list, sweep, copy. Each phase commits as it goes, so that a run taken over by
// another process goes on where the last commit left it.
import { AppError, ProviderError } from "#core/errors.ts";
import type { SyncRunId, WorkspaceId } from "#core/ids.ts";
import { isPassing } from "#core/passing.ts";
import type { WorkspaceTx } from "#db/database.ts";
import { noteFailure, noteWorking } from "#domain/connections/health/note-health.ts";
import { openConnection } from "#domain/connections/open-connection.ts";
import { refuseTakenFolder } from "../destination-folder.ts";
import { openDestination } from "../open-destination.ts";
import { holdSync } from "../queries.ts";
import { sentence } from "../sentence.ts";
import type { Failure } from "../sync.ts";
import type { RunAtWork, RunDeps } from "./at-work.ts";
import { DestinationResting, stillThere } from "./copy-files.ts";
import { copyPhase, moveObjects } from "./copy-phase.ts";
import { type Lease, LeaseLost, releaseLease, takeLease, underLease } from "./lease.ts";
import { isCursorLost, listPhase } from "./list-phase.ts";
import { keepDestinationIdentity, loadSync, type SyncAtWork, UnusableSync } from "./load-sync.ts";
import {
  beginRun,
  findSyncOfRun,
  listAnew,
  lockRun,
  logRun,
  noteSlowed,
  readFigures,
  setPhase,
  setStatus,
} from "./queries.ts";
import { metered } from "./request-meter.ts";
import { Interrupted, type OpenRun } from "./run.ts";
import { queueRun } from "./start-run.ts";
import { sweepPhase } from "./sweep-phase.ts";
import { hasBegun } from "./tree.ts";
import { watchPace } from "./watch-pace.ts";
import { watchRun } from "./watch-run.ts";

const RESUME_AFTER_MS = 60_000;
const PROBE_MS = 1_000;
/** How often a run begins anew because the feed has lost its place. */
const MOST_LOSSES = 2;

/**
 * Works on a run until it is over or interrupted. Does nothing when it is over already or when another process has it.
 * Throws only what is our own mistake, or when this process stops.
 */
export async function executeRun(
  deps: RunDeps,
  workspace: WorkspaceId,
  id: SyncRunId,
  stopping: AbortSignal,
): Promise<void> {
  const asked = Date.now();
  const taken = await deps.database.asWorkspace({ workspace }, (tx) => takeRun(deps, tx, id));
  if (!taken) return;
  const { lease, run } = taken;
  const watch = watchRun(deps.database, lease, run, deps.leaseSeconds, asked, stopping);
  const write = <T>(work: (tx: WorkspaceTx) => Promise<T>): Promise<T> => underLease(deps.database, lease, work);
  let sync: SyncAtWork | undefined;
  try {
    sync = await deps.database.asWorkspace({ workspace }, async (tx) => {
      await refuseTakenFolder(tx, deps, run.sync);
      return loadSync(tx, run.sync);
    });
    if (!sync) throw new Interrupted("cancelled");
    const use = { actor: { run: id }, purpose: "sync" };
    const { signal, stillOurs } = watch;
    const kept = { workspace, slug: sync.workspaceSlug, destination: sync.destination };
    const destination = await openDestination(deps, kept, { use, signal, mayChange: stillOurs });
    const counted = metered(deps.sendPatiently, run.meter);
    const sendPatiently = watchPace(counted, (slowed) => write((tx) => noteSlowed(tx, run, slowed)));
    const watching = { ...deps, sendPatiently };
    const connection = await openConnection(watching, workspace, sync.connection, { use, signal });
    if (!connection.provider.files) throw new UnusableSync(`${connection.provider.name} has no files to keep in sync`);
    const atWork: RunAtWork = { deps: watching, run, sync, lease, signal, connection, destination, write };
    await workThrough(atWork);
  } catch (failure) {
    await watch.stop();
    await settle(deps, run, sync, write, reasonOf(watch.signal, failure));
    if (stopping.aborted) stopping.throwIfAborted();
    return;
  } finally {
    await watch.stop();
    await deps.database.asWorkspace({ workspace }, (tx) => releaseLease(tx, lease)).catch(() => {});
  }
}

async function takeRun(
  deps: RunDeps,
  tx: WorkspaceTx,
  id: SyncRunId,
): Promise<{ lease: Lease; run: OpenRun } | undefined> {
  const sync = await findSyncOfRun(tx, id);
  // Lease before sync before run, as every write does: the other way round two processes wait for each other.
  const lease = sync && (await takeLease(tx, sync, deps.holder, deps.leaseSeconds));
  if (!lease) return undefined;
  await holdSync(tx, sync);
  const row = await lockRun(tx, id);
  if (!row || !(row.status === "queued" || row.status === "running" || restsByItself(row))) {
    await releaseLease(tx, lease);
    return undefined;
  }
  if (row.cancel_requested) {
    // Its process died before it saw the wish.
    await setStatus(tx, { id, sync: row.sync_id }, "cancelled");
    await releaseLease(tx, lease);
    return undefined;
  }
  if (row.status === "running") {
    await logRun(tx, id, {
      level: "warning",
      code: "taken_over",
      message: "Taken up again after its process had ended.",
    });
  }
  return { lease, run: await beginRun(tx, row) };
}

/** Paused by a full destination and not by a person: it goes on by itself (SR-91). */
const restsByItself = (row: { status: string; failure: Failure | null }): boolean =>
  row.status === "paused" && row.failure?.kind.startsWith("destination_") === true;

async function workThrough(atWork: RunAtWork): Promise<void> {
  const { sync, destination, write } = atWork;
  if (destination) {
    const identity = await stillThere(destination);
    await write((tx) => keepDestinationIdentity(tx, sync.id, identity));
    // Only the holder of the lease has any business here: what lies unfinished is a dead process's, or one's that was
    // halted and will find that its bytes are gone. Somebody who tries the destination out does so in less time.
    await destination.collectTemporaries(new Date(Date.now() - PROBE_MS));
  }
  let stoppedAtMaximum = false;
  let { run } = atWork;
  let phase = run.phase;
  if (phase === "listing") {
    // What a run that was cancelled or failed has moved and not written down: still to the same places as then.
    if (destination) await moveObjects(atWork, destination);
    const listed = await listUntilFound(atWork);
    run = listed.run;
    stoppedAtMaximum = listed.outcome === "maximum";
    if (!stoppedAtMaximum) {
      await write(async (tx) => {
        await setPhase(tx, run, "sweeping");
        await noteWorking(tx, sync.connection);
      });
      phase = "sweeping";
    }
  }
  if (phase === "sweeping") {
    await sweepPhase({ ...atWork, run });
    await write((tx) => setPhase(tx, run, "copying"));
    phase = "copying";
  }
  if (phase === "copying") stoppedAtMaximum = (await copyPhase({ ...atWork, run })) === "maximum";
  await write((tx) => finish(tx, run, stoppedAtMaximum));
}

/** Lists; where the feed has lost our place, or another selection is wanted by now, everything anew. */
async function listUntilFound(atWork: RunAtWork): Promise<{ run: OpenRun; outcome: "complete" | "maximum" }> {
  const { sync, write } = atWork;
  let { run } = atWork;
  if (sync.selectionChanged) {
    run = await write(async (tx) => {
      const hasListed = run.listing === "changes" || (await hasBegun(tx, run));
      return hasListed ? listAnew(tx, run) : run;
    });
  }
  for (let losses = 0; ; losses++) {
    try {
      return { run, outcome: await listPhase({ ...atWork, run }) };
    } catch (failure) {
      if (!isCursorLost(failure) || losses === MOST_LOSSES) throw failure;
      run = await write(async (tx) => {
        const anew = await listAnew(tx, run);
        await logRun(tx, run.id, {
          level: "info",
          code: "cursor_lost",
          message: "The source no longer knows what has changed since the last run. Everything is listed anew.",
        });
        return anew;
      });
    }
  }
}

async function finish(tx: WorkspaceTx, run: OpenRun, stoppedAtMaximum: boolean): Promise<void> {
  const counts = await readFigures(tx, run);
  if (counts.remaining > 0 && !stoppedAtMaximum) throw new Error(`${counts.remaining} files were left behind`);
  const failures = counts.failed + counts.folders_failed;
  await setStatus(tx, run, failures > 0 ? "done_with_failures" : "done", { stoppedAtMaximum });
  await logRun(tx, run.id, {
    level: failures > 0 ? "warning" : "info",
    code: "finished",
    message:
      `Done: ${counts.found} found, ${counts.created} new, ${counts.updated} updated, ${failures} failed.` +
      (stoppedAtMaximum ? " Stopped at the maximum of files a run; the next one goes on from here." : ""),
  });
}

/** What really ended the work: the wish that aborted it, rather than the errors which that caused. */
const reasonOf = (signal: AbortSignal, failure: unknown): unknown => (signal.aborted ? signal.reason : failure);

async function settle(
  deps: RunDeps,
  run: OpenRun,
  sync: SyncAtWork | undefined,
  write: RunAtWork["write"],
  failure: unknown,
): Promise<void> {
  if (
    failure instanceof LeaseLost ||
    (failure instanceof Interrupted && (failure.by === "lease-lost" || failure.by === "stopping"))
  )
    return;
  // The run stays as it is, and goes on when its job is tried again.
  if (isPassing(failure)) throw failure;
  await write(async (tx) => {
    if (failure instanceof Interrupted) {
      if (failure.by === "paused") {
        await logRun(tx, run.id, { level: "info", code: "paused", message: "Paused. It goes on from here." });
      } else {
        await setStatus(tx, run, "cancelled");
        await logRun(tx, run.id, {
          level: "info",
          code: "cancelled",
          message: "Cancelled. What is stored stays; the next run goes on with the rest.",
        });
      }
      return;
    }
    const at = new Date().toISOString();
    if (failure instanceof DestinationResting) {
      const cause = { kind: `destination_${failure.reason.kind}`, message: failure.reason.message, at };
      await setStatus(tx, run, "paused", { failure: cause });
      await logRun(tx, run.id, {
        level: "error",
        code: cause.kind,
        message: `${sentence(cause.message)} The rest waits; we try again every minute.`,
      });
      await queueRun(tx, deps.queue, run.id, new Date(Date.now() + RESUME_AFTER_MS));
      return;
    }
    const cause = toFailure(failure, at);
    await setStatus(tx, run, "failed", { failure: cause });
    await logRun(tx, run.id, {
      level: "error",
      code: cause.kind,
      message: `${cause.message} Nothing was removed; the next run goes on.`,
    });
    if (failure instanceof ProviderError && sync) await noteFailure(tx, sync.connection, failure, cause);
  });
  if (!isExpected(failure)) throw failure;
}

const isExpected = (failure: unknown): boolean =>
  failure instanceof Interrupted ||
  failure instanceof DestinationResting ||
  failure instanceof ProviderError ||
  failure instanceof AppError ||
  failure instanceof UnusableSync;

function toFailure(failure: unknown, at: string): Failure {
  if (failure instanceof ProviderError) return { kind: failure.kind, message: sentence(failure.message), at };
  if (failure instanceof AppError) return { kind: failure.code, message: sentence(failure.message), at };
  if (failure instanceof UnusableSync) return { kind: "settings_not_usable", message: sentence(failure.message), at };
  return { kind: "internal", message: "Something went wrong inside Hawser; the log of the server says more.", at };
}
