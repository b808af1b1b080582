import { notFound } from "#core/errors.ts";
import type { FileId, SyncId, SyncRunId, WorkspaceId } from "#core/ids.ts";
import type { Database, WorkspaceTx } from "#db/database.ts";
import { findFile } from "./file-rows.ts";
import type { LogLevel } from "./read-runs.ts";
import type { RunStatus, SyncRun } from "./sync.ts";

/** Older runs are history of the sync, and no longer of a file. */
const MOST_RUNS = 200;
const MOST_LINES = 100;

export interface FileEvent {
  at: Date;
  what: "found" | "stored" | "failed" | "gone" | "logged";
  level: LogLevel;
  /** What was written down at the time; what is known from the file itself has none. */
  message: string | null;
  /** The run in which it happened, as long as it is kept. */
  run: { id: SyncRunId; trigger: SyncRun["trigger"]; status: RunStatus } | null;
}

/** What happened to a file, newest first: what its row says, and the lines about it in the logs of runs. @throws AppError not_found */
export const readFileHistory = (
  deps: { database: Database },
  workspace: WorkspaceId,
  sync: SyncId,
  id: FileId,
): Promise<FileEvent[]> =>
  deps.database.asWorkspace({ workspace }, async (tx) => {
    if (!(await findFile(tx, sync, id))) throw notFound();
    return findEvents(tx, sync, id);
  });

async function findEvents(tx: WorkspaceTx, sync: SyncId, id: FileId): Promise<FileEvent[]> {
  const rows = await tx.sql<
    Omit<FileEvent, "run"> & { run: SyncRunId | null; trigger: SyncRun["trigger"]; status: RunStatus }
  >`
    with runs as (
      select id, trigger, status, coalesce(started_at, created_at) as since, coalesce(finished_at, 'infinity') as until
        from sync_runs where sync_id = ${sync} order by created_at desc limit ${MOST_RUNS}
    ), file as (
      select * from files where sync_id = ${sync} and id = ${id}
    ), moments as (
      select first_seen_at as at, 'found' as what, 'info' as level from file
      union all select stored_at, 'stored', 'info' from file where object_key is not null
      union all select (failure ->> 'at')::timestamptz, 'failed', 'error' from file where failure is not null
      union all select removed_at, 'gone', 'info' from file
    ), events as (
      select m.at, m.what, m.level, null as message,
             (select r.id from runs r where m.at between r.since and r.until order by r.since desc limit 1) as run
        from moments m where m.at is not null
      union all
      (select l.at, 'logged', l.level, l.message, l.run_id
         from runs r join sync_run_log l on l.run_id = r.id
        where l.file_id = ${id} order by l.at desc limit ${MOST_LINES})
    )
    select e.at, e.what, e.level, e.message, r.id as run, r.trigger, r.status
      from events e left join runs r on r.id = e.run
     order by e.at desc, e.what`;
  return rows.map(({ run, trigger, status, ...event }) => ({ ...event, run: run && { id: run, trigger, status } }));
}
