import type { ConnectionId } from "#core/ids.ts";
import type { WorkspaceTx } from "#db/database.ts";
import type { Failure } from "../connection.ts";

/** The workspace's own OAuth client at a provider, without its secret. */
export interface OwnClient {
  clientId: string;
  hasSecret: boolean;
  fingerprint: string | undefined;
  setAt: Date;
  setBy: string | undefined;
}

export async function findClient(tx: WorkspaceTx, provider: string): Promise<OwnClient | undefined> {
  const [row] = await tx.sql<{
    client_id: string;
    has_secret: boolean;
    fingerprint: string | null;
    set_at: Date;
    set_by: string | null;
  }>`
    select o.client_id, o.client_secret is not null as has_secret, o.fingerprint, o.set_at, u.name as set_by
      from oauth_clients o left join identity."user" u on u.id = o.set_by
     where o.provider = ${provider}`;
  return (
    row && {
      clientId: row.client_id,
      hasSecret: row.has_secret,
      fingerprint: row.fingerprint ?? undefined,
      setAt: row.set_at,
      setBy: row.set_by ?? undefined,
    }
  );
}

/** The same with its secret, as ciphertext, and where that may go. */
export async function findSealedClient(
  tx: WorkspaceTx,
  provider: string,
): Promise<{ client_id: string; client_secret: string | null; origins: string[] } | undefined> {
  const [row] = await tx.sql<{ client_id: string; client_secret: string | null; origins: string[] }>`
    select client_id, client_secret, origins from oauth_clients where provider = ${provider}`;
  return row;
}

/** The ids of all that the workspace has, by their providers. */
export async function findClientIds(tx: WorkspaceTx): Promise<ReadonlyMap<string, string>> {
  const rows = await tx.sql<{ provider: string; client_id: string }>`select provider, client_id from oauth_clients`;
  return new Map(rows.map(({ provider, client_id }) => [provider, client_id]));
}

export async function writeClient(
  tx: WorkspaceTx,
  made: {
    provider: string;
    clientId: string;
    /** Ciphertext. */
    secret: string | null;
    fingerprint: string | null;
    origins: readonly string[];
    by: string | null;
  },
): Promise<void> {
  await tx.sql`
    insert into oauth_clients (workspace_id, provider, client_id, client_secret, fingerprint, origins, set_by)
    values (${tx.workspace}, ${made.provider}, ${made.clientId}, ${made.secret}, ${made.fingerprint}, ${made.origins},
            ${made.by})
    on conflict (workspace_id, provider) do update
       set client_id = excluded.client_id, client_secret = excluded.client_secret, fingerprint = excluded.fingerprint,
           origins = excluded.origins, set_by = excluded.set_by, set_at = now()`;
}

/** False when there was none. */
export async function deleteClient(tx: WorkspaceTx, provider: string): Promise<boolean> {
  const deleted = await tx.sql`delete from oauth_clients where provider = ${provider} returning 1 as one`;
  return deleted.length > 0;
}

export async function deleteClients(tx: WorkspaceTx): Promise<void> {
  await tx.sql`delete from oauth_clients`;
}

/** Connections that people have signed in to at a provider, and with which client. */
export async function findGrants(
  tx: WorkspaceTx,
  provider: string,
): Promise<{ id: ConnectionId; name: string; clientId: string; failure: Failure | null }[]> {
  return tx.sql`
    select c.id, c.name, t.client_id as "clientId", c.failure
      from connections c join token_sets t on t.connection_id = c.id
     where c.provider = ${provider} and not c.sandbox and c.deleted_at is null and t.client_id is not null
     order by c.id`;
}

/** Those that fail are tested soon, and what was put off for the client's sake is tried at once. */
export async function tryAgainSoon(tx: WorkspaceTx, provider: string): Promise<void> {
  await tx.sql`
    update connections set check_at = clock_timestamp()
     where provider = ${provider} and not sandbox and deleted_at is null and status = 'error'`;
}
