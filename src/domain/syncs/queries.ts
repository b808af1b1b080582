import { sql } from "kysely";
import { notFound } from "#core/errors.ts";
import { type ConnectionId, isUuid, type SyncId } from "#core/ids.ts";
import { fromCursor, toCursor } from "#core/keyset.ts";
import type { Page } from "#core/page.ts";
import type { WorkspaceTx } from "#db/database.ts";
import { readDestination, readSettings } from "./settings-schema.ts";
import type { KeptDestination, Sync, SyncSettings, Totals } from "./sync.ts";

interface SyncRow {
  id: SyncId;
  name: string;
  folded_name: string;
  description: string;
  tags: string[];
  enabled: boolean;
  connection_id: ConnectionId;
  connection_name: string;
  connection_provider: string;
  connection_status: string;
  drive_id: string;
  drive_name: string;
  folders: unknown;
  filters: unknown;
  rules: unknown;
  destination: unknown;
  max_files_per_run: number | null;
  on_delete: SyncSettings["onDelete"];
  exports: unknown;
  schedule: unknown;
  handoff: unknown;
  receiver_name: string | null;
  receiver_status: string | null;
  held_removals: number;
  held_since: Date | null;
  next_tick_at: Date | null;
  schedule_failure: string | null;
  created_at: Date;
  created_by: string | null;
  updated_at: Date;
}

export interface SyncQuery {
  limit: number;
  cursor?: string | undefined;
  /** Part of the name, in any case. */
  search?: string | undefined;
  connection?: string | undefined;
  tag?: string | undefined;
}

/** Syncs that have not been deleted, by name. */
export async function findSyncs(tx: WorkspaceTx, query: SyncQuery & { id?: SyncId }): Promise<Page<Sync>> {
  if (query.connection !== undefined && !isUuid(query.connection)) return { items: [] };
  const [afterName, afterId] = fromCursor(query.cursor, 2) ?? [null, null];
  const rows = await tx.sql<SyncRow>`
    select s.id, s.name, lower(s.name) as folded_name, s.description, s.tags, s.enabled,
           s.connection_id, c.name as connection_name, c.provider as connection_provider, c.status as connection_status,
           s.drive_id, s.drive_name, s.folders, s.filters, s.rules, s.destination, s.max_files_per_run, s.on_delete, s.exports,
           s.schedule, s.handoff, r.name as receiver_name, r.status as receiver_status, s.held_removals, s.held_since, t.next_tick_at, t.failure as schedule_failure,
           s.created_at, u.name as created_by, s.updated_at
      from syncs s
      join connections c on c.id = s.connection_id
      left join connections r on r.id = s.handoff_connection_id
      left join schedules t on t.owner_kind = 'sync' and t.owner_id = s.id
      left join identity."user" u on u.id = s.created_by
     where s.deleted_at is null
       and (${query.id ?? null}::uuid is null or s.id = ${query.id ?? null})
       and (${query.search ?? null}::text is null or position(lower(${query.search ?? null}) in lower(s.name)) > 0)
       and (${query.connection ?? null}::uuid is null or s.connection_id = ${query.connection ?? null})
       and (${query.tag ?? null}::text is null or ${query.tag ?? null} = any(s.tags))
       and (${afterId}::uuid is null or (lower(s.name), s.id) > (${afterName}, ${afterId}::uuid))
     order by lower(s.name), s.id
     limit ${query.limit + 1}`;
  const last = rows.length > query.limit ? rows[query.limit - 1] : undefined;
  return { items: rows.slice(0, query.limit).map(toSync), ...(last && { next: toCursor(last.folded_name, last.id) }) };
}

export async function findSync(tx: WorkspaceTx, id: SyncId): Promise<Sync | undefined> {
  if (!isUuid(id)) return undefined;
  const { items } = await findSyncs(tx, { id, limit: 1 });
  return items[0];
}

/** Nobody else changes or deletes it before the transaction ends. Rows of files refer to it, and can be written meanwhile. */
export async function holdSync(tx: WorkspaceTx, id: SyncId): Promise<void> {
  await tx.sql`select 1 as one from syncs where id = ${id} for no key update`;
}

/** The sync, held. */
export async function lockSync(tx: WorkspaceTx, id: SyncId): Promise<Sync | undefined> {
  await holdSync(tx, id);
  return findSync(tx, id);
}

/** Figures of the files of these syncs, in one go. */
export async function findTotals(tx: WorkspaceTx, syncs: readonly SyncId[]): Promise<Map<SyncId, Totals>> {
  const rows = await tx.sql<{ sync_id: SyncId; state: string; files: number; bytes: string }>`
    select sync_id, state, count(*)::int as files, coalesce(sum(size), 0)::text as bytes
      from files
     where sync_id = any(${syncs}::uuid[]) and not is_folder
     group by sync_id, state`;
  const totals = new Map(syncs.map((id) => [id, noFiles()]));
  for (const { sync_id, state, files, bytes } of rows) {
    const total = totals.get(sync_id);
    if (!total || !isCounted(state)) continue;
    total[state] = files;
    if (state === "skipped" || state === "removed") continue;
    total.files += files;
    total.bytes += Number(bytes);
  }
  return totals;
}

const counted = ["stored", "indexed", "waiting", "failed", "skipped", "removed"] as const;
const isCounted = (state: string): state is (typeof counted)[number] => counted.some((known) => known === state);

export const noFiles = (): Totals => ({
  files: 0,
  bytes: 0,
  stored: 0,
  indexed: 0,
  waiting: 0,
  failed: 0,
  skipped: 0,
  removed: 0,
});

export async function isSyncNameFree(tx: WorkspaceTx, name: string, except: string | undefined): Promise<boolean> {
  const taken = await tx.sql`
    select 1 as one from syncs
     where lower(name) = lower(${name.trim()}) and deleted_at is null
       and id is distinct from ${except !== undefined && isUuid(except) ? except : null}::uuid`;
  return taken.length === 0;
}

/** What the workspace's own folder is called at a destination. */
export async function findSlug(tx: WorkspaceTx): Promise<string> {
  const [row] = await tx.sql<{ slug: string }>`select slug from workspaces where id = ${tx.workspace}`;
  if (!row) throw notFound();
  return row.slug;
}

/** From here to the end of the transaction nobody else gives a folder to a sync of this workspace. */
export async function lockDestinations(tx: WorkspaceTx): Promise<void> {
  await tx.sql`select 1 as one from workspaces where id = ${tx.workspace} for no key update`;
}

/** Where the syncs of the workspace put their files, the oldest first; into whose bucket, where it is one. */
export async function findDestinations(
  tx: WorkspaceTx,
): Promise<{ id: SyncId; name: string; destination: KeptDestination; account: string | null }[]> {
  const rows = await tx.sql<{ id: SyncId; name: string; destination: unknown; account: string | null }>`
    select s.id, s.name, s.destination, c.account_id as account
      from syncs s left join connections c on c.id::text = s.destination ->> 'connection_id'
     where s.deleted_at is null and s.destination ->> 'kind' <> 'none'
     order by s.created_at, s.id`;
  return rows.map((row) => ({ ...row, destination: readDestination(row.destination) }));
}

export interface NewSyncRow extends SyncSettings {
  id: SyncId;
  connection: ConnectionId;
  drive: { id: string; name: string };
  destination: KeptDestination;
  by: string | null;
}

/** Fails with a violation of `syncs_name` where the name is taken. */
export async function insertSync(tx: WorkspaceTx, made: NewSyncRow): Promise<void> {
  await tx.sql`
    insert into syncs (workspace_id, id, connection_id, name, description, tags, enabled, drive_id, drive_name, folders,
                       filters, max_files_per_run, rules, destination, on_delete, exports, schedule, handoff, created_by, updated_by)
    values (${tx.workspace}, ${made.id}, ${made.connection}, ${made.name}, ${made.description}, ${made.tags}, ${made.enabled},
            ${made.drive.id}, ${made.drive.name}, ${JSON.stringify(made.folders)}::jsonb,
            ${JSON.stringify(made.filters)}::jsonb, ${made.maxFilesPerRun}, ${JSON.stringify(made.rules)}::jsonb,
            ${JSON.stringify(made.destination)}::jsonb, ${made.onDelete}, ${JSON.stringify(made.exports)}::jsonb,
            ${JSON.stringify(made.schedule)}::jsonb, ${made.handoff && JSON.stringify(made.handoff)}::jsonb,
            ${made.by}, ${made.by})`;
}

/**
 * Writes what is to be different and leaves the rest of the row as it is, usable or not. Another selection makes the
 * next run look at every file anew. Fails with a violation of `syncs_name` where the name is taken.
 */
export async function writeSync(
  tx: WorkspaceTx,
  id: SyncId,
  to: Partial<SyncSettings>,
  more: { otherSelection: boolean; by: string | null },
): Promise<void> {
  await tx.kysely
    .updateTable("syncs")
    .set({
      ...(to.name !== undefined && { name: to.name }),
      ...(to.description !== undefined && { description: to.description }),
      ...(to.tags !== undefined && { tags: to.tags }),
      ...(to.folders !== undefined && { folders: JSON.stringify(to.folders) }),
      ...(to.filters !== undefined && { filters: JSON.stringify(to.filters) }),
      ...(to.maxFilesPerRun !== undefined && { max_files_per_run: to.maxFilesPerRun }),
      ...(to.rules !== undefined && { rules: JSON.stringify(to.rules) }),
      ...(to.onDelete !== undefined && { on_delete: to.onDelete }),
      ...(to.exports !== undefined && { exports: JSON.stringify(to.exports) }),
      ...(to.schedule !== undefined && { schedule: JSON.stringify(to.schedule) }),
      ...(to.handoff !== undefined && { handoff: to.handoff && JSON.stringify(to.handoff) }),
      ...(more.otherSelection && { selection_version: sql<number>`selection_version + 1` }),
      updated_at: sql<Date>`now()`,
      updated_by: more.by,
    })
    .where("id", "=", id)
    .execute();
}

export async function markDeleted(tx: WorkspaceTx, id: SyncId, by: string | null): Promise<void> {
  await tx.sql`update syncs set deleted_at = now(), deleted_by = ${by}, updated_at = now() where id = ${id}`;
}

function toSync(row: SyncRow): Sync {
  const { errors, ...settings } = readSettings(row);
  return {
    ...settings,
    id: row.id,
    name: row.name,
    description: row.description,
    tags: row.tags,
    enabled: row.enabled,
    connection: {
      id: row.connection_id,
      name: row.connection_name,
      provider: row.connection_provider,
      status: row.connection_status,
    },
    drive: { id: row.drive_id, name: row.drive_name },
    receiver:
      row.receiver_name === null ? undefined : { name: row.receiver_name, status: row.receiver_status ?? "inactive" },
    maxFilesPerRun: row.max_files_per_run,
    onDelete: row.on_delete,
    heldRemovals: row.held_removals,
    heldSince: row.held_since ?? undefined,
    nextRunAt: row.enabled ? (row.next_tick_at ?? undefined) : undefined,
    scheduleFailure: row.schedule_failure ?? undefined,
    unusable: errors[0]?.detail,
    createdAt: row.created_at,
    createdBy: row.created_by ?? undefined,
    updatedAt: row.updated_at,
  };
}
