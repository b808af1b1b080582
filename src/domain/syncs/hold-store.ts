import { invalidField } from "#core/errors.ts";
import type { ConnectionId } from "#core/ids.ts";
import type { WorkspaceTx } from "#db/database.ts";
import { holdConnection } from "#domain/connections/read-connections.ts";
import type { Provider } from "#provider-kit/provider.ts";
import type { DestinationChoice } from "./sync.ts";

/**
 * Whether files can be put there, and into whose bucket. The connection is held until the transaction ends.
 * @throws AppError invalid_request at /destination/connection_id
 */
export async function holdStore(
  tx: WorkspaceTx,
  deps: { providers: ReadonlyMap<string, Provider> },
  destination: DestinationChoice,
): Promise<{ account: string | null }> {
  if (destination.kind !== "store") return { account: null };
  const connection = await holdConnection(tx, destination.connection_id as ConnectionId);
  const pointer = "/destination/connection_id";
  if (!connection) throw invalidField(pointer, "There is no such connection.", "not_found");
  if (!deps.providers.get(connection.provider)?.store) {
    throw invalidField(pointer, `${connection.name} stores no files.`);
  }
  return { account: connection.account?.id ?? null };
}
