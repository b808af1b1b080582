import type { SyncId } from "#core/ids.ts";
import type { Database, WorkspaceTx } from "#db/database.ts";
import { everyWorkspace } from "#domain/workspaces/every-workspace.ts";

/** Rows of one transaction: short enough that nobody waits for it. */
const BATCH = 5_000;

/**
 * Takes away what syncs that were deleted more than 24 hours ago have left: hand-offs, files, claims, the queue of removals, runs
 * with their logs, and in the end the sync. Objects at the destination stay. Each batch is a transaction, so that a
 * purge that was cut off is continued by the next one; several processes may purge at once.
 *
 * @returns how many syncs are gone
 */
export async function purgeDeletedSyncs(database: Database, signal?: AbortSignal): Promise<number> {
  let purged = 0;
  for await (const workspace of everyWorkspace(database)) {
    for (;;) {
      if (signal?.aborted) return purged;
      const did = await database.asWorkspace({ workspace }, purgeBatch);
      if (did === "nothing") break;
      if (did === "sync") purged++;
    }
  }
  return purged;
}

/** Removes the log lines of runs that finished more than 90 days ago; the runs with their figures stay. */
export async function purgeOldRunLogs(database: Database, signal?: AbortSignal): Promise<void> {
  for await (const workspace of everyWorkspace(database)) {
    let gone = BATCH;
    while (gone === BATCH && !signal?.aborted) {
      gone = await database.asWorkspace({ workspace }, async (tx) => counted(await removeOldLines(tx)));
    }
  }
}

async function purgeBatch(tx: WorkspaceTx): Promise<"nothing" | "rows" | "sync"> {
  const sync = await lockPurgeable(tx);
  if (!sync) return "nothing";
  let left = BATCH;
  // Lines before their runs: the foreign key would take away those of a whole run at once.
  for (const remove of [removeHandoffs, removeFiles, removeClaims, removeRemovals, removeLines, removeRuns]) {
    left -= counted(await remove(tx, sync, left));
    if (left === 0) return "rows";
  }
  await tx.sql`delete from syncs where id = ${sync}`;
  return "sync";
}

/** One that no other process purges now and on which no run is still at work. */
async function lockPurgeable(tx: WorkspaceTx): Promise<SyncId | undefined> {
  const [row] = await tx.sql<{ id: SyncId }>`
    select s.id from syncs s
     where s.deleted_at < now() - interval '24 hours'
       and not exists (select from sync_leases l where l.sync_id = s.id and l.expires_at > clock_timestamp())
     order by s.deleted_at limit 1
       for update of s skip locked`;
  return row?.id;
}

type Gone = { gone: number }[];
const counted = ([row]: Gone): number => row?.gone ?? 0;

const removeHandoffs = (tx: WorkspaceTx, sync: SyncId, most: number): Promise<Gone> => tx.sql`
  with gone as (
    delete from handoffs where ctid = any(array(select ctid from handoffs where sync_id = ${sync} limit ${most})) returning 1
  ) select count(*)::int as gone from gone`;

const removeFiles = (tx: WorkspaceTx, sync: SyncId, most: number): Promise<Gone> => tx.sql`
  with gone as (
    delete from files where ctid = any(array(select ctid from files where sync_id = ${sync} limit ${most})) returning 1
  ) select count(*)::int as gone from gone`;

const removeClaims = (tx: WorkspaceTx, sync: SyncId, most: number): Promise<Gone> => tx.sql`
  with gone as (
    delete from object_claims
     where ctid = any(array(select ctid from object_claims where sync_id = ${sync} limit ${most})) returning 1
  ) select count(*)::int as gone from gone`;

const removeRemovals = (tx: WorkspaceTx, sync: SyncId, most: number): Promise<Gone> => tx.sql`
  with gone as (
    delete from object_removals
     where ctid = any(array(select ctid from object_removals where sync_id = ${sync} limit ${most})) returning 1
  ) select count(*)::int as gone from gone`;

const removeLines = (tx: WorkspaceTx, sync: SyncId, most: number): Promise<Gone> => tx.sql`
  with gone as (
    delete from sync_run_log
     where ctid = any(array(
             select l.ctid from sync_runs r join sync_run_log l on l.run_id = r.id
              where r.sync_id = ${sync} limit ${most})) returning 1
  ) select count(*)::int as gone from gone`;

const removeRuns = (tx: WorkspaceTx, sync: SyncId, most: number): Promise<Gone> => tx.sql`
  with gone as (
    delete from sync_runs
     where ctid = any(array(select ctid from sync_runs where sync_id = ${sync} limit ${most})) returning 1
  ) select count(*)::int as gone from gone`;

/**
 * A run's id begins with the time it was made at (UUIDv7), so that lines of old runs are the first ones of the primary
 * key: without that bound every purge would look at each run there ever was.
 */
const removeOldLines = (tx: WorkspaceTx): Promise<Gone> => tx.sql`
  with bound as (
    select (lpad(to_hex((extract(epoch from now() - interval '90 days') * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
           as first_id
  ), gone as (
    delete from sync_run_log
     where ctid = any(array(
             select l.ctid from sync_run_log l join sync_runs r on r.id = l.run_id
              where l.run_id < (select first_id from bound) and r.finished_at < now() - interval '90 days'
              limit ${BATCH})) returning 1
  ) select count(*)::int as gone from gone`;
