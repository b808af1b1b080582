import type { ProviderError } from "#core/errors.ts";
import type { ConnectionId } from "#core/ids.ts";
import type { WorkspaceTx } from "#db/database.ts";
import { notifyLive } from "#domain/events/live.ts";
import type { Failure } from "./connection.ts";

/** What work over a connection has shown of it: only failures that are the connection's own change its status. */
export async function noteFailure(
  tx: WorkspaceTx,
  id: ConnectionId,
  { kind }: ProviderError,
  failure: Failure,
): Promise<void> {
  if (kind !== "reauthorize" && kind !== "unavailable" && kind !== "forbidden") return;
  const status = kind === "reauthorize" ? "needs_authorization" : "error";
  await tx.sql`
    update connections set status = ${status}, failure = ${JSON.stringify(failure)}::jsonb, checked_at = now()
     where id = ${id} and status <> 'needs_authorization'`;
  await notifyLive(tx, { workspace: tx.workspace, type: "changed", what: "connections" });
}

/** It works, also when it had not the last time. A lost authorization does not come back by itself. */
export async function noteWorking(tx: WorkspaceTx, id: ConnectionId): Promise<void> {
  const mended = await tx.sql`
    update connections set status = 'active', failure = null, checked_at = now() where id = ${id} and status = 'error' returning 1 as one`;
  if (mended.length > 0) await notifyLive(tx, { workspace: tx.workspace, type: "changed", what: "connections" });
}
