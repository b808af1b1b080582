import { AppError, notFound } from "#core/errors.ts";
import type { ConnectionId } from "#core/ids.ts";
import type { Database } from "#db/database.ts";
import { personOf } from "#domain/audit/actor.ts";
import { audit } from "#domain/audit/audit.ts";
import { notifyLive } from "#domain/events/live.ts";
import type { Caller } from "./connection.ts";
import { findSyncsUsing, lockConnection, markDeleted } from "./queries.ts";

const MOST_NAMES = 3;

/**
 * Deletes a connection that no sync uses; its row stays for the history.
 * @throws AppError not_found, connection_in_use
 */
export async function deleteConnection(
  deps: { database: Database },
  { workspace, actor }: Caller,
  id: ConnectionId,
): Promise<void> {
  await deps.database.asWorkspace({ workspace }, async (tx) => {
    const connection = await lockConnection(tx, id);
    if (!connection) throw notFound();
    const users = await findSyncsUsing(tx, id, MOST_NAMES + 1);
    if (users.length > 0) throw inUse(connection.name, users);
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
