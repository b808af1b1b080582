import type { WorkspaceTx } from "#db/database.ts";
import { deleteAllSecrets } from "#domain/secrets/delete-secret.ts";
import { endFlows } from "./connect/queries.ts";
import { deleteClients } from "./oauth-clients/queries.ts";
import type { ConnectionDeps } from "./open-connection.ts";
import { findConnectionIds, lockConnection } from "./queries.ts";
import { eraseAccess } from "./tokens/erase.ts";

/**
 * Erases every secret of a workspace, in the transaction that deletes it (SR-11): credentials and tokens, of which the
 * providers are told, OAuth clients, and the secrets that its providers refer to.
 */
export async function eraseSecrets(
  tx: WorkspaceTx,
  deps: Pick<ConnectionDeps, "providers" | "sandbox" | "operatorClients" | "vault">,
): Promise<void> {
  for (const id of await findConnectionIds(tx)) {
    const connection = await lockConnection(tx, id);
    if (!connection) continue;
    await eraseAccess(tx, deps, connection, { revoke: true });
    await endFlows(tx, id);
  }
  await deleteClients(tx);
  await deleteAllSecrets(tx);
}
