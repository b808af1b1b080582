import { invalidField } from "#core/errors.ts";
import type { ConnectionId } from "#core/ids.ts";
import type { WorkspaceTx } from "#db/database.ts";
import { holdConnection } from "#domain/connections/read-connections.ts";
import type { Provider } from "#provider-kit/provider.ts";
import type { HandoffChoice, KeptDestination } from "../sync.ts";

/**
 * Whether files of a sync can be handed over so. The connection is held until the transaction ends.
 * @throws AppError invalid_request at /handoff
 */
export async function checkHandoff(
  tx: WorkspaceTx,
  deps: { providers: ReadonlyMap<string, Provider> },
  wanted: HandoffChoice | null,
  destination: KeptDestination,
): Promise<void> {
  if (!wanted) return;
  const connection = await holdConnection(tx, wanted.connection_id as ConnectionId);
  if (!connection) throw invalidField("/handoff/connection_id", "There is no such connection.", "not_found");
  if (!deps.providers.get(connection.provider)?.handoff) {
    throw invalidField("/handoff/connection_id", `${connection.name} takes no documents.`);
  }
  if (destination.kind === "none") {
    throw invalidField("/handoff", "Only stored files are handed over: this sync needs a destination.");
  }
}
