import type { ConnectionId } from "#core/ids.ts";
import type { Database, WorkspaceTx } from "#db/database.ts";
import type { TokenLease } from "./token-state.ts";

/** The lease, when nobody holds one that lives. An intent that stands is left standing. */
export async function takeLease(
  tx: WorkspaceTx,
  connection: ConnectionId,
  holder: string,
  seconds: number,
): Promise<TokenLease | undefined> {
  const [taken] = await tx.sql<{ epoch: string }>`
    insert into token_leases as l (workspace_id, connection_id, epoch, holder, expires_at)
    values (${tx.workspace}, ${connection}, 1, ${holder}, clock_timestamp() + make_interval(secs => ${seconds}))
    on conflict (workspace_id, connection_id) do update
       set epoch = l.epoch + 1, holder = excluded.holder, expires_at = excluded.expires_at
     where l.expires_at is null or l.expires_at < clock_timestamp()
    returning epoch`;
  return taken && { workspace: tx.workspace, connection, epoch: taken.epoch };
}

/** Whether it was still ours; then it is ours for so long again. */
export async function extendLease(tx: WorkspaceTx, lease: TokenLease, seconds: number): Promise<boolean> {
  const extended = await tx.sql`
    update token_leases set expires_at = clock_timestamp() + make_interval(secs => ${seconds})
     where connection_id = ${lease.connection} and epoch = ${lease.epoch} and expires_at is not null
    returning 1 as one`;
  return extended.length > 0;
}

export async function releaseLease(tx: WorkspaceTx, lease: TokenLease): Promise<void> {
  await tx.sql`
    update token_leases set expires_at = null, holder = null
     where connection_id = ${lease.connection} and epoch = ${lease.epoch}`;
}

/** From here until its answer is stored, the refresh token of this version may have been replaced by the provider. */
export async function writeIntent(
  tx: WorkspaceTx,
  lease: TokenLease,
  version: string,
): Promise<{ at: string; time: Date }> {
  const [row] = await tx.sql<{ at: string; time: Date }>`
    update token_leases set intent_version = ${version}, intent_at = clock_timestamp()
     where connection_id = ${lease.connection} and epoch = ${lease.epoch}
    returning intent_at::text as at, intent_at as time`;
  if (!row) throw new Error("an intent is written by the holder of the lease");
  return row;
}

/**
 * The intent that stands: when it was written, as the database writes it, how old it is, and whether the lease is held.
 * Nobody writes another before the transaction ends.
 */
export async function holdIntent(
  tx: WorkspaceTx,
  id: ConnectionId,
): Promise<{ at: string; ageMs: number; isHeld: boolean } | undefined> {
  const [row] = await tx.sql<{ at: string | null; age_ms: number; is_held: boolean }>`
    select intent_at::text as at, (extract(epoch from clock_timestamp() - intent_at) * 1000)::float8 as age_ms,
           coalesce(expires_at > clock_timestamp(), false) as is_held
      from token_leases where connection_id = ${id} for update`;
  return row && row.at !== null ? { at: row.at, ageMs: row.age_ms, isHeld: row.is_held } : undefined;
}

export async function clearIntent(tx: WorkspaceTx, id: ConnectionId): Promise<void> {
  await tx.sql`update token_leases set intent_version = null, intent_at = null where connection_id = ${id}`;
}

/** Whoever is asking at this moment brings his answer too late: another grant, or none, has taken the place of his. */
export async function outdateLease(tx: WorkspaceTx, id: ConnectionId): Promise<void> {
  await tx.sql`
    update token_leases
       set epoch = epoch + 1, holder = null, expires_at = null, intent_version = null, intent_at = null
     where connection_id = ${id}`;
}

/**
 * Keeps a lease alive until `stop`. That it has been lost is found out when the answer is stored; the request is not
 * broken off for it, because its answer may be the only copy of the next refresh token.
 */
export function keepLease(database: Database, lease: TokenLease, seconds: number): { stop(): void } {
  const renew = () => database.asWorkspace({ workspace: lease.workspace }, (tx) => extendLease(tx, lease, seconds));
  const timer = setInterval(() => void renew().catch(() => {}), (seconds * 1000) / 3);
  return { stop: () => clearInterval(timer) };
}
