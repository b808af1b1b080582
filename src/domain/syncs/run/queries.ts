import type { FileId, SyncId, SyncRunId, UserId } from "#core/ids.ts";
import type { WorkspaceTx } from "#db/database.ts";
import { notifyLive } from "#domain/events/live.ts";
import type { Failure, RunCounts, SyncRun } from "../sync.ts";
import { newMeter, quotaNow, type RequestMeter } from "./request-meter.ts";
import type { CountChange, OpenRun } from "./run.ts";
import { countHeld } from "./sweep.ts";
import type { Slowed } from "./watch-pace.ts";

interface RunRow {
  id: SyncRunId;
  sync_id: SyncId;
  trigger: SyncRun["trigger"];
  status: SyncRun["status"];
  phase: SyncRun["phase"];
  generation: number | null;
  listing: OpenRun["listing"];
  cancel_requested: boolean;
  failure: Failure | null;
}

/** Which sync a run is of. */
export async function findSyncOfRun(tx: WorkspaceTx, id: SyncRunId): Promise<SyncId | undefined> {
  const [row] = await tx.sql<{ sync_id: SyncId }>`select sync_id from sync_runs where id = ${id}`;
  return row?.sync_id;
}

/** The run, its row locked until the transaction ends. */
export async function lockRun(tx: WorkspaceTx, id: SyncRunId): Promise<RunRow | undefined> {
  const [row] = await tx.sql<RunRow>`
    select id, sync_id, trigger, status, phase, generation, listing, cancel_requested, failure
      from sync_runs where id = ${id} for update`;
  return row;
}

/** The run of a sync that is not over, its row locked. */
export async function lockOpenRun(tx: WorkspaceTx, sync: SyncId): Promise<RunRow | undefined> {
  const [row] = await tx.sql<RunRow>`
    select id, sync_id, trigger, status, phase, generation, listing, cancel_requested, failure
      from sync_runs where sync_id = ${sync} and status in ('queued', 'running', 'paused') for update`;
  return row;
}

/** Nothing when the sync has an open run already. */
export async function insertRun(
  tx: WorkspaceTx,
  run: {
    id: SyncRunId;
    sync: SyncId;
    trigger: SyncRun["trigger"];
    user?: UserId | undefined;
    scheduledFor?: Date | undefined;
  },
): Promise<boolean> {
  const made = await tx.sql`
    insert into sync_runs (workspace_id, id, sync_id, trigger, created_by, scheduled_for, phase)
    values (${tx.workspace}, ${run.id}, ${run.sync}, ${run.trigger}, ${run.user ?? null}, ${run.scheduledFor ?? null},
            ${run.trigger === "retry" || run.trigger === "removals" ? "copying" : "listing"})
    on conflict do nothing
    returning 1 as one`;
  return made.length > 0;
}

/**
 * Marks the run as running under its generation. A run that begins to list opens the next generation, unless the one
 * before stopped at its maximum in the middle of a listing: then it goes on there.
 */
export async function beginRun(tx: WorkspaceTx, run: RunRow): Promise<OpenRun> {
  const { generation, listing } =
    run.generation === null ? await generationFor(tx, run) : { generation: run.generation, listing: run.listing };
  const [before] = await tx.sql<{ requests: number }>`
    update sync_runs set status = 'running', generation = ${generation}, listing = ${listing}, started_at = coalesce(started_at, now()),
           failure = null, updated_at = now()
     where id = ${run.id}
    returning requests::float8 as requests`;
  const meter = newMeter(before?.requests ?? 0);
  return { id: run.id, sync: run.sync_id, trigger: run.trigger, generation, listing, phase: run.phase, meter };
}

async function generationFor(tx: WorkspaceTx, run: RunRow): Promise<Pick<OpenRun, "generation" | "listing">> {
  const [sync] = await tx.sql<{ generation: number; follows: boolean }>`
    select generation, change_cursor is not null and cursor_generation = generation and listed_generation = generation
                         and selection_version = projected_version as follows
      from syncs where id = ${run.sync_id}`;
  const generation = sync?.generation ?? 0;
  if (run.phase !== "listing") return { generation, listing: "full" };
  if (sync?.follows) return { generation, listing: "changes" };
  const [last] = await tx.sql<{ unfinished: boolean }>`
    select r.generation = s.generation and r.stopped_at_maximum and r.listed_at is null
             and s.selection_version = s.projected_version as unfinished
      from sync_runs r join syncs s on s.id = r.sync_id
     where r.sync_id = ${run.sync_id} and r.generation is not null and r.trigger not in ('retry', 'removals')
     order by r.created_at desc limit 1`;
  return { generation: last?.unfinished ? generation : await openGeneration(tx, run.sync_id), listing: "full" };
}

async function openGeneration(tx: WorkspaceTx, sync: SyncId): Promise<number> {
  const [opened] = await tx.sql<{ generation: number }>`
    update syncs set generation = generation + 1 where id = ${sync} returning generation`;
  return opened?.generation ?? 1;
}

/** The feed has lost our place: the run lists everything anew, under the next generation. */
export async function listAnew(tx: WorkspaceTx, run: OpenRun): Promise<OpenRun> {
  const generation = await openGeneration(tx, run.sync);
  await tx.sql`
    update syncs set change_cursor = null, cursor_generation = null where id = ${run.sync}`;
  await tx.sql`
    update sync_runs set generation = ${generation}, listing = 'full', phase = 'listing', updated_at = now() where id = ${run.id}`;
  return { ...run, generation, listing: "full", phase: "listing" };
}

/** Adds to the figures and tells whoever watches. Answers how many files the run has dealt with. */
export async function addCounts(tx: WorkspaceTx, run: OpenRun, change: CountChange): Promise<number> {
  const [row] = await tx.sql<{ copied: number }>`
    update sync_runs
       set found = found + ${change.found ?? 0}, created = created + ${change.created ?? 0},
           updated = updated + ${change.updated ?? 0}, moved = moved + ${change.moved ?? 0},
           unchanged = unchanged + ${change.unchanged ?? 0}, skipped = skipped + ${change.skipped ?? 0},
           failed = failed + ${change.failed ?? 0}, remaining = remaining + ${change.remaining ?? 0},
           deleted = deleted + ${change.deleted ?? 0}, held = held + ${change.held ?? 0},
           folders = folders + ${change.folders ?? 0}, folders_failed = folders_failed + ${change.folders_failed ?? 0},
           bytes = bytes + ${change.bytes ?? 0},
           remaining_bytes = greatest(0, remaining_bytes + ${change.remaining_bytes ?? 0}), updated_at = now(),
           requests = ${run.meter.requests}, quota = ${quotaJson(run.meter)}::jsonb
     where id = ${run.id}
    returning created + updated + failed as copied`;
  if (!row) throw new Error("the run's row is gone");
  await notifyLive(tx, { workspace: tx.workspace, type: "sync_run", sync_id: run.sync, run_id: run.id });
  return row.copied;
}

function quotaJson(meter: RequestMeter): string | null {
  const quota = quotaNow(meter, new Date());
  return quota ? JSON.stringify(quota) : null;
}

export async function noteSlowed(tx: WorkspaceTx, run: OpenRun, { at, until }: Slowed): Promise<void> {
  await tx.sql`
    update sync_runs
       set slowed_at = ${at}, slowed_until = ${until ?? null}, requests = ${run.meter.requests},
           quota = ${quotaJson(run.meter)}::jsonb
     where id = ${run.id} and finished_at is null`;
  await notifyLive(tx, { workspace: tx.workspace, type: "sync_run", sync_id: run.sync, run_id: run.id });
}

export async function readFigures(tx: WorkspaceTx, run: OpenRun): Promise<RunCounts> {
  const [row] = await tx.sql<RunCounts>`
    select found, created, updated, moved, unchanged, skipped, failed, remaining, deleted, held, folders, folders_failed,
           bytes::float8 as bytes, remaining_bytes::float8 as remaining_bytes
      from sync_runs where id = ${run.id}`;
  if (!row) throw new Error("the run's row is gone");
  return row;
}

export async function setPhase(tx: WorkspaceTx, run: OpenRun, phase: SyncRun["phase"]): Promise<void> {
  await tx.sql`
    update sync_runs set phase = ${phase}, updated_at = now(), requests = ${run.meter.requests},
           quota = ${quotaJson(run.meter)}::jsonb,
           listed_at = case when ${phase} = 'sweeping' then now() else listed_at end
     where id = ${run.id}`;
  await notifyLive(tx, { workspace: tx.workspace, type: "sync_run", sync_id: run.sync, run_id: run.id });
}

/** Puts a run to rest or to its end. `finished_at` is set by the ends only. */
export async function setStatus(
  tx: WorkspaceTx,
  run: { id: SyncRunId; sync: SyncId },
  status: SyncRun["status"],
  more: { failure?: Failure; stoppedAtMaximum?: boolean } = {},
): Promise<void> {
  const over = status !== "queued" && status !== "running" && status !== "paused";
  if (status === "failed" || status === "cancelled") await forgetUnsettledListing(tx, run);
  // What has come back waits no more, however the run has ended.
  if (over) await countHeld(tx, run.sync);
  await tx.sql`
    update sync_runs
       set status = ${status}, failure = ${more.failure ? JSON.stringify(more.failure) : null}::jsonb,
           stopped_at_maximum = ${more.stoppedAtMaximum ?? false},
           phase = case when ${over} and (listed_at is not null or trigger in ('retry', 'removals')) then 'finished' else phase end,
           finished_at = case when ${over} then now() end, updated_at = now()
     where id = ${run.id}`;
  await notifyLive(tx, { workspace: tx.workspace, type: "sync_run", sync_id: run.sync, run_id: run.id });
}

/** What a listing has not found, and nobody has decided about, is told by no feed and no roll-up: all is listed again. */
async function forgetUnsettledListing(tx: WorkspaceTx, run: { id: SyncRunId; sync: SyncId }): Promise<void> {
  await tx.sql`
    update syncs set listed_generation = null, walked_at = null
      from sync_runs r
     where syncs.id = ${run.sync} and r.id = ${run.id} and r.listing = 'full' and r.phase in ('listing', 'sweeping')
       and syncs.listed_generation = r.generation`;
}

/** At most this many lines of one code in the log of a run; the rest is in the figures. */
const mostLinesOfACode = 1_000;

export async function logRun(
  tx: WorkspaceTx,
  run: SyncRunId,
  line: { level: "info" | "warning" | "error"; code: string; message: string; file?: FileId | undefined },
): Promise<void> {
  await tx.sql`
    insert into sync_run_log (workspace_id, run_id, level, code, message, file_id)
    select ${tx.workspace}, ${run}, ${line.level}, ${line.code}, ${line.message.slice(0, 1000)}, ${line.file ?? null}::uuid
     where (select count(*) from (select 1 from sync_run_log where run_id = ${run} and code = ${line.code} limit ${mostLinesOfACode}) lines)
           < ${mostLinesOfACode}`;
}
