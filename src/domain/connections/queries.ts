import { type ConnectionId, isUuid } from "#core/ids.ts";
import type { WorkspaceTx } from "#db/database.ts";
import type { AuthType } from "#provider-kit/auth.ts";
import type { Account, KeptValues } from "#provider-kit/provider.ts";
import type { Config, Connection, ConnectionStatus, Failure } from "./connection.ts";

export interface ConnectionRow {
  id: ConnectionId;
  provider: string;
  name: string;
  config: Config;
  tags: string[];
  auth_type: AuthType | null;
  sandbox: boolean;
  kept: KeptValues;
  status: ConnectionStatus;
  account_id: string | null;
  account_label: string | null;
  failure: Failure | null;
  checked_at: Date | null;
  created_at: Date;
  created_by: string | null;
  updated_at: Date;
}

/** A connection that has not been deleted. */
export async function findConnection(tx: WorkspaceTx, id: ConnectionId): Promise<Connection | undefined> {
  if (!isUuid(id)) return undefined;
  const [row] = await tx.sql<ConnectionRow>`
    select c.id, c.provider, c.name, c.config, c.tags, c.auth_type, c.sandbox, c.kept, c.status, c.account_id,
           c.account_label, c.failure, c.checked_at, c.created_at, u.name as created_by, c.updated_at
      from connections c
      left join identity."user" u on u.id = c.created_by
     where c.id = ${id} and c.deleted_at is null`;
  return row && toConnection(row);
}

/** The same, and nobody else changes or deletes it before the transaction ends. */
export async function lockConnection(tx: WorkspaceTx, id: ConnectionId): Promise<Connection | undefined> {
  await tx.sql`select 1 from connections where id = ${id} for update`;
  return findConnection(tx, id);
}

/** The same, and nobody deletes it before the transaction ends. */
export async function holdConnection(tx: WorkspaceTx, id: ConnectionId): Promise<Connection | undefined> {
  if (!isUuid(id)) return undefined;
  await tx.sql`select 1 from connections where id = ${id} for share`;
  return findConnection(tx, id);
}

/** All of them, in the order in which they are locked. */
export async function findConnectionIds(tx: WorkspaceTx): Promise<ConnectionId[]> {
  const rows = await tx.sql<{ id: ConnectionId }>`select id from connections where deleted_at is null order by id`;
  return rows.map(({ id }) => id);
}

/** The connections of a provider, in the order in which they are locked. */
export async function findConnectionIdsOf(tx: WorkspaceTx, provider: string): Promise<ConnectionId[]> {
  const rows = await tx.sql<{ id: ConnectionId }>`
    select id from connections where provider = ${provider} and deleted_at is null order by id`;
  return rows.map(({ id }) => id);
}

/** Those that were made with simulators, or all the others. */
export async function countByProvider(tx: WorkspaceTx, sandbox: boolean): Promise<Map<string, number>> {
  const rows = await tx.sql<{ provider: string; connections: number }>`
    select provider, count(*)::int as connections
      from connections where deleted_at is null and sandbox = ${sandbox} group by provider`;
  return new Map(rows.map(({ provider, connections }) => [provider, connections]));
}

export async function isConnectionNameFree(
  tx: WorkspaceTx,
  name: string,
  except: ConnectionId | undefined,
): Promise<boolean> {
  const taken = await tx.sql`
    select 1 as one from connections
     where lower(name) = lower(${name.trim()}) and deleted_at is null and id is distinct from ${except ?? null}::uuid`;
  return taken.length === 0;
}

/** Names of the syncs that use a connection, at most `most`, by name. */
export async function findSyncsUsing(tx: WorkspaceTx, id: ConnectionId, most: number): Promise<string[]> {
  const rows = await tx.sql<{ name: string }>`
    select name from syncs
     where (connection_id = ${id} or handoff_connection_id = ${id} or destination ->> 'connection_id' = ${id}::text)
       and deleted_at is null order by lower(name) limit ${most}`;
  return rows.map(({ name }) => name);
}

/** What a test says about a connection. */
export interface Judgement {
  status: ConnectionStatus;
  account: Account | undefined;
  failure: Failure | undefined;
}

export interface NewConnection extends Judgement {
  id: ConnectionId;
  provider: string;
  name: string;
  config: Config;
  tags: readonly string[];
  authType: AuthType;
  sandbox: boolean;
  checkedAt: Date | undefined;
  by: string | null;
}

/** Fails with a violation of `connections_name` where the name is taken. */
export async function insertConnection(tx: WorkspaceTx, made: NewConnection): Promise<void> {
  await tx.sql`
    insert into connections (workspace_id, id, provider, name, config, tags, auth_type, sandbox, kept, status, account_id,
                             account_label, failure, checked_at, created_by, updated_by)
    values (${tx.workspace}, ${made.id}, ${made.provider}, ${made.name}, ${JSON.stringify(made.config)}::jsonb, ${made.tags},
            ${made.authType}, ${made.sandbox}, ${JSON.stringify(made.account?.kept ?? {})}::jsonb, ${made.status},
            ${made.account?.id ?? null}, ${made.account?.label ?? null}, ${toJson(made.failure)}::jsonb,
            ${made.checkedAt ?? null}, ${made.by}, ${made.by})`;
}

/** Fails with a violation of `connections_name` where the name is taken. */
export async function writeConnection(
  tx: WorkspaceTx,
  id: ConnectionId,
  to: { name: string; config: Config; tags: readonly string[]; by: string | null },
): Promise<void> {
  await tx.sql`
    update connections
       set name = ${to.name}, config = ${JSON.stringify(to.config)}::jsonb, tags = ${to.tags}, updated_at = now(),
           updated_by = ${to.by}
     where id = ${id}`;
}

/** Keeps what a test of this config has shown. One of an older config says nothing about the connection any more. */
export async function writeJudgement(
  tx: WorkspaceTx,
  id: ConnectionId,
  tested: Config,
  judgement: Judgement & { checkedAt: Date },
): Promise<void> {
  await tx.sql`
    update connections
       set status = ${judgement.status}, account_id = ${judgement.account?.id ?? null},
           account_label = ${judgement.account?.label ?? null}, failure = ${toJson(judgement.failure)}::jsonb,
           kept = kept || ${JSON.stringify(judgement.account?.kept ?? {})}::jsonb, checked_at = ${judgement.checkedAt}
     where id = ${id} and deleted_at is null and config = ${JSON.stringify(tested)}::jsonb`;
}

/** What a person's doing has made of it, without a test. One that waits for a person is not tested by itself. */
export async function writeState(
  tx: WorkspaceTx,
  id: ConnectionId,
  state: { status: Extract<ConnectionStatus, "inactive" | "needs_authorization">; failure?: Failure },
): Promise<void> {
  await tx.sql`
    update connections set status = ${state.status}, failure = ${toJson(state.failure)}::jsonb, check_at = null
     where id = ${id}`;
}

/** The way it is signed in with, and all that the provider has told about it. */
export async function writeSignIn(
  tx: WorkspaceTx,
  id: ConnectionId,
  made: { authType: AuthType | undefined; kept: KeptValues },
): Promise<void> {
  await tx.sql`
    update connections set auth_type = ${made.authType ?? null}, kept = ${JSON.stringify(made.kept)}::jsonb
     where id = ${id}`;
}

/** The origins that what a connection is signed in with was entered for; nothing where it is not signed in. */
export async function findBinding(tx: WorkspaceTx, id: ConnectionId): Promise<string[] | undefined> {
  const [row] = await tx.sql<{ origins: string[] }>`
    select origins from credentials where connection_id = ${id}
    union all
    select origins from token_sets where connection_id = ${id}
    limit 1`;
  return row?.origins;
}

/**
 * Tells one sign-in of a connection from the next: what was found out with the one says nothing about the other. A
 * renewed token belongs to the same. Nothing where it is not signed in.
 */
export async function findSignInMark(tx: WorkspaceTx, id: ConnectionId): Promise<string | undefined> {
  const [row] = await tx.sql<{ mark: string | null }>`
    select coalesce(
      (select 'credential ' || version || ' ' || set_at from credentials where connection_id = ${id}),
      (select 'grant ' || granted_at from token_sets where connection_id = ${id})) as mark`;
  return row?.mark ?? undefined;
}

export async function markDeleted(tx: WorkspaceTx, id: ConnectionId, by: string | null): Promise<void> {
  await tx.sql`
    update connections set deleted_at = now(), deleted_by = ${by}, status = 'inactive', updated_at = now() where id = ${id}`;
}

const toJson = (failure: Failure | undefined): string | null => (failure ? JSON.stringify(failure) : null);

export function toConnection(row: ConnectionRow): Connection {
  return {
    id: row.id,
    provider: row.provider,
    name: row.name,
    config: row.config,
    tags: row.tags,
    authType: row.auth_type ?? undefined,
    sandbox: row.sandbox,
    kept: row.kept,
    status: row.status,
    account: row.account_id === null ? undefined : { id: row.account_id, label: row.account_label ?? row.account_id },
    failure: row.failure ?? undefined,
    checkedAt: row.checked_at ?? undefined,
    createdAt: row.created_at,
    createdBy: row.created_by ?? undefined,
    updatedAt: row.updated_at,
  };
}
