import { notFound } from "#core/errors.ts";
import type { ConnectionId } from "#core/ids.ts";
import { audit } from "#domain/audit/audit.ts";
import { notifyLive } from "#domain/events/live.ts";
import { endFlows } from "./connect/queries.ts";
import type { Caller } from "./connection.ts";
import type { ConnectionCard } from "./connection-card.ts";
import type { ConnectionDeps } from "./open-connection.ts";
import { lockConnection, writeState } from "./queries.ts";
import { readCard } from "./read-cards.ts";
import { eraseAccess } from "./tokens/erase.ts";

/**
 * Erases what a connection is signed in with and has the provider told of it (SR-11). The connection, its account and
 * the syncs that count on it stay: they wait until somebody signs in again.
 * @throws AppError not_found
 */
export async function disconnectConnection(
  deps: ConnectionDeps,
  { workspace, actor }: Pick<Caller, "workspace" | "actor">,
  id: ConnectionId,
): Promise<ConnectionCard> {
  return deps.database.asWorkspace({ workspace }, async (tx) => {
    const before = await lockConnection(tx, id);
    if (!before) throw notFound();
    await eraseAccess(tx, deps, before, { revoke: true });
    await endFlows(tx, id);
    await writeState(tx, id, { status: "inactive" });
    await audit(tx, {
      actor,
      action: "connection.disconnected",
      target: { kind: "connection", id, label: before.name },
      before: { status: before.status },
      after: { status: "inactive" },
    });
    await notifyLive(tx, { workspace, type: "changed", what: "connections" });
    return readCard(tx, deps, id);
  });
}
