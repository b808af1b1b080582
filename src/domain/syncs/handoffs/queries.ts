import type { ConnectionId, FileId, HandoffId, SyncId } from "#core/ids.ts";
import { fromCursor, toCursor } from "#core/keyset.ts";
import type { Page } from "#core/page.ts";
import type { WorkspaceTx } from "#db/database.ts";
import type { HandoffChoice } from "../sync.ts";
import type { Handoff, HandoffReply, HandoffResult, HandoffState } from "./handoff.ts";

interface HandoffRow {
  id: HandoffId;
  sync_id: SyncId;
  file_id: FileId;
  file_name: string | null;
  folder: string | null;
  version: string;
  connection_id: ConnectionId;
  connection_name: string;
  state: HandoffState;
  attempts: number;
  queued_at: Date;
  last_sent_at: Date | null;
  next_attempt_at: Date | null;
  answer: HandoffReply | null;
  result: HandoffResult | null;
}

export interface HandoffQuery {
  limit: number;
  cursor?: string | undefined;
  state?: HandoffState | undefined;
}

/** Hand-offs of a sync, newest first: their ids begin with the time. */
export async function findHandoffs(tx: WorkspaceTx, sync: SyncId, query: HandoffQuery): Promise<Page<Handoff>> {
  const [after] = fromCursor(query.cursor, 1) ?? [null];
  const rows = await tx.sql<HandoffRow>`
    select h.id, h.sync_id, h.file_id, f.name as file_name, p.path as folder, h.version, h.connection_id,
           c.name as connection_name, h.state, h.attempts, h.queued_at, h.last_sent_at, h.next_attempt_at, h.answer,
           h.result
      from (select * from handoffs
             where sync_id = ${sync} and (${query.state ?? null}::text is null or state = ${query.state ?? null})
               and (${after}::text is null or id < ${after})
             order by id desc limit ${query.limit + 1}) h
      join connections c on c.id = h.connection_id
      left join files f on f.id = h.file_id
      left join files p on p.sync_id = f.sync_id and p.remote_id = f.parent_id
     order by h.id desc`;
  const last = rows.length > query.limit ? rows[query.limit - 1] : undefined;
  return { items: rows.slice(0, query.limit).map(toHandoff), ...(last && { next: toCursor(last.id) }) };
}

/** The latest one of a file: of the version that was stored last. */
export async function findHandoffOfFile(tx: WorkspaceTx, file: FileId): Promise<Handoff | undefined> {
  const [row] = await tx.sql<HandoffRow>`
    select h.id, h.sync_id, h.file_id, f.name as file_name, p.path as folder, h.version, h.connection_id,
           c.name as connection_name, h.state, h.attempts, h.queued_at, h.last_sent_at, h.next_attempt_at, h.answer,
           h.result
      from handoffs h
      join connections c on c.id = h.connection_id
      left join files f on f.id = h.file_id
      left join files p on p.sync_id = f.sync_id and p.remote_id = f.parent_id
     where h.file_id = ${file} order by h.queued_at desc, h.id desc limit 1`;
  return row && toHandoff(row);
}

export async function countHandoffs(tx: WorkspaceTx, sync: SyncId): Promise<Record<HandoffState, number>> {
  const rows = await tx.sql<{ state: HandoffState; handoffs: number }>`
    select state, count(*)::int as handoffs from handoffs where sync_id = ${sync} group by state`;
  const counts = { queued: 0, sending: 0, delivered: 0, rejected: 0, failed: 0, outdated: 0, cancelled: 0 };
  for (const { state, handoffs } of rows) counts[state] = handoffs;
  return counts;
}

export async function countUntold(tx: WorkspaceTx, sync: SyncId): Promise<number> {
  const [row] = await tx.sql<{ files: number }>`
    select count(*)::int as files
      from files f
     where f.sync_id = ${sync} and f.state = 'stored' and not f.is_folder and f.object_version is not null
       and not exists (select from handoffs h where h.file_id = f.id and h.version = f.object_version)`;
  return row?.files ?? 0;
}

/** Files of these syncs that nobody took, and since when the first of them waits for somebody. */
export async function findUntaken(
  tx: WorkspaceTx,
  syncs: readonly SyncId[],
): Promise<Map<SyncId, { files: number; since: Date | null }>> {
  if (syncs.length === 0) return new Map();
  const rows = await tx.sql<{ sync_id: SyncId; files: number; since: Date | null }>`
    select sync_id, count(*)::int as files, min(last_sent_at) as since
      from handoffs where sync_id = any(${syncs}::uuid[]) and state in ('failed', 'rejected') group by sync_id`;
  return new Map(rows.map(({ sync_id, ...untaken }) => [sync_id, untaken]));
}

/** What a person wants to be sent again: those named, or all that came to nothing. Answers how many there are. */
export async function requeue(
  tx: WorkspaceTx,
  sync: SyncId,
  connection: string,
  handoffs: readonly HandoffId[] | undefined,
): Promise<number> {
  const again = await tx.sql`
    update handoffs
       set state = 'queued', failures = 0, queued_at = now(), next_attempt_at = now(), connection_id = ${connection}
     where sync_id = ${sync} and state in ('failed', 'rejected', 'cancelled')
       and (${handoffs ?? null}::text[] is null and state <> 'cancelled' or id = any(${handoffs ?? []}::text[]))
    returning 1 as one`;
  return again.length;
}

/** Stored files that nobody has been told of: those from before files were handed over. */
export async function queueStored(tx: WorkspaceTx, sync: SyncId, connection: string, most: number): Promise<number> {
  const queued = await tx.sql`
    insert into handoffs (workspace_id, sync_id, file_id, version, connection_id)
    select f.workspace_id, f.sync_id, f.id, f.object_version, ${connection}
      from files f
     where f.sync_id = ${sync} and f.state = 'stored' and not f.is_folder and f.object_version is not null
       and not exists (select from handoffs h where h.file_id = f.id and h.version = f.object_version)
     limit ${most}
    on conflict do nothing
    returning 1 as one`;
  return queued.length;
}

/** What waits goes to the receiver that the sync has from now on, or to nobody. */
export async function redirectHandoffs(tx: WorkspaceTx, sync: SyncId, to: HandoffChoice | null): Promise<void> {
  if (to) {
    await tx.sql`
      update handoffs set connection_id = ${to.connection_id}
       where sync_id = ${sync} and state in ('queued', 'sending') and connection_id <> ${to.connection_id}`;
  } else {
    await tx.sql`
      update handoffs set state = 'cancelled', next_attempt_at = null
       where sync_id = ${sync} and state in ('queued', 'sending')`;
  }
}

const toHandoff = (row: HandoffRow): Handoff => ({
  id: row.id,
  sync: row.sync_id,
  file: { id: row.file_id, name: row.file_name ?? "", folder: row.folder ?? "" },
  version: row.version,
  connection: { id: row.connection_id, name: row.connection_name },
  state: row.state,
  attempts: row.attempts,
  queuedAt: row.queued_at,
  lastSentAt: row.last_sent_at ?? undefined,
  nextAttemptAt: row.state === "queued" ? (row.next_attempt_at ?? undefined) : undefined,
  answer: row.answer ?? undefined,
  result: row.result ?? undefined,
});
