import type { RemoteId, SyncId } from "#core/ids.ts";
import type { WorkspaceTx } from "#db/database.ts";
import type { CountChange, OpenRun } from "./run.ts";

/** More removals than this wait for a person (SR-89). */
const MOST_REMOVALS = 1_000;
const MOST_REMOVED_SHARE = 0.2;
const SWEEP_BATCH = 5_000;

/** Whether so many removals look like an accident at the source rather than like work done there. */
export const looksLikeAnAccident = (removals: number, files: number): boolean =>
  removals > MOST_REMOVALS || removals > files * MOST_REMOVED_SHARE;

/**
 * A file that was saved as a new one under the old name (as editors do) has another id and is still the same file to
 * people: the new row takes over id, history and object of the old one, whose bytes are of no version of the new. Where
 * several files have one name, each old one is joined with one new one. Answers how many there were.
 */
export async function joinReplaced(tx: WorkspaceTx, run: OpenRun): Promise<CountChange> {
  const [joined] = await tx.sql<{ indexed: number; dropped: number; dropped_bytes: number }>`
    with old as (
      select *, row_number() over (partition by parent_id, name order by seen_generation desc, remote_id) as place
        from files
       where sync_id = ${run.sync} and missing_generation = ${run.generation} and state <> 'removed' and not is_folder
    ), fresh as (
      select f.remote_id, f.parent_id, f.name, f.first_seen_at, f.id as fresh_id, f.pending_key as fresh_pending,
             row_number() over (partition by f.parent_id, f.name order by f.remote_id) as place
        from (select distinct parent_id, name from old) gone
        join files f on f.sync_id = ${run.sync} and f.parent_id = gone.parent_id and f.name = gone.name
       where not f.is_folder and f.run_id = ${run.id} and f.missing_generation is null and f.object_key is null
         and f.state in ('waiting', 'indexed')
    ), pairs as (
      select fresh.remote_id as fresh, fresh.fresh_id, fresh.fresh_pending, old.*
        from old join fresh using (parent_id, name, place)
       where fresh.first_seen_at > old.first_seen_at
    ), gone as (
      delete from files using pairs where files.sync_id = ${run.sync} and files.remote_id = pairs.remote_id
      returning files.remote_id, files.size, files.work = 'copy' and files.run_id = ${run.id} as waits
    ), elsewhere as (
      insert into object_removals (workspace_id, sync_id, object_key)
      select ${tx.workspace}::uuid, ${run.sync}::uuid, fresh_pending from pairs where fresh_pending is not null
      on conflict do nothing
    ), claims as (
      update object_claims set file_id = pairs.id from pairs
       where object_claims.sync_id = ${run.sync} and object_claims.file_id = pairs.fresh_id
    ), written as (
      update files
         set id = pairs.id, object_key = pairs.object_key, object_version = null, object_size = pairs.object_size,
             object_sha256 = pairs.object_sha256, pending_key = pairs.pending_key, stored_at = pairs.stored_at, first_seen_at = pairs.first_seen_at,
             state = case when files.state = 'indexed' then 'indexed' when pairs.object_key is not null then 'stored' else files.state end
        from pairs join gone on gone.remote_id = pairs.remote_id
       where files.sync_id = ${run.sync} and files.remote_id = pairs.fresh
      returning files.state
    )
    select (select count(*)::int from written where state = 'indexed') as indexed,
           count(*)::int as dropped, coalesce(sum(size), 0)::float8 as dropped_bytes
      from gone where waits`;
  const { indexed, dropped, dropped_bytes } = joined ?? { indexed: 0, dropped: 0, dropped_bytes: 0 };
  return {
    created: -indexed,
    updated: indexed,
    // The old one was to be copied, and counted so, before it was replaced.
    found: -dropped,
    remaining: -dropped,
    remaining_bytes: -dropped_bytes,
  };
}

/** Objects of a mirror layout follow the folders that have another path. */
export async function queueMovesIn(tx: WorkspaceTx, run: OpenRun, folders: readonly RemoteId[]): Promise<void> {
  await tx.sql`
    update files set work = 'move'
     where sync_id = ${run.sync} and parent_id = any(${folders}::text[]) and state = 'stored' and work is null`;
}

/** Whether anything has been marked as missing. */
export async function isAnythingMissing(tx: WorkspaceTx, run: OpenRun): Promise<boolean> {
  const [row] = await tx.sql<{ missing: boolean }>`
    select exists (select from files where sync_id = ${run.sync} and missing_generation = ${run.generation}) as missing`;
  return row?.missing === true;
}

/**
 * After a listing that saw everything below, what a folder's roll-up says is kept: as long as it says the same, the
 * folder need not be listed again. A folder above one that could not be listed has not been seen whole, nor has one from
 * which a folder seems gone: that may stay undecided, and has to be looked at again. A listing that `walked` through
 * everything did so because roll-ups were not to be believed: where it could not look, they still are not.
 */
export async function trustRollups(tx: WorkspaceTx, run: OpenRun, { walked }: { walked: boolean }): Promise<void> {
  await tx.sql`
    with recursive unseen as (
      (select parent_id from files
        where sync_id = ${run.sync} and is_folder and state = 'folder' and seen_generation = ${run.generation}
          and listed_generation is distinct from ${run.generation}
          and (${walked}::boolean or rollup is null or rollup is distinct from listed_rollup)
       union
       select gone.parent_id from files gone join files f on f.sync_id = gone.sync_id and f.remote_id = gone.parent_id
        where gone.sync_id = ${run.sync} and gone.is_folder and gone.state = 'folder' and gone.seen_generation < ${run.generation}
          and f.listed_generation = ${run.generation})
      union
      select f.parent_id from files f join unseen on f.remote_id = unseen.parent_id where f.sync_id = ${run.sync}
    ), unlisted as (
      select remote_id from files
       where ${walked}::boolean and sync_id = ${run.sync} and is_folder and state = 'folder'
         and seen_generation = ${run.generation} and listed_generation is distinct from ${run.generation}
      union
      select f.remote_id from files f join unlisted on f.parent_id = unlisted.remote_id where f.sync_id = ${run.sync} and f.is_folder
    )
    update files
       set listed_rollup = case when remote_id not in (select parent_id from unseen where parent_id is not null union all
                                                       select remote_id from unlisted) then rollup end
     where sync_id = ${run.sync} and is_folder
       and (listed_generation = ${run.generation} and rollup is not null or remote_id in (select remote_id from unlisted))`;
}

/**
 * Marks folders that no complete listing of this generation has shown, with what lies in them. A folder below one that
 * could not be listed may well be there, so it is left alone. Answers whether something was to be marked: after
 * reading a feed, only where a folder could be listed at last that could not be before.
 */
export async function markGoneFolders(tx: WorkspaceTx, run: OpenRun): Promise<boolean> {
  const gone = await tx.sql<{ remote_id: RemoteId }>`
    with recursive unknown as (
      select remote_id from files
       where sync_id = ${run.sync} and is_folder and state = 'folder' and seen_generation = ${run.generation}
         and listed_generation is distinct from ${run.generation}
      union
      select files.remote_id from files join unknown on files.parent_id = unknown.remote_id
       where files.sync_id = ${run.sync} and files.is_folder
    ), gone as (
      select remote_id from files
       where sync_id = ${run.sync} and is_folder and state = 'folder' and seen_generation < ${run.generation}
         and not remote_id in (select remote_id from unknown)
      union
      -- Told of by the feed, before it was known that the folder above is gone.
      select files.remote_id from files join gone on files.parent_id = gone.remote_id
       where files.sync_id = ${run.sync} and files.is_folder and files.state = 'folder'
    )
    update files set missing_generation = ${run.generation} from gone
     where files.sync_id = ${run.sync} and files.remote_id = gone.remote_id
    returning files.remote_id`;
  if (gone.length === 0 && run.listing === "changes") return false;
  await tx.sql`
    update files set missing_generation = ${run.generation}
     where sync_id = ${run.sync} and not is_folder and state <> 'removed' and reason is distinct from 'gone_at_source'
       and parent_id in (select unnest(${gone.map(({ remote_id }) => remote_id)}::text[]) union all
                         -- Left undecided when its folder went.
                         select remote_id from files where sync_id = ${run.sync} and is_folder and state = 'removed')`;
  return true;
}

/** After a listing of a whole drive in no order: what lies in a folder that it saw, and was not in it. */
export async function markUnseenFiles(tx: WorkspaceTx, run: OpenRun): Promise<void> {
  await tx.sql`
    update files set missing_generation = ${run.generation}
     where sync_id = ${run.sync} and not is_folder and state <> 'removed' and seen_generation < ${run.generation}
       and reason is distinct from 'gone_at_source'
       and parent_id in (select remote_id from files where sync_id = ${run.sync} and is_folder and listed_generation = ${run.generation})`;
}

/** How many files are gone, of how many there were. */
export async function countGone(tx: WorkspaceTx, run: OpenRun): Promise<{ gone: number; of: number }> {
  const [row] = await tx.sql<{ gone: number; of: number }>`
    select count(*) filter (where missing_generation = ${run.generation})::int as gone, count(*)::int as of
      from files
     where sync_id = ${run.sync} and not is_folder and state in ('waiting', 'indexed', 'stored', 'failed')
       and reason is distinct from 'gone_at_source'
       and first_seen_at < (select coalesce(started_at, now()) from sync_runs where id = ${run.id})`;
  return row ?? { gone: 0, of: 0 };
}

/** Holds what is gone until a person decides. Answers how many files that are in all. */
export async function holdGone(tx: WorkspaceTx, run: OpenRun): Promise<number> {
  await tx.sql`
    update files set held = true
     where sync_id = ${run.sync} and missing_generation = ${run.generation} and not is_folder and state <> 'removed' and not held`;
  return countHeld(tx, run.sync);
}

/** Tells the sync how many files wait for a person, also since earlier listings. Answers it. */
export async function countHeld(tx: WorkspaceTx, sync: SyncId): Promise<number> {
  const [counted] = await tx.sql<{ files: number }>`
    update syncs set held_removals = held.files, held_since = case when held.files > 0 then coalesce(held_since, now()) end
      from (select count(*)::int as files from files where sync_id = ${sync} and held) held
     where id = ${sync}
    returning held.files`;
  return counted?.files ?? 0;
}

/**
 * Removes up to a batch of files that are gone (or, after a person's decision, that were held). The object is taken away
 * where the sync says so, in a queue of its own; with `keep`, a file of which there is something stays as it is, and only
 * its row says that it is gone at the source. Answers how many rows it was; 0 means that all is done.
 */
export async function removeGone(
  tx: WorkspaceTx,
  run: OpenRun,
  which: { held: boolean; removeObjects: boolean; keep: boolean },
): Promise<{ rows: number; counts: CountChange }> {
  const [removed] = await tx.sql<{ rows: number; files: number; dropped: number; dropped_bytes: number }>`
    with batch as (
      select remote_id, object_key, pending_key, is_folder, size, work = 'copy' and run_id = ${run.id} as waits,
             ${which.keep}::boolean and (state = 'indexed' or object_key is not null) as stays
        from files
       where sync_id = ${run.sync} and state <> 'removed'
         and case when ${which.held}::boolean then held or (is_folder and missing_generation is not null) else missing_generation = ${run.generation} and not held end
       limit ${SWEEP_BATCH}
    ), objects as (
      insert into object_removals (workspace_id, sync_id, object_key)
      select ${tx.workspace}::uuid, ${run.sync}::uuid, object_key from batch where ${which.removeObjects}::boolean and object_key is not null
      union
      select ${tx.workspace}::uuid, ${run.sync}::uuid, pending_key from batch where pending_key is distinct from object_key and pending_key is not null
      on conflict do nothing
    ), removed as (
      update files
         set state = case when not batch.stays then 'removed' when files.object_key is null then files.state else 'stored' end,
             reason = case when batch.stays then 'gone_at_source' else files.reason end,
             removed_at = case when not batch.stays then now() end,
             changed_at = now(), work = case when batch.stays and files.work = 'move' then 'move' end,
             held = false, failure = null, missing_generation = null,
             object_key = case when ${which.removeObjects}::boolean then null else files.object_key end, pending_key = null,
             run_id = ${run.id}
        from batch where files.sync_id = ${run.sync} and files.remote_id = batch.remote_id
      returning files.is_folder, batch.waits, batch.size
    )
    select count(*)::int as rows, count(*) filter (where not is_folder)::int as files,
           count(*) filter (where waits)::int as dropped, coalesce(sum(size) filter (where waits), 0)::float8 as dropped_bytes
      from removed`;
  const { rows, files, dropped, dropped_bytes } = removed ?? { rows: 0, files: 0, dropped: 0, dropped_bytes: 0 };
  // What was to be copied, and counted so, is not found any more.
  const counts = { deleted: files, found: -dropped, remaining: -dropped, remaining_bytes: -dropped_bytes };
  return { rows, counts };
}

/** What a person decided has been carried out. */
export async function forgetDecision(tx: WorkspaceTx, run: OpenRun): Promise<void> {
  await tx.sql`update syncs set removal_decision = null where id = ${run.sync}`;
}

/**
 * After a listing: what lies below a folder that was chosen once and is not chosen any more was not removed at the source
 * and is not held; it leaves the sync as the sync treats removed files. One that lies in a folder that is chosen now has
 * its place there, or is gone.
 */
export async function removeUnselected(
  tx: WorkspaceTx,
  run: OpenRun,
  chosen: readonly { remote_id: RemoteId; path: string | null }[],
  removeObjects: boolean,
): Promise<CountChange & { deleted: number }> {
  const [left] = await tx.sql<{ files: number; dropped: number; dropped_bytes: number }>`
    with recursive chosen as (
      select remote_id, path from jsonb_to_recordset(${JSON.stringify(chosen)}::jsonb) as c(remote_id text, path text)
    ), outside as (
      select remote_id, is_folder from files
       where sync_id = ${run.sync} and parent_id is null and is_folder and state = 'folder'
         and not remote_id in (select remote_id from chosen)
         and not exists (select from chosen where starts_with(files.path || '/', chosen.path || '/'))
      union
      select f.remote_id, f.is_folder from outside join files f on f.parent_id = outside.remote_id
       where outside.is_folder and f.sync_id = ${run.sync} and f.state <> 'removed'
         and not f.remote_id in (select remote_id from chosen)
    ), leaving as (
      select f.remote_id, f.object_key, f.pending_key, f.size, f.work = 'copy' and f.run_id = ${run.id} as waits
        from outside join files f on f.sync_id = ${run.sync} and f.remote_id = outside.remote_id
    ), objects as (
      insert into object_removals (workspace_id, sync_id, object_key)
      select ${tx.workspace}::uuid, ${run.sync}::uuid, object_key from leaving where ${removeObjects}::boolean and object_key is not null
      union
      select ${tx.workspace}::uuid, ${run.sync}::uuid, pending_key from leaving where pending_key is distinct from object_key and pending_key is not null
      on conflict do nothing
    ), removed as (
      update files
         set state = 'removed', reason = 'not_selected', removed_at = now(), changed_at = now(), work = null, held = false,
             failure = null, missing_generation = null,
             object_key = case when ${removeObjects}::boolean then null else files.object_key end, pending_key = null
        from leaving where files.sync_id = ${run.sync} and files.remote_id = leaving.remote_id
      returning files.is_folder, leaving.waits, leaving.size
    )
    select count(*) filter (where not is_folder)::int as files, count(*) filter (where waits)::int as dropped,
           coalesce(sum(size) filter (where waits), 0)::float8 as dropped_bytes
      from removed`;
  const { files, dropped, dropped_bytes } = left ?? { files: 0, dropped: 0, dropped_bytes: 0 };
  return { deleted: files, found: -dropped, remaining: -dropped, remaining_bytes: -dropped_bytes };
}
