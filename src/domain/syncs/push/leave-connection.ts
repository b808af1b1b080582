// Whoever gives up a connection has the provider told first: afterwards nobody could, as nothing is left to sign with.
import type { ConnectionId } from "#core/ids.ts";
import type { Caller } from "#domain/connections/connection.ts";
import type { ConnectionCard } from "#domain/connections/connection-card.ts";
import { deleteConnection } from "#domain/connections/delete-connection.ts";
import { disconnectConnection } from "#domain/connections/disconnect-connection.ts";
import type { ConnectionDeps } from "#domain/connections/open-connection.ts";
import { keepChannel } from "./keep-channel.ts";
import { retireChannels } from "./queries.ts";

/** Nobody has to wait longer to disconnect: a channel that is not ended in time ends by itself. */
const PATIENCE_MS = 8_000;

/** @throws AppError not_found */
export async function disconnect(deps: ConnectionDeps, caller: Caller, id: ConnectionId): Promise<ConnectionCard> {
  await endChannels(deps, caller, id);
  return disconnectConnection(deps, caller, id);
}

/** @throws AppError not_found, connection_in_use */
export async function remove(deps: ConnectionDeps, caller: Caller, id: ConnectionId): Promise<void> {
  await endChannels(deps, caller, id);
  return deleteConnection(deps, caller, id);
}

async function endChannels(deps: ConnectionDeps, { workspace }: Caller, id: ConnectionId): Promise<void> {
  const retired = await deps.database.asWorkspace({ workspace }, (tx) => retireChannels(tx, id));
  const signal = AbortSignal.timeout(PATIENCE_MS);
  await Promise.allSettled(retired.map((channel) => keepChannel(deps, workspace, channel, signal)));
}
