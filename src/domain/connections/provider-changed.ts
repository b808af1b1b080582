import type { WorkspaceTx } from "#db/database.ts";
import { findProvider } from "#domain/catalog/find-provider.ts";
import { notifyLive } from "#domain/events/live.ts";
import { detachCredential } from "./detach-credential.ts";
import type { ConnectionDeps } from "./open-connection.ts";
import { findBinding, findConnectionIdsOf, lockConnection } from "./queries.ts";

/**
 * A custom provider has other addresses now. What was entered for the old ones is erased, in the transaction of the
 * change, and each connection waits for a person to enter it again (SR-6). The provider is not told: its address for
 * that may be a new one too. Sign-ins that are under way end by themselves, as the provider is another one (SR-34).
 */
export async function providerChanged(
  tx: WorkspaceTx,
  deps: Pick<ConnectionDeps, "providers" | "sandbox" | "operatorClients" | "vault" | "clock">,
  key: string,
): Promise<void> {
  const name = (await findProvider(tx, deps, key, false))?.provider.name ?? "The provider";
  for (const id of await findConnectionIdsOf(tx, key)) {
    const connection = await lockConnection(tx, id);
    if (!connection || !(await findBinding(tx, id))) continue;
    await detachCredential(tx, deps, connection, { name, revoke: false });
  }
  await notifyLive(tx, { workspace: tx.workspace, type: "changed", what: "connections" });
}
