import { notFound } from "#core/errors.ts";
import type { SyncId } from "#core/ids.ts";
import type { Database } from "#db/database.ts";
import { personOf } from "#domain/audit/actor.ts";
import { audit } from "#domain/audit/audit.ts";
import type { Caller } from "#domain/connections/connection.ts";
import { notifyLive } from "#domain/events/live.ts";
import { redirectHandoffs } from "./handoffs/queries.ts";
import { lockSync, markDeleted } from "./queries.ts";
import { cancelOpenRun } from "./run/control.ts";

/**
 * Deletes a sync and ends its open run. Stored files stay at the destination.
 * @throws AppError not_found
 */
export async function deleteSync(
  deps: { database: Database },
  { workspace, actor }: Pick<Caller, "workspace" | "actor">,
  id: SyncId,
): Promise<void> {
  await deps.database.asWorkspace({ workspace }, async (tx) => {
    const sync = await lockSync(tx, id);
    if (!sync) throw notFound();
    await cancelOpenRun(tx, id);
    await redirectHandoffs(tx, id, null);
    await markDeleted(tx, id, personOf(actor));
    await audit(tx, {
      actor,
      action: "sync.deleted",
      target: { kind: "sync", id, label: sync.name },
      before: { name: sync.name, connection: sync.connection.name, destination: sync.destination },
    });
    await notifyLive(tx, { workspace, type: "changed", what: "syncs", sync_id: id });
  });
}
