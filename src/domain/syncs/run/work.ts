import type { FileId } from "#core/ids.ts";
import type { WorkspaceTx } from "#db/database.ts";
import { foldKey, type ObjectKey } from "#destinations/object-key.ts";
import type { Failure } from "../sync.ts";
import { dropClaims, dropOldClaims, isRespelled, type KeyedFile } from "./object-keys.ts";
import type { CountChange, OpenRun } from "./run.ts";
import { nameOfExport } from "./sighting.ts";

/** A file that waits to be copied or moved. */
export interface FileAtWork extends KeyedFile {
  /** Where an earlier try may have left an object that no row speaks of. */
  pending_key: string | null;
  locator: string | null;
  size: number | null;
  version: string;
  remote_hash: string | null;
  media_type: string | null;
  /** The media type that the provider is to make of it, for a document without bytes of its own. */
  export_as: string | null;
}

/** The next files with this work, in the order of their ids. */
export async function findWork(
  tx: WorkspaceTx,
  run: OpenRun,
  work: "copy" | "move",
  after: FileId | null,
  most: number,
): Promise<FileAtWork[]> {
  const rows = await tx.sql<FileAtWork>`
    select f.id, f.remote_id, f.name, coalesce(folder.path, '') as folder, f.object_key, f.locator, f.size::float8 as size,
           f.version, f.remote_hash, f.media_type, f.export_as, f.pending_key
      from files f
      left join files folder on folder.sync_id = f.sync_id and folder.remote_id = f.parent_id
     where f.sync_id = ${run.sync} and f.work = ${work} and (${after}::uuid is null or f.id > ${after})
     order by f.id limit ${most}`;
  return rows.map((row) => ({ ...row, name: nameOfExport(row.name, row.export_as) }));
}

/** Takes work over that an earlier run, or a person's retry, has left and that this run has not counted. */
export async function countLeftWork(tx: WorkspaceTx, run: OpenRun): Promise<CountChange> {
  const [left] = await tx.sql<{ files: number; bytes: string }>`
    with left_over as (
      update files set run_id = ${run.id}
       where sync_id = ${run.sync} and work = 'copy' and run_id is distinct from ${run.id}
      returning size
    ) select count(*)::int as files, coalesce(sum(size), 0) as bytes from left_over`;
  const files = left?.files ?? 0;
  return { found: files, remaining: files, remaining_bytes: Number(left?.bytes ?? 0) };
}

/**
 * Notes where copies are about to be put, before they are: whatever becomes of this process, their objects are found
 * again. What an earlier try may have put elsewhere is to be taken away; a place that is used again is not, though it
 * was to be: a file may have gone back to a version that it had.
 */
export async function planCopies(
  tx: WorkspaceTx,
  run: OpenRun,
  keys: readonly { file: FileId; key: ObjectKey }[],
): Promise<void> {
  await tx.sql`
    with plan as (
      select p.key, f.id, f.remote_id, f.object_key, f.pending_key
        from jsonb_to_recordset(${JSON.stringify(keys)}::jsonb) as p(file uuid, key text)
        join files f on f.id = p.file and f.sync_id = ${run.sync} and f.work = 'copy'
       where f.pending_key is distinct from p.key
    ), elsewhere as (
      insert into object_removals (workspace_id, sync_id, object_key)
      select ${tx.workspace}::uuid, ${run.sync}::uuid, pending_key from plan
       where pending_key is not null and pending_key is distinct from object_key
      on conflict do nothing
    ), used_again as (
      delete from object_removals r using plan where r.sync_id = ${run.sync} and r.object_key = plan.key
    )
    update files set pending_key = plan.key from plan where files.sync_id = ${run.sync} and files.remote_id = plan.remote_id`;
}

/** What came of one file that was to be copied. */
export type CopyResult = {
  file: FileAtWork;
} /** `hashDiffers`: the bytes came the same several times, and are not those that the source told the hash of. */ & (
  | { outcome: "stored"; key: ObjectKey; version: string; size: number; sha256: string; hashDiffers?: true }
  | { outcome: "failed"; failure: Failure }
  /**
   * It was not there any more; the next listing tells whether it is gone or elsewhere. Where an earlier try may have put
   * a newer version in place of the stored one, `found` is what lies there now: nothing, or bytes with this hash.
   */
  | { outcome: "vanished"; found?: { sha256: string } | "nothing" }
);

/** Writes down what came of a group of copies, and queues the objects of the versions that were replaced. */
export async function recordCopies(
  tx: WorkspaceTx,
  run: OpenRun,
  results: readonly CopyResult[],
): Promise<CountChange> {
  const rows = results.map((result) => ({
    id: result.file.id,
    outcome: result.outcome,
    key: result.outcome === "stored" ? result.key : null,
    version: result.outcome === "stored" ? result.version : null,
    size: result.outcome === "stored" ? result.size : null,
    sha256: sha256Of(result),
    lost: result.outcome === "vanished" && result.found === "nothing",
    failure: result.outcome === "failed" ? result.failure : null,
    before: result.file.pending_key,
    moves: result.outcome === "stored" && result.key === result.file.object_key && isRespelled(result.file, result.key),
  }));
  const [counts] = await tx.sql<
    Record<"created" | "updated" | "failed" | "skipped" | "all", number> & { bytes: string; listed_bytes: string }
  >`
    with result as (
      select r.*, f.object_key as old_key, f.pending_key, f.size as listed_size
        from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
             as r(id uuid, outcome text, key text, version text, size bigint, sha256 text, lost boolean, failure jsonb, before text,
                  moves boolean)
        join files f on f.id = r.id and f.sync_id = ${run.sync} and f.work = 'copy'
    ), written as (
      update files f
         set work = case when r.moves then 'move' end, attempts = case when r.outcome = 'failed' then attempts + 1 else 0 end, failure = r.failure, run_id = ${run.id},
             state = case r.outcome when 'stored' then 'stored' when 'failed' then 'failed'
                          else case when f.object_key is null or r.lost then 'skipped' else 'stored' end end,
             reason = case r.outcome when 'vanished' then 'vanished' end,
             -- Where an earlier try may have put a newer version in place of the old one, its hash tells, and no version.
             object_version = case when r.outcome = 'vanished' and r.before = f.object_key then null
                                   else coalesce(r.version, f.object_version) end,
             object_sha256 = case when r.outcome = 'vanished' and r.before = f.object_key then r.sha256
                                  else coalesce(r.sha256, f.object_sha256) end,
             object_key = case when not r.lost then coalesce(r.key, f.object_key) end,
             pending_key = case r.outcome when 'failed' then f.pending_key end,
             version = coalesce(r.version, f.version), size = coalesce(r.size, f.size),
             object_size = coalesce(r.size, f.object_size),
             stored_at = case when r.outcome = 'stored' then clock_timestamp() else f.stored_at end
        from result r where f.id = r.id and f.sync_id = ${run.sync}
    ), orphaned as (
      insert into object_removals (workspace_id, sync_id, object_key)
      select ${tx.workspace}::uuid, ${run.sync}::uuid, pending_key from result
       where outcome = 'vanished' and pending_key is not null and pending_key is distinct from old_key
      on conflict do nothing
    ), replaced as (
      insert into object_removals (workspace_id, sync_id, object_key)
      select ${tx.workspace}::uuid, ${run.sync}::uuid, old_key from result where outcome = 'stored' and old_key is not null and old_key <> key
      on conflict do nothing
    ), handed_over as (
      insert into handoffs (workspace_id, sync_id, file_id, version, connection_id)
      select s.workspace_id, s.id, r.id, r.version, s.handoff_connection_id
        from result r join syncs s on s.id = ${run.sync} and s.handoff_connection_id is not null
       where r.outcome = 'stored'
      -- Once for each version, but one that was passed over is the present one again.
      on conflict (workspace_id, file_id, version) do update set state = 'queued', next_attempt_at = now()
       where handoffs.state = 'outdated'
    )
    select count(*)::int as all,
           count(*) filter (where outcome = 'stored' and old_key is null)::int as created,
           count(*) filter (where outcome = 'stored' and old_key is not null)::int as updated,
           count(*) filter (where outcome = 'failed')::int as failed,
           count(*) filter (where outcome = 'vanished')::int as skipped,
           coalesce(sum(size) filter (where outcome = 'stored'), 0) as bytes,
           coalesce(sum(listed_size), 0) as listed_bytes
      from result`;
  if (!counts) throw new Error("the group answered nothing");
  return {
    created: counts.created,
    updated: counts.updated,
    failed: counts.failed,
    skipped: counts.skipped,
    remaining: -counts.all,
    bytes: Number(counts.bytes),
    remaining_bytes: -Number(counts.listed_bytes),
  };
}

function sha256Of(result: CopyResult): string | null {
  if (result.outcome === "stored") return result.sha256;
  return result.outcome === "vanished" && typeof result.found === "object" ? result.found.sha256 : null;
}

/** The objects lie under their new keys; the old ones are free. */
export async function recordMoves(tx: WorkspaceTx, run: OpenRun, moved: ReadonlyMap<FileId, ObjectKey>): Promise<void> {
  const rows = JSON.stringify([...moved].map(([id, key]) => ({ id, key })));
  await tx.sql`
    update files set work = null, object_key = m.key
      from jsonb_to_recordset(${rows}::jsonb) as m(id uuid, key text)
     where files.sync_id = ${run.sync} and files.id = m.id and files.work = 'move'`;
  await dropOldClaims(tx, run.sync, new Map([...moved].map(([id, key]) => [id, [key]])));
}

/** The object is not where it was, so the file is copied after all. */
export async function copyInsteadOfMoving(tx: WorkspaceTx, run: OpenRun, files: readonly FileId[]): Promise<void> {
  await tx.sql`
    update files set work = case when state <> 'removed' then 'copy' end,
           state = case when state <> 'removed' then 'waiting' else state end, object_key = null, object_version = null
     where sync_id = ${run.sync} and id = any(${files}::uuid[]) and work = 'move'`;
  // Counted once more, as new work: it was counted as moved or unchanged before.
  await tx.sql`update files set run_id = null where sync_id = ${run.sync} and id = any(${files}::uuid[])`;
}

export async function findRemovals(tx: WorkspaceTx, run: OpenRun, most: number): Promise<ObjectKey[]> {
  const rows = await tx.sql<{ object_key: ObjectKey }>`
    select object_key from object_removals where sync_id = ${run.sync} order by object_key limit ${most}`;
  return rows.map(({ object_key }) => object_key);
}

export async function recordRemovals(tx: WorkspaceTx, run: OpenRun, keys: readonly ObjectKey[]): Promise<void> {
  await tx.sql`delete from object_removals where sync_id = ${run.sync} and object_key = any(${keys}::text[])`;
  await dropClaims(tx, run.sync, keys.map(foldKey));
}
