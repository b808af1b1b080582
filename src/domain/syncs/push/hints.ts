// Hints: that a source has changed. One row a sync, which a run settles that has begun later; bursts are one hint.
import { AppError } from "#core/errors.ts";
import type { SyncId, WorkspaceId } from "#core/ids.ts";
import type { Database, WorkspaceTx } from "#db/database.ts";
import type { Queue } from "#jobs/queue.ts";
import { startRun } from "../run/start-run.ts";
import type { Channel } from "./channel.ts";

/** From the beginning of a run of a sync to that of the next one which follows from a hint. */
const PAUSE = "10 seconds";
const AT_MOST = 200;

/** The syncs that keep this drive, from now on, have something to look for. */
export async function hintDrive(
  tx: WorkspaceTx,
  { connection, drive }: Pick<Channel, "connection" | "drive">,
): Promise<SyncId[]> {
  const rows = await tx.sql<{ sync_id: SyncId }>`
    insert into push_hints (workspace_id, sync_id, hinted_at)
    select ${tx.workspace}, id, clock_timestamp() from syncs
     where connection_id = ${connection} and drive_id = ${drive} and enabled and deleted_at is null
       and schedule ->> 'kind' <> 'manual'
     order by id
    on conflict (workspace_id, sync_id) do update set hinted_at = excluded.hinted_at
    returning sync_id`;
  return rows.map(({ sync_id }) => sync_id);
}

type Deps = { database: Database; queue: Queue };

/** Starts what follows from hints, as far as it may begin now. Asked every now and then by each process that works. */
export async function startHintedRuns(deps: Deps): Promise<void> {
  const due = await deps.database.acrossWorkspaces(
    (tx) =>
      tx.sql<{
        workspace_id: WorkspaceId;
        sync_id: SyncId;
      }>`select workspace_id, sync_id from push_hints_due(${PAUSE}::interval, ${AT_MOST})`,
  );
  for (const { workspace_id, sync_id } of due) await followHint(deps, workspace_id, sync_id);
}

/** Starts a run where a hint wants one and it may begin now. The hint stays where the run has to wait. */
export async function followHint(deps: Deps, workspace: WorkspaceId, sync: SyncId): Promise<void> {
  try {
    await deps.database.asWorkspace({ workspace }, (tx) => follow(tx, deps.queue, sync));
  } catch (failure) {
    // Somebody else was quicker, or the workspace's queue is full.
    if (!(failure instanceof AppError)) throw failure;
  }
}

async function follow(tx: WorkspaceTx, queue: Queue, sync: SyncId): Promise<void> {
  // Another process that holds the row is doing the same.
  const [held] = await tx.sql`select 1 as one from push_hints where sync_id = ${sync} for update skip locked`;
  if (!held) return;
  const [found] = await tx.sql<{ may_run: boolean; has_to_wait: boolean; is_settled: boolean }>`
    select s.enabled and s.deleted_at is null and c.deleted_at is null and c.status in ('active', 'error') as may_run,
           exists (select from sync_runs r
                    where r.sync_id = s.id
                      and (r.status in ('queued', 'running', 'paused')
                           or r.created_at > clock_timestamp() - ${PAUSE}::interval)) as has_to_wait,
           coalesce((select r.started_at from sync_runs r
                      where r.sync_id = s.id and r.trigger not in ('retry', 'removals') and r.started_at is not null
                      order by r.created_at desc limit 1) >= h.hinted_at, false) as is_settled
      from push_hints h join syncs s on s.id = h.sync_id join connections c on c.id = s.connection_id
     where h.sync_id = ${sync}`;
  if (!found || (found.may_run && !found.is_settled && found.has_to_wait)) return;
  await tx.sql`delete from push_hints where sync_id = ${sync}`;
  // A sync that is paused, or whose connection wants a person, reads all changes when it runs again.
  if (found.may_run && !found.is_settled) await startRun(tx, queue, { sync, trigger: "push" });
}
