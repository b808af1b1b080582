import type { ConnectionId, WorkspaceId } from "#core/ids.ts";
import { fromCursor, toCursor } from "#core/keyset.ts";
import type { Page } from "#core/page.ts";
import type { Database, WorkspaceTx } from "#db/database.ts";
import { deleteOldCalls } from "../calls/queries.ts";
import type { ConnectionStatus, Failure } from "../connection.ts";
import { readConnection } from "../read-connections.ts";
import { nextCheckIn } from "./next-check.ts";
import {
  type CheckRecord,
  type CheckTrigger,
  deleteOldChecks,
  deleteOldUses,
  findChecks,
  insertCheck,
  writeNextCheck,
} from "./queries.ts";

export type { CheckRecord } from "./queries.ts";

const KEPT = { most: 200, days: 90 };

/** Writes down how a test went and when the next one is due, in the transaction that keeps its result as the status. */
export async function recordCheck(
  tx: WorkspaceTx,
  connection: ConnectionId,
  check: { trigger: CheckTrigger; tookMs: number; failure: Failure | undefined; status: ConnectionStatus },
): Promise<void> {
  await insertCheck(tx, connection, check);
  await deleteOldChecks(tx, connection, KEPT);
  await writeNextCheck(tx, connection, {
    inSeconds: nextCheckIn(check.status, Math.random()),
    failed: check.failure !== undefined,
  });
  await deleteOldUses(tx, connection, KEPT.days);
  await deleteOldCalls(tx, connection);
}

/**
 * Tests of a connection, the newest first.
 * @throws AppError not_found
 */
export async function listChecks(
  deps: { database: Database },
  workspace: WorkspaceId,
  id: ConnectionId,
  query: { limit: number; cursor?: string | undefined },
): Promise<Page<CheckRecord>> {
  return deps.database.asWorkspace({ workspace }, async (tx) => {
    await readConnection(tx, id);
    const [after] = fromCursor(query.cursor, 1) ?? [];
    const rows = await findChecks(tx, id, { after: after ?? undefined, most: query.limit + 1 });
    const items = rows.slice(0, query.limit);
    const last = items.at(-1);
    return { items, ...(last && rows.length > query.limit && { next: toCursor(last.sequence) }) };
  });
}
