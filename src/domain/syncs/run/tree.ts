import type { RemoteId } from "#core/ids.ts";
import type { WorkspaceTx } from "#db/database.ts";
import type { CountChange, OpenRun } from "./run.ts";

/** The remote id of the row that stands for the top of the drive. No provider uses an empty id. */
export const top = "" as RemoteId;

/** What becomes of a listed file: it is to be copied, only its row is kept, or the selection leaves it out. */
export type Wanted = "waiting" | "indexed" | "skipped";

/** One entry of a listing on its way into the tree. */
export interface Sighting {
  remote_id: RemoteId;
  parent_id: RemoteId | null;
  name: string;
  is_folder: boolean;
  locator: string | null;
  size: number | null;
  media_type: string | null;
  link: string | null;
  version: string;
  remote_created_at: string | null;
  remote_modified_at: string | null;
  remote_hash: string | null;
  /** Folders only: where it lies, and what the rules read from that. */
  path: string | null;
  metadata: Readonly<Record<string, string>> | null;
  /** The media type that a document is turned into. */
  export_as: string | null;
  /** Folders only: another one whenever something below has changed. */
  rollup: string | null;
  provider_metadata: Readonly<Record<string, string | number | boolean>> | null;
  state: Wanted | "folder";
  reason: string | null;
}

/** How far the listing of one folder has come with a batch. */
export interface FolderProgress {
  remote_id: RemoteId;
  complete: boolean;
  /** The first page is also the last one, so that what this batch does not show is not there. */
  whole: boolean;
  cursor: string | null;
}

export interface FolderToList {
  remote_id: RemoteId;
  locator: string | null;
  path: string;
  cursor: string | null;
}

export interface Recording {
  /** Objects of files that the selection leaves out are taken away. */
  removeLeftOut: boolean;
  mirror: boolean;
  /**
   * How what is shown becomes known: `folders` by listing folder by folder, `drive` by a listing of everything in no
   * order, `feed` by reading what has changed.
   */
  by: "folders" | "drive" | "feed";
}

/**
 * Writes what a batch of pages showed. Rows that say the same already are left alone, so that listing an unchanged tree
 * writes next to nothing; only the rows of folders with several pages, and those of a listing in no order, are stamped,
 * because what is missing there is known at the last page. Seen twice under one generation, or in one reading of the
 * feed, is counted once, also after a crash in between.
 */
export async function recordSightings(
  tx: WorkspaceTx,
  run: OpenRun,
  options: Recording,
  sightings: readonly Sighting[],
  folders: readonly FolderProgress[],
): Promise<CountChange> {
  const several = folders.filter(({ whole }) => !whole).map(({ remote_id }) => remote_id);
  const isFeed = options.by === "feed";
  const [written] = await Promise.all([
    tx.sql<
      Record<"found" | "created" | "updated" | "moved" | "unchanged" | "skipped" | "remaining", number> & {
        remaining_bytes: string;
      }
    >`
      with incoming as (
        select * from json_to_recordset(${JSON.stringify(sightings)}::json) as i(
          remote_id text, parent_id text, name text, is_folder boolean, locator text, size bigint, media_type text, link text,
          version text, remote_created_at timestamptz, remote_modified_at timestamptz, remote_hash text,
          path text, metadata jsonb, export_as text, rollup text, provider_metadata jsonb, state text, reason text)
      ), known as (
        select i.*, old.state as old_state, old.size as old_size,
               -- Counted already. By a feed: this run has written it. By a listing: stamped, or left alone because it was
               -- as before where it lay, in a folder that this generation has listed; it has moved since then.
               case when ${isFeed}::boolean then old.run_id = ${run.id} else
               old.seen_generation = ${run.generation}::int or (old.work = 'copy' and old.run_id = ${run.id})
                 or (old.parent_id is distinct from i.parent_id and old.state <> 'removed'
                     and old.missing_generation is distinct from ${run.generation}::int
                     and exists (select from files
                                  where workspace_id = ${tx.workspace} and sync_id = ${run.sync} and remote_id = old.parent_id
                                    and listed_generation = ${run.generation}::int)) end as counted,
               old.work = 'copy' and old.run_id = ${run.id} as waits,
               old.version is distinct from i.version as new_version,
               old.object_key is null or old.object_version is distinct from i.version as needs_bytes,
               old.parent_id is distinct from i.parent_id or old.name is distinct from i.name as elsewhere,
               ${options.by === "drive"}::boolean or old.remote_id is null or old.is_folder or i.is_folder or old.missing_generation is not null or old.held
                 or old.work is not null
                 or old.parent_id = any(${several}::text[]) or i.parent_id = any(${several}::text[])
                 or (old.parent_id, old.name, old.locator, old.size, old.media_type, old.link, old.version, old.remote_modified_at, old.reason,
                     old.provider_metadata)
                    is distinct from (i.parent_id, i.name, i.locator, i.size, i.media_type, i.link, i.version, i.remote_modified_at, i.reason,
                                      i.provider_metadata)
                 or old.state is distinct from (case when i.state = 'waiting' and old.object_key is not null then 'stored' else i.state end)
                 as changed
          from incoming i
          -- Asked row by row: without fresh statistics a join would read the whole tree for every batch.
          left join lateral (
            select * from files
             where workspace_id = ${tx.workspace} and sync_id = ${run.sync} and remote_id = i.remote_id offset 0) old on true
      ), written as (
        -- An upsert locks, and so writes, every row that it meets: it is given only those that say something new.
        insert into files as f (workspace_id, sync_id, remote_id, parent_id, name, is_folder, locator, size, media_type, link, version,
               remote_created_at, remote_modified_at, remote_hash, path, metadata, export_as, rollup, provider_metadata, state, reason,
               work, seen_generation, run_id)
        select ${tx.workspace}::uuid, ${run.sync}::uuid, remote_id, parent_id, name, is_folder, locator, size, media_type, link, version,
               remote_created_at, remote_modified_at, remote_hash, path, metadata, export_as, rollup, provider_metadata, state, reason,
               case when state = 'waiting' then 'copy' end, ${run.generation}::int, ${run.id}::uuid
          from known where changed
        on conflict (workspace_id, sync_id, remote_id) do update
           set parent_id = excluded.parent_id, name = excluded.name, is_folder = excluded.is_folder, locator = excluded.locator,
               size = excluded.size, media_type = excluded.media_type, link = excluded.link, version = excluded.version,
               remote_created_at = excluded.remote_created_at, remote_modified_at = excluded.remote_modified_at,
               remote_hash = excluded.remote_hash, path = excluded.path, metadata = excluded.metadata,
               export_as = excluded.export_as, provider_metadata = excluded.provider_metadata,
               -- Of several looks the first: a later one may know of what has happened since the folder was listed.
               rollup = case when f.seen_generation = excluded.seen_generation and f.state <> 'removed' and f.missing_generation is null
                             then f.rollup else excluded.rollup end,
               -- What lies in a folder that was gone is not known any more.
               listed_generation = case when f.state <> 'removed' and f.missing_generation is null then f.listed_generation end,
               listed_rollup = case when f.state <> 'removed' and f.missing_generation is null then f.listed_rollup end,
               path_run_id = case when f.path is distinct from excluded.path then ${run.id}::uuid else f.path_run_id end,
               state = case when excluded.state = 'waiting' and f.object_key is not null then 'stored' else excluded.state end,
               reason = excluded.reason,
               object_key = case when excluded.state = 'skipped' and ${options.removeLeftOut}::boolean then null else f.object_key end,
               pending_key = case when excluded.state <> 'skipped' then f.pending_key end,
               work = case when excluded.state <> 'waiting' then null
                           when f.object_key is null or f.object_version is distinct from excluded.version then 'copy'
                           when f.work = 'move'
                             -- One that comes back has kept its object, and its folder may have moved meanwhile.
                             or (${options.mirror}::boolean and (f.state = 'removed' or f.reason = 'gone_at_source' or f.parent_id is distinct from excluded.parent_id or f.name <> excluded.name)) then 'move'
                      end,
               failure = null, attempts = case when f.version = excluded.version then f.attempts else 0 end,
               -- Where an earlier listing left off says nothing about this one.
               list_cursor = case when f.seen_generation = excluded.seen_generation then f.list_cursor end,
               seen_generation = excluded.seen_generation, missing_generation = null, held = false, removed_at = null,
               run_id = excluded.run_id,
               changed_at = case when f.version is distinct from excluded.version or f.name <> excluded.name or f.state = 'removed'
                                   or f.parent_id is distinct from excluded.parent_id then now() else f.changed_at end
      ), left_out as (
        insert into object_removals (workspace_id, sync_id, object_key)
        select ${tx.workspace}::uuid, ${run.sync}::uuid, object.key
          from files f join incoming i on i.remote_id = f.remote_id
         cross join lateral (values (case when ${options.removeLeftOut}::boolean then f.object_key end),
                                    (case when f.pending_key is distinct from f.object_key then f.pending_key end)) as object(key)
         where f.sync_id = ${run.sync} and i.state = 'skipped' and object.key is not null
        on conflict do nothing
      )
      select (count(*) filter (where seen or again) - count(*) filter (where given_up))::int as found,
             count(*) filter (where seen and class = 'created')::int as created,
             count(*) filter (where seen and class = 'updated')::int as updated,
             count(*) filter (where seen and class = 'moved')::int as moved,
             count(*) filter (where seen and class = 'unchanged')::int as unchanged,
             count(*) filter (where seen and class = 'skipped')::int as skipped,
             (count(*) filter (where seen and class = 'to_copy' or again) - count(*) filter (where given_up))::int as remaining,
             coalesce(sum(size) filter (where seen and class = 'to_copy' or again or stays), 0)
               - coalesce(sum(old_size) filter (where given_up or stays), 0) as remaining_bytes
        from (select *,
                     not is_folder and counted is not true and (changed or not ${isFeed}::boolean) as seen,
                     -- Counted as something else, and to be copied now; or to be copied, and not any more.
                     not is_folder and counted is true and waits is not true and class = 'to_copy' as again,
                     waits is true and class <> 'to_copy' as given_up,
                     waits is true and class = 'to_copy' as stays
                from (select known.*, case when state = 'skipped' then 'skipped'
                          when state = 'waiting' and needs_bytes then 'to_copy'
                          when state = 'waiting' then case when elsewhere then 'moved' else 'unchanged' end
                          when old_state is null or old_state in ('removed', 'skipped') then 'created'
                          when new_version then 'updated'
                          when elsewhere then 'moved'
                          else 'unchanged' end as class
                from known) classified) judged`,
    markMissing(tx, run, sightings, folders),
    noteProgress(tx, run, folders),
    options.mirror ? queueMovesBelow(tx, run, sightings) : undefined,
  ]);
  const [counts] = written;
  if (!counts) throw new Error("the batch answered nothing");
  return {
    ...counts,
    remaining_bytes: Number(counts.remaining_bytes),
    folders: folders.filter(({ complete }) => complete).length,
  };
}

async function noteProgress(tx: WorkspaceTx, run: OpenRun, folders: readonly FolderProgress[]): Promise<void> {
  if (folders.length === 0) return;
  await tx.sql`
    update files set listed_generation = case when p.complete then ${run.generation}::int else listed_generation end,
           list_cursor = p.cursor, failure = null
      from jsonb_to_recordset(${JSON.stringify(folders)}::jsonb) as p(remote_id text, complete boolean, cursor text)
     where workspace_id = ${tx.workspace} and sync_id = ${run.sync} and files.remote_id = p.remote_id`;
}

/** Objects of a mirror layout follow their folder when its path has changed. */
async function queueMovesBelow(tx: WorkspaceTx, run: OpenRun, sightings: readonly Sighting[]): Promise<void> {
  const folders = sightings.filter(({ is_folder }) => is_folder).map(({ remote_id }) => remote_id);
  if (folders.length === 0) return;
  await tx.sql`
    update files set work = 'move'
      from (select remote_id from files
             where workspace_id = ${tx.workspace} and sync_id = ${run.sync} and remote_id = any(${folders}::text[])
               and path_run_id = ${run.id}) folder
     where files.workspace_id = ${tx.workspace} and files.sync_id = ${run.sync} and files.parent_id = folder.remote_id
       and files.state = 'stored' and files.work is null`;
}

/** What lies in a completely listed folder and was not in the listing. Whether it is gone is known at the end of all. */
async function markMissing(
  tx: WorkspaceTx,
  run: OpenRun,
  sightings: readonly Sighting[],
  folders: readonly FolderProgress[],
): Promise<void> {
  const complete = folders.filter((folder) => folder.complete);
  if (complete.length === 0) return;
  await tx.sql`
    with missing as (
      select f.remote_id
        from jsonb_to_recordset(${JSON.stringify(complete)}::jsonb) as folder(remote_id text, whole boolean)
        cross join lateral (
          select remote_id from files
           where workspace_id = ${tx.workspace} and sync_id = ${run.sync} and parent_id = folder.remote_id
             and not is_folder and state <> 'removed' and reason is distinct from 'gone_at_source'
             and missing_generation is distinct from ${run.generation}
             and (folder.whole or seen_generation <> ${run.generation}) offset 0) f
      except
      select unnest(${sightings.map(({ remote_id }) => remote_id)}::text[])
    )
    update files set missing_generation = ${run.generation}
      from missing
     where files.workspace_id = ${tx.workspace} and files.sync_id = ${run.sync} and files.remote_id = missing.remote_id`;
}

/** Folders that the listing has reached and not finished; a slice of them, in the order of their ids. */
export function findFoldersToList(
  tx: WorkspaceTx,
  run: OpenRun,
  prune: boolean,
  after: string | null,
  most: number,
): Promise<FolderToList[]> {
  return tx.sql<FolderToList>`
    select remote_id, locator, path, list_cursor as cursor from files
     where sync_id = ${run.sync} and is_folder and state = 'folder' and seen_generation = ${run.generation}
       and listed_generation is distinct from ${run.generation} and failure is null
       and missing_generation is distinct from ${run.generation}
       and (not ${prune}::boolean or rollup is null or rollup is distinct from listed_rollup)
       and (${after}::text is null or remote_id > ${after})
     order by remote_id limit ${most}`;
}

/** Of these folders, those that this generation has listed, or whose roll-up says that nothing has changed below. */
export async function findListed(
  tx: WorkspaceTx,
  run: OpenRun,
  prune: boolean,
  folders: readonly RemoteId[],
): Promise<Set<RemoteId>> {
  if (folders.length === 0) return new Set();
  const rows = await tx.sql<{ remote_id: RemoteId }>`
    select remote_id from files
     where sync_id = ${run.sync} and remote_id = any(${folders}::text[])
       and (listed_generation = ${run.generation} or (${prune}::boolean and rollup is not null and rollup = listed_rollup))`;
  return new Set(rows.map(({ remote_id }) => remote_id));
}

/** A folder that could not be listed: nothing below it is taken for gone. */
export async function recordFolderFailure(
  tx: WorkspaceTx,
  run: OpenRun,
  folder: RemoteId,
  failure: { kind: string; message: string },
): Promise<void> {
  await tx.sql`
    update files set failure = ${JSON.stringify({ ...failure, at: new Date() })}::jsonb, list_cursor = null
     where sync_id = ${run.sync} and remote_id = ${folder}`;
}

/** Failures of an earlier listing say nothing about this one. */
export async function forgetFolderFailures(tx: WorkspaceTx, run: OpenRun): Promise<void> {
  await tx.sql`update files set failure = null, list_cursor = null where sync_id = ${run.sync} and is_folder and failure is not null`;
}

/** Whether this listing has written anything yet. */
export async function hasBegun(tx: WorkspaceTx, run: OpenRun): Promise<boolean> {
  const [row] = await tx.sql<{ begun: boolean }>`
    select exists (select 1 from files where sync_id = ${run.sync} and seen_generation = ${run.generation}) as begun`;
  return row?.begun === true;
}

/** Tells the planner what the table looks like by now; a first listing cannot wait for autovacuum. */
export async function analyzeFiles(tx: WorkspaceTx): Promise<void> {
  await tx.sql`select hawser.analyze_files()`;
}
