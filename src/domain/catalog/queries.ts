import { type CustomProviderId, isUuid } from "#core/ids.ts";
import { fromCursor, toCursor } from "#core/keyset.ts";
import type { Page } from "#core/page.ts";
import type { WorkspaceTx } from "#db/database.ts";
import { type CustomProvider, type CustomProviderSummary, customKey } from "./custom-provider.ts";

/** What tells one state of a custom provider from another, without the definition itself. */
export interface ProviderState {
  id: CustomProviderId;
  name: string;
  active: boolean;
  /** Differs after every change of the row, by whomever. */
  state: string;
}

interface ProviderStateRow extends ProviderState {
  version: number;
}

const toState = ({ version, state, ...row }: ProviderStateRow): ProviderState => ({
  ...row,
  state: `${version}.${state}`,
});

export async function findProviderState(tx: WorkspaceTx, name: string): Promise<ProviderState | undefined> {
  const [row] = await tx.sql<ProviderStateRow>`
    select id, name, active, version, xmin::text as state from custom_providers where name = ${name} and deleted_at is null`;
  return row && toState(row);
}

/** At most 1,000, by name. */
export async function findProviderStates(tx: WorkspaceTx): Promise<ProviderState[]> {
  const rows = await tx.sql<ProviderStateRow>`
    select id, name, active, version, xmin::text as state from custom_providers where deleted_at is null
     order by name limit 1000`;
  return rows.map(toState);
}

/** What stands in the row, and how much that is. */
export async function findDefinition(
  tx: WorkspaceTx,
  id: CustomProviderId,
): Promise<{ definition: unknown; bytes: number } | undefined> {
  const [row] = await tx.sql<{ definition: unknown; bytes: number }>`
    select definition, octet_length(definition::text) as bytes
      from custom_providers where id = ${id} and deleted_at is null`;
  return row;
}

/** Nobody deletes it before the transaction ends. False where there is none. */
export async function lockProviderName(tx: WorkspaceTx, name: string): Promise<boolean> {
  const rows = await tx.sql`
    select 1 as one from custom_providers where name = ${name} and deleted_at is null for share`;
  return rows.length > 0;
}

interface SummaryRow {
  id: CustomProviderId;
  name: string;
  display_name: string | null;
  actions: number;
  active: boolean;
  version: number;
  created_at: Date;
  created_by: string | null;
  updated_at: Date;
  updated_by: string | null;
  connections: number;
}

/** By name; without their definitions, which may be large. */
export async function findCustomProviders(
  tx: WorkspaceTx,
  { limit, cursor, id }: { limit: number; cursor?: string | undefined; id?: CustomProviderId },
): Promise<Page<CustomProviderSummary>> {
  const [after] = fromCursor(cursor, 1) ?? [null];
  const rows = await tx.sql<SummaryRow>`
    select p.id, p.name, p.definition ->> 'display_name' as display_name, p.active, p.version, p.created_at,
           c.name as created_by, p.updated_at, u.name as updated_by,
           case jsonb_typeof(p.definition -> 'actions')
             when 'array' then jsonb_array_length(p.definition -> 'actions') else 0 end as actions,
           (select count(*)::int from connections x
             where x.provider = 'custom-' || p.name and x.deleted_at is null) as connections
      from custom_providers p
      left join identity."user" c on c.id = p.created_by
      left join identity."user" u on u.id = p.updated_by
     where p.deleted_at is null and (${after}::text is null or p.name > ${after})
       and (${id ?? null}::uuid is null or p.id = ${id ?? null})
     order by p.name limit ${limit + 1}`;
  const items = rows.slice(0, limit).map(toSummary);
  const last = items.at(-1);
  return rows.length > limit && last ? { items, next: toCursor(last.name) } : { items };
}

export async function findCustomProvider(tx: WorkspaceTx, id: CustomProviderId): Promise<CustomProvider | undefined> {
  if (!isUuid(id)) return undefined;
  const { items } = await findCustomProviders(tx, { limit: 1, id });
  const definition = (await findDefinition(tx, id))?.definition;
  return items[0] && isObject(definition) ? { ...items[0], definition } : undefined;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

/** The same, and nobody else changes or deletes it, or connects it, before the transaction ends. */
export async function lockCustomProvider(tx: WorkspaceTx, id: CustomProviderId): Promise<CustomProvider | undefined> {
  if (!isUuid(id)) return undefined;
  await tx.sql`select 1 as one from custom_providers where id = ${id} for update`;
  return findCustomProvider(tx, id);
}

export async function isProviderNameFree(
  tx: WorkspaceTx,
  name: string,
  except: CustomProviderId | undefined,
): Promise<boolean> {
  const taken = await tx.sql`
    select 1 as one from custom_providers
     where name = ${name} and deleted_at is null and id is distinct from ${except ?? null}::uuid`;
  return taken.length === 0;
}

export async function countCustomProviders(tx: WorkspaceTx): Promise<number> {
  const [row] = await tx.sql<{ providers: number }>`
    select count(*)::int as providers from custom_providers where deleted_at is null`;
  return row?.providers ?? 0;
}

/** Fails with a violation of `custom_providers_name` where the name is taken. */
export async function insertCustomProvider(
  tx: WorkspaceTx,
  made: { id: CustomProviderId; name: string; definition: unknown; active: boolean; by: string | null },
): Promise<void> {
  await tx.sql`
    insert into custom_providers (workspace_id, id, name, definition, active, created_by, updated_by)
    values (${tx.workspace}, ${made.id}, ${made.name}, ${JSON.stringify(made.definition)}::jsonb, ${made.active},
            ${made.by}, ${made.by})`;
}

export async function writeCustomProvider(
  tx: WorkspaceTx,
  id: CustomProviderId,
  to: { definition: unknown; active: boolean; by: string | null },
): Promise<void> {
  await tx.sql`
    update custom_providers
       set definition = ${JSON.stringify(to.definition)}::jsonb, active = ${to.active}, version = version + 1,
           updated_at = now(), updated_by = ${to.by}
     where id = ${id}`;
}

export async function markDeleted(tx: WorkspaceTx, id: CustomProviderId, by: string | null): Promise<void> {
  await tx.sql`
    update custom_providers set deleted_at = now(), deleted_by = ${by}, active = false where id = ${id}`;
}

/** Names of the connections of a custom provider, at most `most`, by name. */
export async function findConnectionsOf(tx: WorkspaceTx, name: string, most: number): Promise<string[]> {
  const rows = await tx.sql<{ name: string }>`
    select name from connections where provider = ${customKey(name)} and deleted_at is null
     order by lower(name) limit ${most}`;
  return rows.map((row) => row.name);
}

const toSummary = (row: SummaryRow): CustomProviderSummary => ({
  id: row.id,
  name: row.name,
  displayName: row.display_name ?? row.name,
  actions: row.actions,
  active: row.active,
  version: row.version,
  createdAt: row.created_at,
  createdBy: row.created_by ?? undefined,
  updatedAt: row.updated_at,
  updatedBy: row.updated_by ?? undefined,
  connections: row.connections,
});
