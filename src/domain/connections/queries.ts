import { type ConnectionId, isUuid } from "#core/ids.ts";
import type { WorkspaceTx } from "#db/database.ts";
import type { Config, Connection, ConnectionStatus, Failure } from "./connection.ts";

export interface ConnectionRow {
  id: ConnectionId;
  provider: string;
  name: string;
  config: Config;
  tags: string[];
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
    select c.id, c.provider, c.name, c.config, c.tags, c.status, c.account_id, c.account_label, c.failure, c.checked_at,
           c.created_at, u.name as created_by, c.updated_at
      from connections c
      left join identity."user" u on u.id = c.created_by
     where c.id = ${id} and c.deleted_at is null`;
  return row && toConnection(row);
}

export function toConnection(row: ConnectionRow): Connection {
  return {
    id: row.id,
    provider: row.provider,
    name: row.name,
    config: row.config,
    tags: row.tags,
    status: row.status,
    account: row.account_id === null ? undefined : { id: row.account_id, label: row.account_label ?? row.account_id },
    failure: row.failure ?? undefined,
    checkedAt: row.checked_at ?? undefined,
    createdAt: row.created_at,
    createdBy: row.created_by ?? undefined,
    updatedAt: row.updated_at,
  };
}
