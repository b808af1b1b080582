import { AppError, notFound } from "#core/errors.ts";
import { type FileId, newId, type SyncId, type SyncRunId, type UserId } from "#core/ids.ts";
import type { WorkspaceTx } from "#db/database.ts";
import { notifyLive } from "#domain/events/live.ts";
import type { Queue } from "#jobs/queue.ts";
import type { SyncRun } from "../sync.ts";
import { insertRun } from "./queries.ts";

export interface NewRun {
  sync: SyncId;
  trigger: SyncRun["trigger"];
  user?: UserId | undefined;
  scheduledFor?: Date;
  /** For a retry: these files only. */
  files?: readonly FileId[] | undefined;
}

/**
 * Makes a run and queues it, in the transaction of whatever caused it.
 * @throws AppError not_found, sync_paused, connection_not_active, sync_already_running, queue_full
 */
export async function startRun(tx: WorkspaceTx, queue: Queue, wanted: NewRun): Promise<SyncRunId> {
  const [sync] = await tx.sql<{ enabled: boolean; name: string; connection_status: string; connection_name: string }>`
    select s.enabled, s.name, c.status as connection_status, c.name as connection_name
      from syncs s join connections c on c.id = s.connection_id
     where s.id = ${wanted.sync} and s.deleted_at is null and c.deleted_at is null`;
  if (!sync) throw notFound();
  if (!sync.enabled) throw new AppError("sync_paused", `"${sync.name}" is paused. Resume it first.`);
  if (sync.connection_status === "needs_authorization" || sync.connection_status === "inactive") {
    throw new AppError("connection_not_active", `"${sync.connection_name}" has to be connected again first.`);
  }
  const id = newId<SyncRunId>();
  const made = await insertRun(tx, { id, ...wanted });
  if (!made) throw new AppError("sync_already_running", `"${sync.name}" is running already.`);
  if (wanted.trigger === "retry") await queueCopies(tx, wanted.sync, wanted.files);
  await queueRun(tx, queue, id);
  await notifyLive(tx, { workspace: tx.workspace, type: "sync_run", sync_id: wanted.sync, run_id: id });
  return id;
}

/**
 * One waiting job a run: whoever takes it needs the sync's lease as well. One that is to begin later has a key of its
 * own, so that a person who resumes does not wait for it.
 */
export const queueRun = (tx: WorkspaceTx, queue: Queue, run: SyncRunId, startAfter?: Date): Promise<void> =>
  queue.enqueue(tx, {
    name: "run-sync",
    data: { run },
    key: startAfter ? `${run}:later` : run,
    ...(startAfter && { startAfter }),
  });

/** Of files that are named also those that are stored: their copies may be lost or spoiled. */
async function queueCopies(tx: WorkspaceTx, sync: SyncId, files: readonly FileId[] | undefined): Promise<void> {
  const queued = await tx.sql`
    update files
       set work = 'copy', state = case when object_key is null then 'waiting' else 'stored' end, attempts = 0, failure = null
     where sync_id = ${sync}
       and case when ${files ?? null}::uuid[] is null then state = 'failed'
                else id = any(${files ?? null}::uuid[]) and state in ('failed', 'stored') end
    returning 1 as one`;
  if (queued.length === 0) throw new AppError("conflict", "No file is left to try again.");
}
