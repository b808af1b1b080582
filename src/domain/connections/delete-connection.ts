import { AppError, notFound } from "#core/errors.ts";
import type { ConnectionId } from "#core/ids.ts";
import { personOf } from "#domain/audit/actor.ts";
import { audit } from "#domain/audit/audit.ts";
import { notifyLive } from "#domain/events/live.ts";
import { deleteCalls } from "./calls/queries.ts";
import { endFlows } from "./connect/queries.ts";
import type { Caller } from "./connection.ts";
import type { ConnectionDeps } from "./open-connection.ts";
import { findSyncsUsing, lockConnection, markDeleted } from "./queries.ts";
import { eraseAccess } from "./tokens/erase.ts";

const MOST_NAMES = 3;

/**
 * Deletes a connection that no sync uses; its row stays for the history. What it is signed in with is erased, and the
 * provider is told of it (SR-11); so is what its calls have brought.
 * @throws AppError not_found, connection_in_use
 */
export async function deleteConnection(
  deps: Pick<ConnectionDeps, "database" | "providers" | "sandbox" | "operatorClients" | "vault">,
  { workspace, actor }: Pick<Caller, "workspace" | "actor">,
  id: ConnectionId,
): Promise<void> {
  await deps.database.asWorkspace({ workspace }, async (tx) => {
    const connection = await lockConnection(tx, id);
    if (!connection) throw notFound();
    const users = await findSyncsUsing(tx, id, MOST_NAMES + 1);
    if (users.length > 0) throw inUse(connection.name, users);
    await eraseAccess(tx, deps, connection, { revoke: true });
    await endFlows(tx, id);
    await deleteCalls(tx, id);
    await markDeleted(tx, id, personOf(actor));
    await audit(tx, {
      actor,
      action: "connection.deleted",
      target: { kind: "connection", id, label: connection.name },
      before: { name: connection.name, provider: connection.provider },
    });
    await notifyLive(tx, { workspace, type: "changed", what: "connections" });
  });
}

function inUse(name: string, syncs: string[]): AppError {
  const named = syncs.slice(0, MOST_NAMES).map((sync) => `"${sync}"`);
  const more = syncs.length > MOST_NAMES ? " and others" : "";
  return new AppError(
    "connection_in_use",
    `"${name}" is used by ${named.join(", ")}${more}. Delete those syncs first.`,
  );
}
