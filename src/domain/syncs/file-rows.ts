import { type RawBuilder, sql } from "kysely";
import { type FileId, isUuid, type SyncId } from "#core/ids.ts";
import { fromCursor, toCursor } from "#core/keyset.ts";
import type { Page } from "#core/page.ts";
import type { WorkspaceTx } from "#db/database.ts";
import type { FileState, SyncedFile } from "./file.ts";
import type { Failure } from "./sync.ts";

export interface FileFilter {
  /** Part of a name or of a folder's path, in any case. */
  search?: string | undefined;
  /** Without one: all that have not been removed. */
  state?: FileState | "held" | undefined;
  metadata?: { part: string; value: string } | undefined;
}

export interface FileQuery extends FileFilter {
  limit: number;
  cursor?: string | undefined;
  sort: keyof typeof orders;
}

interface FileRow {
  id: FileId;
  sync_id: SyncId;
  remote_id: string;
  name: string;
  folder: string;
  state: FileState;
  work: "copy" | "move" | null;
  held: boolean;
  reason: string | null;
  failure: Failure | null;
  attempts: number;
  size: string | null;
  media_type: string | null;
  link: string | null;
  version: string;
  metadata: Record<string, string> | null;
  remote_created_at: Date | null;
  remote_modified_at: Date | null;
  object_key: string | null;
  object_size: string | null;
  object_sha256: string | null;
  stored_at: Date | null;
  first_seen_at: Date;
  changed_at: Date;
  removed_at: Date | null;
}

/** What each order is by, and where a page left off: an expression and the direction in which it is read. */
const orders = {
  changed: { by: sql`f.changed_at`, type: sql`timestamptz`, descending: true },
  name: { by: sql`lower(f.name)`, type: sql`text`, descending: false },
  // Files whose size nobody knows come last.
  size: { by: sql`coalesce(f.size, -1)`, type: sql`bigint`, descending: true },
} as const;

/** One page of a sync's files. Folder and metadata come from the folder's row, looked up for the page alone. */
export async function findFiles(tx: WorkspaceTx, sync: SyncId, query: FileQuery): Promise<Page<SyncedFile>> {
  const { by, type, descending } = orders[query.sort];
  const [afterValue, afterId] = fromCursor(query.cursor, 2) ?? [null, null];
  const direction = descending ? sql`desc` : sql`asc`;
  const after =
    afterId === null
      ? sql`true`
      : sql`(${by}, f.id) ${descending ? sql`<` : sql`>`} (${afterValue}::${type}, ${afterId}::uuid)`;
  const { rows } = await sql<FileRow & { position: string }>`
    with page as (
      select f.*, ${by} as order_value
        from files f
       where f.sync_id = ${sync} and ${matching(sync, query)} and ${after}
       order by ${by} ${direction}, f.id ${direction}
       limit ${query.limit + 1}
    )
    select ${columns}, f.order_value::text as position
      from page f
      left join files parent on parent.sync_id = f.sync_id and parent.remote_id = f.parent_id
     order by f.order_value ${direction}, f.id ${direction}`.execute(tx.kysely);
  const last = rows.length > query.limit ? rows[query.limit - 1] : undefined;
  return { items: rows.slice(0, query.limit).map(toFile), ...(last && { next: toCursor(last.position, last.id) }) };
}

export async function countFiles(tx: WorkspaceTx, sync: SyncId, filter: FileFilter): Promise<number> {
  const { rows } = await sql<{ files: string }>`
    select count(*) as files from files f where f.sync_id = ${sync} and ${matching(sync, filter)}`.execute(tx.kysely);
  return Number(rows[0]?.files ?? 0);
}

export async function findFile(tx: WorkspaceTx, sync: SyncId, id: FileId): Promise<SyncedFile | undefined> {
  if (!isUuid(id)) return undefined;
  const { rows } = await sql<FileRow>`
    select ${columns}
      from files f
      left join files parent on parent.sync_id = f.sync_id and parent.remote_id = f.parent_id
     where f.sync_id = ${sync} and f.id = ${id} and not f.is_folder`.execute(tx.kysely);
  return rows[0] && toFile(rows[0]);
}

/** What is known of a file besides, for the page that shows it alone. */
export interface FileDetails {
  /** The version that the stored bytes are of. */
  storedVersion: string | null;
  /** The media type that a document without bytes of its own is turned into. */
  exportAs: string | null;
  /** What else the source tells of it. */
  source: Record<string, string | number | boolean>;
}

export async function findFileDetails(tx: WorkspaceTx, sync: SyncId, id: FileId): Promise<FileDetails | undefined> {
  const [row] = await tx.sql<FileDetails>`
    select object_version as "storedVersion", export_as as "exportAs", coalesce(provider_metadata, '{}') as source
      from files where sync_id = ${sync} and id = ${id}`;
  return row;
}

/**
 * Folders are searched first, there are far fewer of them, and remembered in a hash; `coalesce` keeps the planner from
 * making a join of it, for which it needs figures that a table has not got right after its first sync.
 */
function matching(sync: SyncId, { search, state, metadata }: FileFilter): RawBuilder<boolean> {
  const liesIn = (folder: RawBuilder<boolean>) => sql<boolean>`coalesce(f.parent_id in (
    select d.remote_id from files d where d.sync_id = ${sync} and d.is_folder and ${folder}), false)`;
  const conditions = [sql<boolean>`not f.is_folder`];
  if (state === "held") conditions.push(sql`f.held`);
  else if (state) conditions.push(sql`f.state = ${state}`);
  else conditions.push(sql`f.state <> 'removed'`);
  if (search) {
    const inPath = liesIn(sql`position(lower(${search}) in lower(d.path)) > 0`);
    conditions.push(sql`(position(lower(${search}) in lower(f.name)) > 0 or ${inPath})`);
  }
  if (metadata) conditions.push(liesIn(sql`d.metadata ->> ${metadata.part} = ${metadata.value}`));
  return sql.join(conditions, sql` and `);
}

const columns = sql`
  f.id, f.sync_id, f.remote_id, f.name, coalesce(parent.path, '') as folder, f.state, f.work, f.held, f.reason, f.failure,
  f.attempts, f.size, f.media_type, f.link, f.version, parent.metadata, f.remote_created_at, f.remote_modified_at,
  f.object_key, f.object_size, f.object_sha256, f.stored_at, f.first_seen_at, f.changed_at, f.removed_at`;

const toFile = (row: FileRow): SyncedFile => ({
  id: row.id,
  sync: row.sync_id,
  remoteId: row.remote_id,
  name: row.name,
  folder: row.folder,
  state: row.state,
  work: row.work,
  held: row.held,
  reason: row.reason,
  failure: row.failure ?? undefined,
  attempts: row.attempts,
  size: row.size === null ? null : Number(row.size),
  mediaType: row.media_type,
  link: row.link,
  version: row.version,
  metadata: row.metadata ?? {},
  createdAt: row.remote_created_at ?? undefined,
  modifiedAt: row.remote_modified_at ?? undefined,
  object:
    row.object_key !== null && row.object_sha256 !== null && row.stored_at !== null
      ? { key: row.object_key, size: Number(row.object_size ?? 0), sha256: row.object_sha256, storedAt: row.stored_at }
      : undefined,
  firstSeenAt: row.first_seen_at,
  changedAt: row.changed_at,
  removedAt: row.removed_at ?? undefined,
});
