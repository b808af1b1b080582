import { type ConnectionId, type FileId, isUuid, type SyncId, type WorkspaceId } from "#core/ids.ts";
import type { GlobalTx, WorkspaceTx } from "#db/database.ts";
import type { HandoffResult } from "./handoff.ts";

export async function locatePlace(
  tx: GlobalTx,
  placeHash: Uint8Array,
): Promise<{ workspace: WorkspaceId; connection: ConnectionId } | undefined> {
  const [row] = await tx.sql<{ workspace_id: WorkspaceId; connection_id: ConnectionId }>`
    select workspace_id, connection_id from find_result_place(${placeHash})`;
  return row && { workspace: row.workspace_id, connection: row.connection_id };
}

/** The sealed secret of a place that is still the one. */
export async function findPlaceSecret(
  tx: WorkspaceTx,
  connection: ConnectionId,
  placeHash: Uint8Array,
): Promise<string | undefined> {
  const [row] = await tx.sql<{ secret: string }>`
    select secret from result_places where connection_id = ${connection} and place_hash = ${placeHash}`;
  return row?.secret;
}

/** In the place of any earlier one, which then is nobody's any more. */
export async function writePlace(
  tx: WorkspaceTx,
  connection: ConnectionId,
  place: { hash: Uint8Array; secret: string; by: string | null },
): Promise<void> {
  await tx.sql`
    insert into result_places (workspace_id, connection_id, place_hash, secret, made_by)
    values (${tx.workspace}, ${connection}, ${place.hash}, ${place.secret}, ${place.by})
    on conflict (workspace_id, connection_id) do update
       set place_hash = excluded.place_hash, secret = excluded.secret, made_by = excluded.made_by, made_at = now()`;
}

/**
 * Keeps what a receiver says of the latest version that it was told of, unless it has said something since: what comes
 * late, or twice, changes nothing. Nothing where it was never told of such a file.
 */
export async function keepResult(
  tx: WorkspaceTx,
  connection: ConnectionId,
  document: string,
  result: HandoffResult,
): Promise<{ sync: SyncId } | undefined> {
  if (!isUuid(document)) return undefined;
  const [latest] = await tx.sql<{ id: string; sync_id: SyncId }>`
    select id, sync_id from handoffs
     where file_id = ${document as FileId} and connection_id = ${connection} and first_sent_at is not null
     order by queued_at desc, id desc limit 1`;
  if (!latest) return undefined;
  await tx.sql`
    update handoffs set result = ${JSON.stringify(result)}::jsonb, result_at = ${result.at}
     where id = ${latest.id} and (result_at is null or result_at < ${result.at})`;
  return { sync: latest.sync_id };
}
