import type { SyncId, WorkspaceId } from "#core/ids.ts";
import type { Database, WorkspaceTx } from "#db/database.ts";

/**
 * The right to work on a sync (SR-83). The epoch grows with every holder: what an earlier one still tries to write
 * names an old epoch and changes nothing.
 */
export interface Lease {
  readonly workspace: WorkspaceId;
  readonly sync: SyncId;
  readonly epoch: string;
}

/** Somebody else works on the sync by now. Whatever was under way is dropped; nothing of it was written. */
export class LeaseLost extends Error {
  override readonly name = "LeaseLost";
}

/** The lease, when nobody holds one that lives. */
export async function takeLease(
  tx: WorkspaceTx,
  sync: SyncId,
  holder: string,
  seconds: number,
): Promise<Lease | undefined> {
  const [taken] = await tx.sql<{ epoch: string }>`
    insert into sync_leases as l (workspace_id, sync_id, epoch, holder, expires_at)
    values (${tx.workspace}, ${sync}, 1, ${holder}, clock_timestamp() + make_interval(secs => ${seconds}))
    on conflict (workspace_id, sync_id) do update
       set epoch = l.epoch + 1, holder = excluded.holder, expires_at = excluded.expires_at
     where l.expires_at is null or l.expires_at < clock_timestamp()
    returning epoch`;
  return taken && { workspace: tx.workspace, sync, epoch: taken.epoch };
}

/** @throws LeaseLost */
export async function renewLease(tx: WorkspaceTx, lease: Lease, seconds: number): Promise<void> {
  const [renewed] = await tx.sql`
    update sync_leases set expires_at = clock_timestamp() + make_interval(secs => ${seconds})
     where sync_id = ${lease.sync} and epoch = ${lease.epoch} and expires_at is not null
    returning 1 as one`;
  if (!renewed) throw new LeaseLost("the lease has passed to another process");
}

export async function releaseLease(tx: WorkspaceTx, lease: Lease): Promise<void> {
  await tx.sql`update sync_leases set expires_at = null, holder = null where sync_id = ${lease.sync} and epoch = ${lease.epoch}`;
}

/**
 * A transaction that commits only under the lease. The row stays locked until the end of it, so that a new holder
 * begins after these writes or they do not happen.
 * @throws LeaseLost
 */
export function underLease<T>(database: Database, lease: Lease, work: (tx: WorkspaceTx) => Promise<T>): Promise<T> {
  return database.asWorkspace({ workspace: lease.workspace }, async (tx) => {
    const [held] = await tx.sql`
      select 1 from sync_leases
       where sync_id = ${lease.sync} and epoch = ${lease.epoch} and expires_at > clock_timestamp() for share`;
    if (!held) throw new LeaseLost("the lease has passed to another process");
    return work(tx);
  });
}
