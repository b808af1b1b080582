import { notFound } from "#core/errors.ts";
import type { CallId, ConnectionId, WorkspaceId } from "#core/ids.ts";
import type { Page } from "#core/page.ts";
import type { Database } from "#db/database.ts";
import { readConnection } from "../read-connections.ts";
import type { Call, CallSummary } from "./call.ts";
import { findCall, findCalls } from "./queries.ts";

/** Calls of a connection, the newest first. @throws AppError not_found, cursor_not_valid */
export const listCalls = (
  { database }: { database: Database },
  workspace: WorkspaceId,
  connection: ConnectionId,
  query: { limit: number; cursor?: string | undefined },
): Promise<Page<CallSummary>> =>
  database.asWorkspace({ workspace }, async (tx) => {
    await readConnection(tx, connection);
    return findCalls(tx, connection, query);
  });

/** @throws AppError not_found */
export const getCall = ({ database }: { database: Database }, workspace: WorkspaceId, id: CallId): Promise<Call> =>
  database.asWorkspace({ workspace }, async (tx) => {
    const call = await findCall(tx, id);
    if (!call) throw notFound();
    return call;
  });
