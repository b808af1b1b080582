import { AppError, notFound } from "#core/errors.ts";
import type { CustomProviderId } from "#core/ids.ts";
import type { Database } from "#db/database.ts";
import { personOf } from "#domain/audit/actor.ts";
import { audit } from "#domain/audit/audit.ts";
import { notifyLive } from "#domain/events/live.ts";
import type { CatalogCaller } from "./create-provider.ts";
import { findConnectionsOf, lockCustomProvider, markDeleted } from "./queries.ts";

const MOST_NAMES = 3;

/**
 * Deletes a custom provider that no connection uses; its row stays for the history, its name is free again.
 * @throws AppError not_found, provider_in_use
 */
export async function deleteProvider(
  { database }: { database: Database },
  { workspace, actor }: CatalogCaller,
  id: CustomProviderId,
): Promise<void> {
  await database.asWorkspace({ workspace }, async (tx) => {
    const provider = await lockCustomProvider(tx, id);
    if (!provider) throw notFound();
    const users = await findConnectionsOf(tx, provider.name, MOST_NAMES + 1);
    if (users.length > 0) throw inUse(provider.name, users);
    await markDeleted(tx, id, personOf(actor));
    await audit(tx, {
      actor,
      action: "provider.deleted",
      target: { kind: "provider", id, label: provider.name },
      before: { name: provider.name, version: provider.version },
    });
    await notifyLive(tx, { workspace, type: "changed", what: "connections" });
  });
}

function inUse(name: string, connections: readonly string[]): AppError {
  const named = connections.slice(0, MOST_NAMES).map((connection) => `"${connection}"`);
  const more = connections.length > MOST_NAMES ? " and others" : "";
  return new AppError(
    "provider_in_use",
    `"${name}" is used by ${named.join(", ")}${more}. Delete those connections first.`,
  );
}
