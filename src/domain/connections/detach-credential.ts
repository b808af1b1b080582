import type { WorkspaceTx } from "#db/database.ts";
import { audit } from "#domain/audit/audit.ts";
import type { Connection } from "./connection.ts";
import type { ConnectionDeps } from "./open-connection.ts";
import { writeSignIn, writeState } from "./queries.ts";
import { eraseAccess } from "./tokens/erase.ts";

/** Whether addresses are among them that a credential was not entered for (SR-6). */
export const goesElsewhere = (origins: readonly string[], entered: readonly string[]): boolean =>
  origins.some((origin) => !entered.includes(origin));

/**
 * The provider of a connection has other addresses now, which must not get what was entered for the old ones (SR-6): it
 * is erased, and a person is asked. `connection` is as it was, and locked. With `revoke` the provider is told, where it
 * can be at the addresses that it has now.
 */
export async function detachCredential(
  tx: WorkspaceTx,
  deps: Pick<ConnectionDeps, "providers" | "sandbox" | "operatorClients" | "vault" | "clock">,
  connection: Connection,
  { name, revoke }: { name: string; revoke: boolean },
): Promise<void> {
  const { id, authType } = connection;
  await eraseAccess(tx, deps, connection, { revoke });
  await writeSignIn(tx, id, { authType, kept: {} });
  const next = authType === "oauth2_authorization_code" ? "Sign in again." : "Enter the credential again.";
  const failure = {
    kind: "reauthorize",
    message: `${name} has other addresses now, and what was entered for the old ones is erased. ${next}`,
    at: deps.clock.now().toISOString(),
  };
  await writeState(tx, id, { status: "needs_authorization", failure });
  await audit(tx, {
    actor: { kind: "system", label: "Hawser" },
    action: "connection.credential_detached",
    target: { kind: "connection", id, label: connection.name },
    before: { status: connection.status },
    after: { status: "needs_authorization" },
  });
}
