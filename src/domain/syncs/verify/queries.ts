import type { FileId, RemoteId, SyncId, UserId } from "#core/ids.ts";
import type { WorkspaceTx } from "#db/database.ts";
import type { Failure } from "../sync.ts";
import { type Difference, MOST_KEPT, type Verification } from "./verification.ts";

/** Begins one, in place of the one before. Answers its id; nothing while one is under way. */
export async function insertVerification(
  tx: WorkspaceTx,
  sync: SyncId,
  id: string,
  by: UserId | null,
): Promise<boolean> {
  const made = await tx.sql`
    insert into sync_verifications as v (workspace_id, sync_id, id, created_by)
    values (${tx.workspace}, ${sync}, ${id}, ${by})
    on conflict (workspace_id, sync_id) do update
       set id = excluded.id, state = 'queued', checked = 0, different = 0, differences = '[]', failure = null,
           created_at = now(), created_by = excluded.created_by, started_at = null, finished_at = null, updated_at = now()
     where v.state in ('done', 'failed') or v.updated_at < now() - interval '10 minutes'
    returning 1 as one`;
  return made.length > 0;
}

interface Row {
  state: Verification["state"];
  checked: number;
  different: number;
  differences: Difference[];
  failure: Failure | null;
  created_at: Date;
  started_at: Date | null;
  finished_at: Date | null;
}

export async function findVerification(tx: WorkspaceTx, sync: SyncId): Promise<Verification | undefined> {
  const [row] = await tx.sql<Row>`
    select state, checked, different, differences, failure, created_at, started_at, finished_at
      from sync_verifications where sync_id = ${sync}`;
  return (
    row && {
      state: row.state,
      checked: row.checked,
      different: row.different,
      differences: row.differences,
      failure: row.failure ?? undefined,
      createdAt: row.created_at,
      startedAt: row.started_at ?? undefined,
      finishedAt: row.finished_at ?? undefined,
    }
  );
}

/** The one that waits for somebody to take it up. */
export async function findQueued(tx: WorkspaceTx, sync: SyncId): Promise<string | undefined> {
  const [row] = await tx.sql<{ id: string }>`
    select id from sync_verifications where sync_id = ${sync} and state = 'queued'`;
  return row?.id;
}

/** False where it is over, or another one has taken its place. */
export async function beginVerification(tx: WorkspaceTx, sync: SyncId, id: string): Promise<boolean> {
  const begun = await tx.sql`
    update sync_verifications set state = 'running', checked = 0, started_at = coalesce(started_at, now()), updated_at = now()
     where sync_id = ${sync} and id = ${id} and state in ('queued', 'running') returning 1 as one`;
  return begun.length > 0;
}

/** False where another one has taken its place. */
export async function noteChecked(tx: WorkspaceTx, sync: SyncId, id: string, checked: number): Promise<boolean> {
  const noted = await tx.sql`
    update sync_verifications set checked = ${checked}, updated_at = now()
     where sync_id = ${sync} and id = ${id} and state = 'running' returning 1 as one`;
  return noted.length > 0;
}

export async function endVerification(
  tx: WorkspaceTx,
  sync: SyncId,
  id: string,
  end: { checked: number; differences: readonly Difference[]; different: number } | { failure: Failure },
): Promise<void> {
  const failed = "failure" in end;
  await tx.sql`
    update sync_verifications
       set state = ${failed ? "failed" : "done"}, finished_at = now(), updated_at = now(),
           checked = coalesce(${failed ? null : end.checked}::int, checked), different = ${failed ? 0 : end.different},
           differences = ${JSON.stringify(failed ? [] : end.differences.slice(0, MOST_KEPT))}::jsonb,
           failure = ${failed ? JSON.stringify(end.failure) : null}::jsonb
     where sync_id = ${sync} and id = ${id} and state = 'running'`;
}

/** A row of the replica, as it is compared. */
export interface KeptFile {
  id: FileId;
  remote_id: RemoteId;
  parent_id: RemoteId | null;
  name: string;
  folder: string;
  is_folder: boolean;
  locator: string | null;
  state: string;
  reason: string | null;
  version: string;
  object_key: string | null;
  object_version: string | null;
  object_size: number | null;
  object_sha256: string | null;
  failure: Failure | null;
}

export async function findKept(
  tx: WorkspaceTx,
  sync: SyncId,
  ids: readonly RemoteId[],
): Promise<Map<RemoteId, KeptFile>> {
  const rows = await tx.sql<KeptFile>`
    select f.id, f.remote_id, f.parent_id, f.name, coalesce(p.path, '') as folder, f.is_folder, f.locator, f.state, f.reason, f.version,
           f.object_key, f.object_version, f.object_size::float8 as object_size, f.object_sha256, f.failure
      from files f left join files p on p.sync_id = f.sync_id and p.remote_id = f.parent_id
     where f.sync_id = ${sync} and f.remote_id = any(${ids}::text[]) and f.state <> 'removed'`;
  return new Map(rows.map((row) => [row.remote_id, row]));
}

/** A slice of what is kept as being at the source, in the order of the provider's ids. */
export function findPresent(tx: WorkspaceTx, sync: SyncId, after: RemoteId | null, most: number): Promise<KeptFile[]> {
  return tx.sql<KeptFile>`
    select f.id, f.remote_id, f.parent_id, f.name, coalesce(p.path, '') as folder, f.is_folder, f.locator, f.state, f.reason, f.version,
           f.object_key, f.object_version, f.object_size::float8 as object_size, f.object_sha256, f.failure
      from files f left join files p on p.sync_id = f.sync_id and p.remote_id = f.parent_id
     where f.sync_id = ${sync} and f.state <> 'removed' and f.parent_id is not null
       and f.reason is distinct from 'gone_at_source' and not f.held
       and (${after}::text is null or f.remote_id > ${after})
     order by f.remote_id limit ${most}`;
}
