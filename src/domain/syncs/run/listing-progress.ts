// How far a sync is: the listing it has made, the place in the feed from which on it reads.
import type { Cursor, RemoteId } from "#core/ids.ts";
import type { WorkspaceTx } from "#db/database.ts";
import type { OpenRun } from "./run.ts";
import { top } from "./tree.ts";

/** Keeps where the feed stood before this listing began; nothing for a source without one. */
export async function beginFeed(tx: WorkspaceTx, run: OpenRun, cursor: Cursor | undefined): Promise<void> {
  await tx.sql`
    update syncs set change_cursor = ${cursor ?? null}, cursor_generation = ${cursor === undefined ? null : run.generation}
     where id = ${run.sync}`;
}

/** From where on the changes since this listing are read. */
export async function readCursor(tx: WorkspaceTx, run: OpenRun): Promise<Cursor | undefined> {
  const [row] = await tx.sql<{ change_cursor: Cursor | null }>`
    select change_cursor from syncs where id = ${run.sync} and cursor_generation = ${run.generation}`;
  return row?.change_cursor ?? undefined;
}

/** The listing has come to its end. `walked`: every folder was looked at, whatever its roll-up said. */
export async function finishListing(tx: WorkspaceTx, run: OpenRun, { walked }: { walked: boolean }): Promise<void> {
  await tx.sql`
    update syncs set listed_generation = ${run.generation}, walked_at = case when ${walked} then now() else walked_at end
     where id = ${run.sync}`;
}

/** Something was left undecided that no feed, and no roll-up, would tell of again. */
export async function listAgainNextTime(tx: WorkspaceTx, run: OpenRun): Promise<void> {
  await tx.sql`update syncs set listed_generation = null, walked_at = null where id = ${run.sync}`;
}

/** Where a listing of the whole drive left off, and the folders that it has written. The row of the top remembers. */
export async function loadDriveProgress(
  tx: WorkspaceTx,
  run: OpenRun,
): Promise<{ isDone: boolean; cursor: Cursor | undefined; folders: Map<RemoteId, string> }> {
  const [at] = await tx.sql<{ list_cursor: Cursor | null; is_done: boolean }>`
    select list_cursor, listed_generation is not distinct from ${run.generation} as is_done
      from files where sync_id = ${run.sync} and remote_id = ${top}`;
  if (!at || at.is_done || at.list_cursor === null) {
    return { isDone: at?.is_done === true, cursor: undefined, folders: new Map() };
  }
  const rows = await tx.sql<{ remote_id: RemoteId; path: string }>`
    select remote_id, path from files
     where sync_id = ${run.sync} and is_folder and state = 'folder' and seen_generation = ${run.generation}`;
  return { isDone: false, cursor: at.list_cursor, folders: new Map(rows.map((row) => [row.remote_id, row.path])) };
}

export async function noteDriveProgress(tx: WorkspaceTx, run: OpenRun, reached: Cursor): Promise<void> {
  await tx.sql`update files set list_cursor = ${reached} where sync_id = ${run.sync} and remote_id = ${top}`;
}

/** All folders that the listing of the drive showed are listed, but for these. Answers how many. */
export async function finishDrive(tx: WorkspaceTx, run: OpenRun, unlisted: readonly RemoteId[]): Promise<number> {
  const rows = await tx.sql`
    update files set listed_generation = ${run.generation}, list_cursor = null
     where sync_id = ${run.sync} and is_folder and state = 'folder' and seen_generation = ${run.generation}
       and not remote_id = any(${unlisted}::text[])
    returning 1 as one`;
  return rows.length;
}

/**
 * A feed says nothing of files that failed or could not be found when they were copied, nor is a folder listed whose
 * roll-up is the same: they are tried again with each run. They are counted when they are met, or when copying begins.
 */
export async function workAgain(tx: WorkspaceTx, run: OpenRun): Promise<void> {
  await tx.sql`
    update files
       set work = 'copy', failure = null, reason = null, state = case when object_key is null then 'waiting' else 'stored' end
     where sync_id = ${run.sync} and not is_folder and missing_generation is null and run_id is distinct from ${run.id}
       and (state = 'failed' or (reason = 'vanished' and state in ('skipped', 'stored')))`;
}
