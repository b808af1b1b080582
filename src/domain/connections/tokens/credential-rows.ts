import type { ConnectionId, UserId } from "#core/ids.ts";
import type { WorkspaceTx } from "#db/database.ts";
import type { AuthType } from "#provider-kit/auth.ts";

export interface CredentialRow {
  auth_type: AuthType;
  sealed: Record<string, string>;
  origins: string[];
  version: number;
  set_at: Date;
}

export async function findCredential(tx: WorkspaceTx, id: ConnectionId): Promise<CredentialRow | undefined> {
  const [row] = await tx.sql<CredentialRow>`
    select auth_type, sealed, origins, version, set_at from credentials where connection_id = ${id}`;
  return row;
}

export async function writeCredential(
  tx: WorkspaceTx,
  id: ConnectionId,
  made: {
    auth: AuthType;
    sealed: Record<string, string>;
    fingerprint: string;
    origins: readonly string[];
    by: UserId | null;
  },
): Promise<void> {
  await tx.sql`
    insert into credentials as c (workspace_id, connection_id, auth_type, sealed, fingerprint, origins, set_by)
    values (${tx.workspace}, ${id}, ${made.auth}, ${JSON.stringify(made.sealed)}::jsonb, ${made.fingerprint},
            ${made.origins}, ${made.by})
    on conflict (workspace_id, connection_id) do update
       set auth_type = excluded.auth_type, sealed = excluded.sealed, fingerprint = excluded.fingerprint,
           origins = excluded.origins, set_by = excluded.set_by, set_at = now(), version = c.version + 1`;
}

export async function deleteCredential(tx: WorkspaceTx, id: ConnectionId): Promise<void> {
  await tx.sql`delete from credentials where connection_id = ${id}`;
}
