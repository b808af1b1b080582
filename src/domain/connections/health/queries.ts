import type { ConnectionId } from "#core/ids.ts";
import type { WorkspaceTx } from "#db/database.ts";
import type { ConnectionStatus, Failure } from "../connection.ts";

export interface UseCount {
  connection: ConnectionId;
  purpose: string;
  uses: number;
  failures: number;
  /** The last of them. */
  at: Date;
}

/** Adds to the hour of each; what is of a connection that is gone for good is dropped. */
export async function addUses(tx: WorkspaceTx, counts: readonly UseCount[]): Promise<void> {
  await tx.sql`
    insert into credential_uses as u (workspace_id, connection_id, hour, purpose, uses, failures, last_at)
    select ${tx.workspace}::uuid, n.connection_id, date_trunc('hour', n.at, 'UTC'), n.purpose, n.uses, n.failures, n.at
      from unnest(${counts.map(({ connection }) => connection)}::uuid[], ${counts.map(({ purpose }) => purpose)}::text[],
                  ${counts.map(({ uses }) => uses)}::int[], ${counts.map(({ failures }) => failures)}::int[],
                  ${counts.map(({ at }) => at)}::timestamptz[]) as n (connection_id, purpose, uses, failures, at)
      join connections c on c.id = n.connection_id
    on conflict (workspace_id, connection_id, hour, purpose) do update
       set uses = u.uses + excluded.uses, failures = u.failures + excluded.failures,
           last_at = greatest(u.last_at, excluded.last_at)`;
}

export interface UsePoint {
  at: Date;
  uses: number;
  failures: number;
}

export interface PurposeCount {
  purpose: string;
  uses: number;
  failures: number;
  lastAt: Date;
}

/** Uses since `from` by hour or by day (UTC), oldest first; times without one are left out. */
export async function findUsePoints(
  tx: WorkspaceTx,
  connection: ConnectionId,
  from: Date,
  unit: "hour" | "day",
): Promise<UsePoint[]> {
  return tx.sql<UsePoint>`
    select date_trunc(${unit}, hour, 'UTC') as at, sum(uses)::int as uses, sum(failures)::int as failures
      from credential_uses where connection_id = ${connection} and hour >= ${from}
     group by 1 order by 1`;
}

/** The same by what they were for, most first. */
export async function findPurposes(tx: WorkspaceTx, connection: ConnectionId, from: Date): Promise<PurposeCount[]> {
  return tx.sql<PurposeCount>`
    select purpose, sum(uses)::int as uses, sum(failures)::int as failures, max(last_at) as "lastAt"
      from credential_uses where connection_id = ${connection} and hour >= ${from}
     group by purpose order by 2 desc, purpose`;
}

export async function deleteOldUses(tx: WorkspaceTx, connection: ConnectionId, days: number): Promise<void> {
  await tx.sql`
    delete from credential_uses
     where connection_id = ${connection} and hour < clock_timestamp() - make_interval(days => ${days})`;
}

export type CheckTrigger = "person" | "schedule" | "connect" | "change";

export interface CheckRecord {
  at: Date;
  trigger: CheckTrigger;
  tookMs: number;
  failure: Failure | undefined;
}

export async function insertCheck(
  tx: WorkspaceTx,
  connection: ConnectionId,
  { trigger, tookMs, failure }: Omit<CheckRecord, "at">,
): Promise<void> {
  await tx.sql`
    insert into connection_checks (workspace_id, connection_id, trigger, took_ms, failure)
    values (${tx.workspace}, ${connection}, ${trigger}, ${tookMs}, ${failure ? JSON.stringify(failure) : null}::jsonb)`;
}

export async function deleteOldChecks(
  tx: WorkspaceTx,
  connection: ConnectionId,
  keep: { most: number; days: number },
): Promise<void> {
  await tx.sql`
    delete from connection_checks
     where connection_id = ${connection}
       and (at < clock_timestamp() - make_interval(days => ${keep.days})
            or sequence <= (select sequence from connection_checks where connection_id = ${connection}
                             order by sequence desc offset ${keep.most} limit 1))`;
}

/** Newest first, after a sequence number where there is one. */
export async function findChecks(
  tx: WorkspaceTx,
  connection: ConnectionId,
  { after, most }: { after: string | undefined; most: number },
): Promise<(CheckRecord & { sequence: string })[]> {
  const rows = await tx.sql<{
    sequence: string;
    at: Date;
    trigger: CheckTrigger;
    took_ms: number;
    failure: Failure | null;
  }>`
    select sequence, at, trigger, took_ms, failure from connection_checks
     where connection_id = ${connection} and (${after ?? null}::bigint is null or sequence < ${after ?? null}::bigint)
     order by sequence desc limit ${most}`;
  return rows.map(({ took_ms, failure, ...row }) => ({ ...row, tookMs: took_ms, failure: failure ?? undefined }));
}

/** When it is tested next by itself, and how often it has failed in a row. */
export async function writeNextCheck(
  tx: WorkspaceTx,
  connection: ConnectionId,
  next: { inSeconds: number | undefined; failed: boolean },
): Promise<void> {
  await tx.sql`
    update connections
       set check_at = clock_timestamp() + make_interval(secs => ${next.inSeconds ?? null}::double precision),
           checks_failed = case when ${next.failed} then checks_failed + 1 else 0 end
     where id = ${connection}`;
}

/** Whether its check is due; false for one that is gone. */
export async function isCheckDue(tx: WorkspaceTx, connection: ConnectionId): Promise<boolean> {
  const due = await tx.sql`
    select 1 as one from connections
     where id = ${connection} and deleted_at is null and check_at <= clock_timestamp()`;
  return due.length > 0;
}

/** Whether the connection was in one of those states. One that waits for a person is not tested by itself any more. */
export async function writeStatus(
  tx: WorkspaceTx,
  connection: ConnectionId,
  change: { to: ConnectionStatus; from: readonly ConnectionStatus[]; failure?: Failure },
): Promise<boolean> {
  const changed = await tx.sql`
    update connections
       set status = ${change.to}, failure = ${change.failure ? JSON.stringify(change.failure) : null}::jsonb,
           checked_at = clock_timestamp(),
           check_at = case when ${change.to} = 'needs_authorization' then null
                           else coalesce(check_at, clock_timestamp() + interval '6 hours') end
     where id = ${connection} and deleted_at is null and status = any(${change.from})
    returning 1 as one`;
  return changed.length > 0;
}
