// Connections together with what is known about them in other tables, for lists and pages.
import type { ConnectionId } from "#core/ids.ts";
import { fromCursor, toCursor } from "#core/keyset.ts";
import type { Page } from "#core/page.ts";
import type { WorkspaceTx } from "#db/database.ts";
import type { AuthType } from "#provider-kit/auth.ts";
import type { ConnectionInUse, ConnectionStatus, Failure, StoredCredential, StoredTokens } from "./connection.ts";
import { type ConnectionRow, toConnection } from "./queries.ts";

export async function findConnectionInUse(tx: WorkspaceTx, id: ConnectionId): Promise<ConnectionInUse | undefined> {
  const { items } = await findConnectionsInUse(tx, { id, limit: 1 });
  return items[0];
}

export interface ConnectionQuery {
  id?: ConnectionId;
  limit: number;
  cursor?: string | undefined;
  /** Part of the name or of a tag, in any case. */
  search?: string | undefined;
  status?: ConnectionStatus | undefined;
  provider?: string | undefined;
  tag?: string | undefined;
}

/** Connections by name, with what the syncs do with them. */
export async function findConnectionsInUse(tx: WorkspaceTx, query: ConnectionQuery): Promise<Page<ConnectionInUse>> {
  const [afterName, afterId] = fromCursor(query.cursor, 2) ?? [null, null];
  const rows = await tx.sql<ConnectionInUseRow>`
    with page as (
      select * from connections
       where deleted_at is null
         and (${query.id ?? null}::uuid is null or id = ${query.id ?? null})
         and (${query.search ?? null}::text is null or position(lower(${query.search ?? null}) in lower(name)) > 0
              or exists (select from unnest(tags) tag where position(lower(${query.search ?? null}) in lower(tag)) > 0))
         and (${query.status ?? null}::text is null or status = ${query.status ?? null})
         and (${query.provider ?? null}::text is null or provider = ${query.provider ?? null})
         and (${query.tag ?? null}::text is null or ${query.tag ?? null} = any(tags))
         and (${afterId}::uuid is null or (lower(name), id) > (${afterName}, ${afterId}::uuid))
       order by lower(name), id
       limit ${query.limit + 1}
    ), used as (
      select page.id as connection_id, count(*)::int as syncs,
             max(r.started_at) filter (where s.connection_id = page.id) as last_used_at
        from page
        join syncs s on (s.connection_id = page.id or s.handoff_connection_id = page.id
                         or s.destination ->> 'connection_id' = page.id::text) and s.deleted_at is null
        left join lateral (
          select started_at from sync_runs where sync_id = s.id order by created_at desc limit 1
        ) r on true
       group by page.id
    )
    select c.id, c.provider, c.name, c.config, c.tags, c.auth_type, c.sandbox, c.kept, c.status, c.account_id,
           c.account_label, c.failure, c.checked_at, c.check_at, c.created_at, u.name as created_by, c.updated_at,
           coalesce(used.syncs, 0) as syncs,
           greatest(used.last_used_at,
                    (select max(last_at) from credential_uses cu where cu.connection_id = c.id)) as last_used_at,
           cr.auth_type as credential_type, cr.fingerprint, cr.set_at, setter.name as set_by,
           t.access_token is not null as has_access, t.refresh_token is not null as has_refresh, t.scopes, t.client_id,
           t.granted_at, t.obtained_at, t.expires_at, t.refresh_expires_at, t.idle_expires_at, t.renew_at,
           t.failing_since, t.retry_at, t.failure as token_failure
      from page c
      left join used on used.connection_id = c.id
      left join credentials cr on cr.connection_id = c.id
      left join token_sets t on t.connection_id = c.id
      left join identity."user" u on u.id = c.created_by
      left join identity."user" setter on setter.id = cr.set_by
     order by lower(c.name), c.id`;
  const items = rows.slice(0, query.limit).map(toConnectionInUse);
  const last = items.at(-1);
  if (!last || rows.length <= query.limit) return { items };
  // The database folds the name once more: its idea of lower case is the one that counts.
  return { items, next: toCursor(await fold(tx, last.name), last.id) };
}

async function fold(tx: WorkspaceTx, name: string): Promise<string> {
  const [row] = await tx.sql<{ folded: string }>`select lower(${name}::text) as folded`;
  return row?.folded ?? name;
}

interface ConnectionInUseRow extends ConnectionRow {
  syncs: number;
  last_used_at: Date | null;
  check_at: Date | null;
  credential_type: AuthType | null;
  fingerprint: string | null;
  set_at: Date | null;
  set_by: string | null;
  has_access: boolean;
  has_refresh: boolean;
  scopes: string[];
  client_id: string | null;
  /** Null where there are no tokens; then so are those that follow. */
  granted_at: Date | null;
  obtained_at: Date;
  expires_at: Date | null;
  refresh_expires_at: Date | null;
  idle_expires_at: Date | null;
  renew_at: Date | null;
  failing_since: Date | null;
  retry_at: Date | null;
  token_failure: Failure | null;
}

const toConnectionInUse = (row: ConnectionInUseRow): ConnectionInUse => ({
  ...toConnection(row),
  syncs: row.syncs,
  lastUsedAt: row.last_used_at ?? undefined,
  nextCheckAt: row.check_at ?? undefined,
  credential: toCredential(row),
  tokens: toTokens(row),
});

function toCredential(row: ConnectionInUseRow): StoredCredential | undefined {
  const { credential_type: authType, fingerprint, set_at: setAt, set_by } = row;
  if (authType === null || fingerprint === null || setAt === null) return undefined;
  return { authType, fingerprint, setAt, setBy: set_by ?? undefined };
}

function toTokens(row: ConnectionInUseRow): StoredTokens | undefined {
  if (row.granted_at === null) return undefined;
  return {
    hasAccess: row.has_access,
    hasRefresh: row.has_refresh,
    scopes: row.scopes,
    clientId: row.client_id ?? undefined,
    grantedAt: row.granted_at,
    obtainedAt: row.obtained_at,
    expiresAt: row.expires_at ?? undefined,
    refreshExpiresAt: row.refresh_expires_at ?? undefined,
    idleExpiresAt: row.idle_expires_at ?? undefined,
    renewAt: row.renew_at ?? undefined,
    failingSince: row.failing_since ?? undefined,
    retryAt: row.retry_at ?? undefined,
    failure: row.token_failure ?? undefined,
  };
}
