import { type CallId, type ConnectionId, isUuid } from "#core/ids.ts";
import { fromCursor, toCursor } from "#core/keyset.ts";
import type { Page } from "#core/page.ts";
import type { WorkspaceTx } from "#db/database.ts";
import type { Actor } from "#domain/audit/actor.ts";
import type { Failure } from "../connection.ts";
import type { Call, CallAttempt, CallSummary, ShownRequest, ShownResponse } from "./call.ts";

const KEPT = { most: 500, days: 30 };
/** Answers of one connection that are kept to be given again. */
const MOST_ANSWERS = 500;

interface CallRow {
  id: CallId;
  connection_id: ConnectionId;
  at: Date;
  action: string | null;
  actor_label: string;
  request: ShownRequest | null;
  response: ShownResponse | null;
  failure: Failure | null;
  took_ms: number;
  attempts: CallAttempt[];
  cached: boolean;
}

/** Keeps a call, and no more than the newest 500 of the connection's last 30 days. */
export async function insertCall(tx: WorkspaceTx, call: Call, actor: Actor): Promise<void> {
  await tx.sql`
    insert into action_calls (workspace_id, id, connection_id, action, at, actor_kind, actor_id, actor_label, request,
                              response, status, failure, took_ms, attempts, cached)
    values (${tx.workspace}, ${call.id}, ${call.connection}, ${call.action ?? null}, ${call.at}, ${actor.kind},
            ${"id" in actor ? actor.id : null}, ${call.actor}, ${toJson(call.request ?? null)}::jsonb,
            ${call.response ? toJson(call.response) : null}::jsonb, ${call.response?.status ?? null},
            ${call.failure ? toJson(call.failure) : null}::jsonb, ${call.tookMs}, ${toJson(call.attempts)}::jsonb,
            ${call.cached})`;
  await deleteOldCalls(tx, call.connection);
}

/** What is kept no longer: of its calls, and of answers that were to be given again. */
export async function deleteOldCalls(tx: WorkspaceTx, connection: ConnectionId): Promise<void> {
  await tx.sql`
    delete from action_calls
     where connection_id = ${connection}
       and (at < clock_timestamp() - make_interval(days => ${KEPT.days})
            or (at, id) < (select at, id from action_calls where connection_id = ${connection}
                            order by at desc, id desc offset ${KEPT.most - 1} limit 1))`;
  await tx.sql`delete from action_cache where connection_id = ${connection} and expires_at <= clock_timestamp()`;
}

/** All of it, of a connection that nobody finds any more. */
export async function deleteCalls(tx: WorkspaceTx, connection: ConnectionId): Promise<void> {
  await tx.sql`delete from action_calls where connection_id = ${connection}`;
  await tx.sql`delete from action_cache where connection_id = ${connection}`;
}

/** Newest first. */
export async function findCalls(
  tx: WorkspaceTx,
  connection: ConnectionId,
  query: { limit: number; cursor?: string | undefined },
): Promise<Page<CallSummary>> {
  const [beforeAt, beforeId] = fromCursor(query.cursor, 2) ?? [null, null];
  const rows = await tx.sql<
    Omit<CallRow, "request" | "response" | "attempts"> & {
      exact_at: string;
      method: string | null;
      url: string | null;
      status: number | null;
      attempts: number;
    }
  >`
    select id, connection_id, at, at::text as exact_at, action, actor_label, failure, took_ms, cached, status,
           request ->> 'method' as method, request ->> 'url' as url, jsonb_array_length(attempts) as attempts
      from action_calls
     where connection_id = ${connection}
       and (${beforeId}::uuid is null or (at, id) < (${beforeAt}::timestamptz, ${beforeId}::uuid))
     order by at desc, id desc limit ${query.limit + 1}`;
  const items = rows.slice(0, query.limit);
  const last = items.at(-1);
  return {
    items: items.map((row) => ({
      ...common(row),
      method: row.method ?? undefined,
      url: row.url ?? undefined,
      status: row.status ?? undefined,
      attempts: row.attempts,
    })),
    ...(last && rows.length > query.limit && { next: toCursor(last.exact_at, last.id) }),
  };
}

export async function findCall(tx: WorkspaceTx, id: CallId): Promise<Call | undefined> {
  if (!isUuid(id)) return undefined;
  const [row] = await tx.sql<CallRow>`
    select a.id, a.connection_id, a.at, a.action, a.actor_label, a.request, a.response, a.failure, a.took_ms, a.attempts,
           a.cached
      from action_calls a join connections c on c.id = a.connection_id and c.deleted_at is null
     where a.id = ${id}`;
  if (!row) return undefined;
  const { request, response, attempts } = row;
  return { ...common(row), request: request ?? undefined, response: response ?? undefined, attempts };
}

const common = (row: Omit<CallRow, "request" | "response" | "attempts">) => ({
  id: row.id,
  connection: row.connection_id,
  at: row.at,
  action: row.action ?? undefined,
  actor: row.actor_label,
  failure: row.failure ?? undefined,
  tookMs: row.took_ms,
  cached: row.cached,
});

/** What a kept answer belongs to (SR-65). */
export interface CacheKey {
  connection: ConnectionId;
  /** Of everything that the request was signed or filled with. */
  credentialVersion: string;
  requestHash: Uint8Array;
}

export async function findKept(tx: WorkspaceTx, key: CacheKey): Promise<ShownResponse | undefined> {
  const [row] = await tx.sql<{ response: ShownResponse }>`
    select response from action_cache
     where connection_id = ${key.connection} and request_hash = ${key.requestHash}
       and credential_version = ${key.credentialVersion} and expires_at > clock_timestamp()`;
  return row?.response;
}

export async function keepResponse(
  tx: WorkspaceTx,
  key: CacheKey,
  { action, response, seconds }: { action: string; response: ShownResponse; seconds: number },
): Promise<void> {
  await tx.sql`
    insert into action_cache (workspace_id, connection_id, credential_version, request_hash, action, response, stored_at,
                              expires_at)
    values (${tx.workspace}, ${key.connection}, ${key.credentialVersion}, ${key.requestHash}, ${action},
            ${toJson(response)}::jsonb, clock_timestamp(), clock_timestamp() + make_interval(secs => ${seconds}))
        on conflict (workspace_id, connection_id, request_hash) do update
       set credential_version = excluded.credential_version, action = excluded.action, response = excluded.response,
           stored_at = excluded.stored_at, expires_at = excluded.expires_at`;
  await tx.sql`
    delete from action_cache
     where connection_id = ${key.connection}
       and request_hash in (select request_hash from action_cache where connection_id = ${key.connection}
                             order by stored_at desc offset ${MOST_ANSWERS})`;
}

/** JSON as PostgreSQL takes it: it has no NUL, and no half of a surrogate pair. */
function toJson(value: unknown): string {
  return JSON.stringify(value, (_, entry: unknown) =>
    typeof entry === "string" ? entry.toWellFormed().replaceAll("\0", "\ufffd") : entry,
  );
}
