import type { SyncId, SyncRunId } from "#core/ids.ts";
import { fromCursor, toCursor } from "#core/keyset.ts";
import type { Page } from "#core/page.ts";
import type { WorkspaceTx } from "#db/database.ts";
import type { Quota } from "#outbound/quota.ts";
import type { Failure, RunCounts, RunStatus, SyncRun } from "./sync.ts";

/** bigint comes as text. */
interface RunRow extends Omit<RunCounts, "bytes" | "remaining_bytes"> {
  id: SyncRunId;
  sync_id: SyncId;
  trigger: SyncRun["trigger"];
  status: RunStatus;
  phase: SyncRun["phase"];
  bytes: string;
  remaining_bytes: string;
  stopped_at_maximum: boolean;
  slowed_at: Date | null;
  slowed_until: Date | null;
  requests: string;
  quota: (Omit<Quota, "resetsAt"> & { resetsAt?: string }) | null;
  failure: Failure | null;
  created_at: Date;
  created_by: string | null;
  scheduled_for: Date | null;
  started_at: Date | null;
  listed_at: Date | null;
  finished_at: Date | null;
  updated_at: Date;
}

export async function findRun(tx: WorkspaceTx, id: SyncRunId): Promise<SyncRun | undefined> {
  const [row] = await tx.sql<RunRow>`
    select r.*, u.name as created_by
      from sync_runs r left join identity."user" u on u.id = r.created_by
     where r.id = ${id}`;
  return row && toRun(row);
}

/** Runs of a sync, newest first. */
export async function findRuns(
  tx: WorkspaceTx,
  sync: SyncId,
  query: { limit: number; cursor?: string | undefined; status?: RunStatus | undefined },
): Promise<Page<SyncRun>> {
  const [afterTime, afterId] = fromCursor(query.cursor, 2) ?? [null, null];
  const rows = await tx.sql<RunRow & { exact_time: string }>`
    select r.*, u.name as created_by, r.created_at::text as exact_time
      from sync_runs r left join identity."user" u on u.id = r.created_by
     where r.sync_id = ${sync}
       and (${query.status ?? null}::text is null or r.status = ${query.status ?? null})
       and (${afterId}::uuid is null or (r.created_at, r.id) < (${afterTime}::timestamptz, ${afterId}::uuid))
     order by r.created_at desc, r.id desc
     limit ${query.limit + 1}`;
  const last = rows.length > query.limit ? rows[query.limit - 1] : undefined;
  return {
    items: rows.slice(0, query.limit).map(toRun),
    ...(last && { next: toCursor(last.exact_time, last.id) }),
  };
}

/** For each of these syncs the run that is not over, and the last one that is. */
export async function findOpenAndLastRuns(
  tx: WorkspaceTx,
  syncs: readonly SyncId[],
): Promise<Map<SyncId, { open?: SyncRun; last?: SyncRun }>> {
  const rows = await tx.sql<RunRow & { open: boolean }>`
    select r.*, u.name as created_by, r.status in ('queued', 'running', 'paused') as open
      from unnest(${syncs}::uuid[]) as wanted(id)
      cross join lateral (
        (select * from sync_runs where sync_id = wanted.id and status in ('queued', 'running', 'paused') limit 1)
        union all
        (select * from sync_runs where sync_id = wanted.id and status not in ('queued', 'running', 'paused')
          order by created_at desc limit 1)
      ) r
      left join identity."user" u on u.id = r.created_by`;
  const runs = new Map<SyncId, { open?: SyncRun; last?: SyncRun }>();
  for (const row of rows) {
    runs.set(row.sync_id, { ...runs.get(row.sync_id), [row.open ? "open" : "last"]: toRun(row) });
  }
  return runs;
}

/** All runs of the workspace that work or wait just now, oldest first. */
export async function findOpenRuns(tx: WorkspaceTx, most: number): Promise<SyncRun[]> {
  const rows = await tx.sql<RunRow>`
    select r.*, u.name as created_by
      from sync_runs r left join identity."user" u on u.id = r.created_by
     where r.status in ('queued', 'running')
     order by r.created_at limit ${most}`;
  return rows.map(toRun);
}

const toQuota = ({ resetsAt, ...quota }: NonNullable<RunRow["quota"]>): Quota => ({
  ...quota,
  ...(resetsAt !== undefined && { resetsAt: new Date(resetsAt) }),
});

const toRun = (row: RunRow): SyncRun => ({
  id: row.id,
  sync: row.sync_id,
  trigger: row.trigger,
  status: row.status,
  phase: row.phase,
  counts: {
    found: row.found,
    created: row.created,
    updated: row.updated,
    moved: row.moved,
    unchanged: row.unchanged,
    skipped: row.skipped,
    failed: row.failed,
    remaining: row.remaining,
    deleted: row.deleted,
    held: row.held,
    folders: row.folders,
    folders_failed: row.folders_failed,
    bytes: Number(row.bytes),
    remaining_bytes: Number(row.remaining_bytes),
  },
  stoppedAtMaximum: row.stopped_at_maximum,
  slowed: row.slowed_at ? { at: row.slowed_at, until: row.slowed_until ?? undefined } : undefined,
  requests: Number(row.requests),
  quota: row.quota && !row.finished_at ? toQuota(row.quota) : undefined,
  failure: row.failure ?? undefined,
  createdAt: row.created_at,
  createdBy: row.created_by ?? undefined,
  scheduledFor: row.scheduled_for ?? undefined,
  startedAt: row.started_at ?? undefined,
  listedAt: row.listed_at ?? undefined,
  finishedAt: row.finished_at ?? undefined,
  updatedAt: row.updated_at,
});
