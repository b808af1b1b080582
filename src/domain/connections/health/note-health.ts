import type { ProviderError } from "#core/errors.ts";
import type { ConnectionId } from "#core/ids.ts";
import type { WorkspaceTx } from "#db/database.ts";
import { audit } from "#domain/audit/audit.ts";
import { notifyLive } from "#domain/events/live.ts";
import { type Connection, type Failure, WRONG_ACCOUNT } from "../connection.ts";
import { findConnection } from "../queries.ts";
import { writeNextCheck, writeStatus } from "./queries.ts";

const SOON_S = 10 * 60;

/** What work over a connection has shown of it: only failures that are the connection's own change its status. */
export async function noteFailure(
  tx: WorkspaceTx,
  id: ConnectionId,
  { kind }: ProviderError,
  failure: Failure,
): Promise<void> {
  if (kind === "unavailable" || kind === "forbidden") return noteError(tx, id, failure);
  if (kind !== "reauthorize") return;
  const connection = await findConnection(tx, id);
  if (connection) await loseAuthorization(tx, connection, failure);
}

/**
 * It works, also when it had not the last time. A lost authorization does not come back by itself, and that another
 * account answers well does not make it the right one (SR-42).
 */
export async function noteWorking(tx: WorkspaceTx, id: ConnectionId): Promise<void> {
  if ((await findConnection(tx, id))?.failure?.kind === WRONG_ACCOUNT) return;
  if (await writeStatus(tx, id, { to: "active", from: ["error"] })) await tell(tx);
}

/**
 * A person has to do something. The members are told once: by the audit log, and on the pages that are open. One that
 * was disconnected by somebody stays that.
 */
export async function loseAuthorization(
  tx: WorkspaceTx,
  connection: Pick<Connection, "id" | "name">,
  failure: Failure,
): Promise<void> {
  const lost = await writeStatus(tx, connection.id, {
    to: "needs_authorization",
    from: ["active", "error"],
    failure,
  });
  if (!lost) return;
  await audit(tx, {
    actor: { kind: "system", label: "Hawser" },
    action: "connection.authorization_lost",
    target: { kind: "connection", id: connection.id, label: connection.name },
    result: "failed",
    after: { status: "needs_authorization", failure: failure.message },
  });
  await tell(tx);
}

/** It fails, and may go on by itself. */
export async function noteError(tx: WorkspaceTx, id: ConnectionId, failure: Failure): Promise<void> {
  if (await writeStatus(tx, id, { to: "error", from: ["active", "error"], failure })) await tell(tx);
}

/** It is at fault itself and left alone until a test passes, which is made soon. */
export async function noteClosed(tx: WorkspaceTx, id: ConnectionId, failure: Failure): Promise<void> {
  await noteError(tx, id, failure);
  await writeNextCheck(tx, id, { inSeconds: SOON_S, failed: true });
}

/** What was noted as this failure is over: by itself, without anybody's doing. */
export async function noteMended(
  tx: WorkspaceTx,
  connection: Pick<Connection, "id" | "name" | "status" | "failure">,
  failure: Failure,
): Promise<void> {
  if (connection.failure?.at !== failure.at || connection.failure?.message !== failure.message) return;
  if (!(await writeStatus(tx, connection.id, { to: "active", from: ["error", "needs_authorization"] }))) return;
  await audit(tx, {
    actor: { kind: "system", label: "Hawser" },
    action: "connection.mended",
    target: { kind: "connection", id: connection.id, label: connection.name },
    before: { status: connection.status },
    after: { status: "active" },
  });
  await tell(tx);
}

const tell = (tx: WorkspaceTx) => notifyLive(tx, { workspace: tx.workspace, type: "changed", what: "connections" });
