import { isUuid, type SecretId, type UserId } from "#core/ids.ts";
import type { WorkspaceTx } from "#db/database.ts";
import type { WorkspaceSecret } from "./secret.ts";

interface SecretRow {
  id: SecretId;
  name: string;
  description: string;
  fingerprint: string;
  origins: string[];
  created_at: Date;
  set_at: Date;
  set_by: string | null;
  last_used_at: Date | null;
}

/** By name. */
export async function findSecrets(tx: WorkspaceTx): Promise<WorkspaceSecret[]> {
  const rows = await tx.sql<SecretRow>`
    select s.id, s.name, s.description, s.fingerprint, s.origins, s.created_at, s.set_at, u.name as set_by, s.last_used_at
      from workspace_secrets s left join identity."user" u on u.id = s.set_by
     order by lower(s.name), s.name`;
  return rows.map(toSecret);
}

/** Nobody else changes or deletes it before the transaction ends. */
export async function lockSecret(tx: WorkspaceTx, id: SecretId): Promise<WorkspaceSecret | undefined> {
  if (!isUuid(id)) return undefined;
  const [row] = await tx.sql<SecretRow>`
    select s.id, s.name, s.description, s.fingerprint, s.origins, s.created_at, s.set_at, s.last_used_at,
           (select u.name from identity."user" u where u.id = s.set_by) as set_by
      from workspace_secrets s where s.id = ${id} for update`;
  return row && toSecret(row);
}

/** Names in one case only: two that differ in nothing else would be taken for each other. */
export async function isSecretNameFree(tx: WorkspaceTx, name: string, except?: SecretId): Promise<boolean> {
  const taken = await tx.sql`
    select 1 as one from workspace_secrets where lower(name) = lower(${name}) and id is distinct from ${except ?? null}::uuid`;
  return taken.length === 0;
}

export async function findSecretNames(tx: WorkspaceTx): Promise<string[]> {
  const rows = await tx.sql<{ name: string }>`select name from workspace_secrets order by name`;
  return rows.map(({ name }) => name);
}

export interface SealedSecret {
  id: SecretId;
  name: string;
  sealed: string;
  origins: string[];
  version: number;
}

/** Those of these names that there are. */
export const findSealed = (tx: WorkspaceTx, names: readonly string[]): Promise<SealedSecret[]> =>
  tx.sql<SealedSecret>`
    select id, name, sealed, origins, version from workspace_secrets where name = any (${names}) order by name`;

export interface EnteredValue {
  sealed: string;
  fingerprint: string;
  origins: readonly string[];
  by: UserId | null;
}

/** Fails with a violation of `workspace_secrets_workspace_id_name_key` where the name is taken. */
export async function insertSecret(
  tx: WorkspaceTx,
  made: EnteredValue & { id: SecretId; name: string; description: string },
): Promise<void> {
  await tx.sql`
    insert into workspace_secrets (workspace_id, id, name, description, sealed, fingerprint, origins, set_by)
    values (${tx.workspace}, ${made.id}, ${made.name}, ${made.description}, ${made.sealed}, ${made.fingerprint},
            ${made.origins}, ${made.by})`;
}

export async function writeValue(tx: WorkspaceTx, id: SecretId, entered: EnteredValue): Promise<void> {
  await tx.sql`
    update workspace_secrets
       set sealed = ${entered.sealed}, fingerprint = ${entered.fingerprint}, origins = ${entered.origins},
           version = version + 1, set_at = now(), set_by = ${entered.by}
     where id = ${id}`;
}

export async function writeDescription(tx: WorkspaceTx, id: SecretId, description: string): Promise<void> {
  await tx.sql`update workspace_secrets set description = ${description} where id = ${id}`;
}

export async function deleteRow(tx: WorkspaceTx, id: SecretId): Promise<void> {
  await tx.sql`delete from workspace_secrets where id = ${id}`;
}

export async function deleteRows(tx: WorkspaceTx): Promise<void> {
  await tx.sql`delete from workspace_secrets`;
}

/** Once a minute is exact enough, and keeps callers from waiting for one another. */
export async function noteUse(tx: WorkspaceTx, ids: readonly SecretId[]): Promise<void> {
  await tx.sql`
    update workspace_secrets set last_used_at = now()
     where id in (
       select id from workspace_secrets
        where id = any (${ids}) and (last_used_at is null or last_used_at < now() - interval '1 minute')
        order by id for update skip locked)`;
}

const toSecret = (row: SecretRow): WorkspaceSecret => ({
  id: row.id,
  name: row.name,
  description: row.description,
  fingerprint: row.fingerprint,
  origins: row.origins,
  createdAt: row.created_at,
  setAt: row.set_at,
  setBy: row.set_by ?? undefined,
  lastUsedAt: row.last_used_at ?? undefined,
});
