import { notFound } from "#core/errors.ts";
import type { ConnectionId, WorkspaceId } from "#core/ids.ts";
import type { Page } from "#core/page.ts";
import type { Database, WorkspaceTx } from "#db/database.ts";
import type { ConnectionInUse } from "./connection.ts";
import { type ConnectionQuery, findConnectionInUse, findConnectionsInUse } from "./in-use-rows.ts";
import { isConnectionNameFree } from "./queries.ts";

/** What the folders above ask inside of their own transactions. */
export { findConnectionsInUse } from "./in-use-rows.ts";
export { holdConnection } from "./queries.ts";

/** @throws AppError not_found */
export async function readConnection(tx: WorkspaceTx, id: ConnectionId): Promise<ConnectionInUse> {
  const connection = await findConnectionInUse(tx, id);
  if (!connection) throw notFound();
  return connection;
}

/** @throws AppError not_found */
export const getConnection = (deps: { database: Database }, workspace: WorkspaceId, id: ConnectionId) =>
  deps.database.asWorkspace({ workspace }, (tx) => readConnection(tx, id));

export const listConnections = (
  deps: { database: Database },
  workspace: WorkspaceId,
  query: Omit<ConnectionQuery, "id">,
): Promise<Page<ConnectionInUse>> => deps.database.asWorkspace({ workspace }, (tx) => findConnectionsInUse(tx, query));

/** Whether a connection could be called so, apart from the one it is about. */
export const checkConnectionName = (
  deps: { database: Database },
  workspace: WorkspaceId,
  name: string,
  except: ConnectionId | undefined,
): Promise<boolean> => deps.database.asWorkspace({ workspace }, (tx) => isConnectionNameFree(tx, name, except));
