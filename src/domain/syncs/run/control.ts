import { AppError, notFound } from "#core/errors.ts";
import { newId, type SyncId, type SyncRunId, type UserId } from "#core/ids.ts";
import type { WorkspaceTx } from "#db/database.ts";
import type { Queue } from "#jobs/queue.ts";
import { insertRun, lockOpenRun, setStatus } from "./queries.ts";
import { queueRun } from "./start-run.ts";

/** Stops the schedule; an open run rests where it is. */
export async function pauseSync(tx: WorkspaceTx, sync: SyncId): Promise<void> {
  await enable(tx, sync, false);
  const run = await lockOpenRun(tx, sync);
  if (run) await setStatus(tx, { id: run.id, sync }, "paused");
}

/** Takes up the schedule and the resting run again. */
export async function resumeSync(tx: WorkspaceTx, queue: Queue, sync: SyncId): Promise<void> {
  await enable(tx, sync, true);
  const run = await lockOpenRun(tx, sync);
  if (run?.status !== "paused") return;
  await setStatus(tx, { id: run.id, sync }, "queued");
  await queueRun(tx, queue, run.id);
}

/**
 * Ends the open run. One that works just now ends within a second or so, when its process sees the wish; what is stored
 * stays, what was still to be copied is the next run's. Answers which run it was, if any.
 */
export async function cancelOpenRun(tx: WorkspaceTx, sync: SyncId): Promise<SyncRunId | undefined> {
  const run = await lockOpenRun(tx, sync);
  if (!run) return undefined;
  if (run.status === "running") {
    await tx.sql`update sync_runs set cancel_requested = true, updated_at = now() where id = ${run.id}`;
  } else {
    await setStatus(tx, { id: run.id, sync }, "cancelled");
  }
  return run.id;
}

/**
 * What is to become of files that are gone at the source and were held: `approve` removes them as the sync is set to,
 * `keep` leaves their objects where they are for good. A run of its own carries it out.
 */
export async function decideRemovals(
  tx: WorkspaceTx,
  queue: Queue,
  sync: SyncId,
  decision: "approve" | "keep",
  user: UserId | undefined,
): Promise<SyncRunId> {
  const [held] = await tx.sql<{ held_removals: number }>`
    select held_removals from syncs where id = ${sync} and deleted_at is null for update`;
  if (!held) throw notFound();
  if (held.held_removals === 0) throw new AppError("conflict", "No removals wait for a decision.");
  const id = newId<SyncRunId>();
  if (!(await insertRun(tx, { id, sync, trigger: "removals", user }))) {
    throw new AppError("sync_already_running", "Wait until the run under way is over, then decide.");
  }
  await tx.sql`update syncs set removal_decision = ${decision} where id = ${sync}`;
  await queueRun(tx, queue, id);
  return id;
}

async function enable(tx: WorkspaceTx, sync: SyncId, enabled: boolean): Promise<void> {
  const changed = await tx.sql`
    update syncs set enabled = ${enabled}, updated_at = now() where id = ${sync} and deleted_at is null returning 1 as one`;
  if (changed.length === 0) throw notFound();
}
