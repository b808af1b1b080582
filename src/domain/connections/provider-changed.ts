import type { WorkspaceTx } from "#db/database.ts";
import { loseAuthorization } from "./note-health.ts";
import type { ConnectionDeps } from "./open-connection.ts";
import { findConnectionIdsOf, lockConnection } from "./queries.ts";
import { eraseAccess } from "./tokens/erase.ts";

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
  for (const id of await findConnectionIdsOf(tx, key)) {
    const connection = await lockConnection(tx, id);
    if (!connection || connection.authType === "none") continue;
    await eraseAccess(tx, deps, connection, { revoke: false });
    await loseAuthorization(tx, connection, {
      kind: "reauthorize",
      message:
        "The provider's addresses have been changed. Sign in again; what was entered for the old ones is erased.",
      at: deps.clock.now().toISOString(),
    });
  }
}
