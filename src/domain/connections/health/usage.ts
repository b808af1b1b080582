import type { ConnectionId, WorkspaceId } from "#core/ids.ts";
import type { Database } from "#db/database.ts";
import { readConnection } from "../read-connections.ts";
import { findPurposes, findUsePoints, type PurposeCount, type UsePoint } from "./queries.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
/** Up to here a chart shows hours. */
const MOST_HOURLY_DAYS = 3;

export interface Usage {
  from: Date;
  hourly: boolean;
  points: UsePoint[];
  purposes: PurposeCount[];
}

/**
 * How often a connection's credential was used in the last `days` days, today included.
 * @throws AppError not_found
 */
export async function readUsage(
  deps: { database: Database; clock: { now(): Date } },
  workspace: WorkspaceId,
  id: ConnectionId,
  days: number,
): Promise<Usage> {
  const today = Math.floor(deps.clock.now().getTime() / DAY_MS) * DAY_MS;
  const from = new Date(today - (days - 1) * DAY_MS);
  const hourly = days <= MOST_HOURLY_DAYS;
  return deps.database.asWorkspace({ workspace }, async (tx) => {
    await readConnection(tx, id);
    const points = await findUsePoints(tx, id, from, hourly ? "hour" : "day");
    return { from, hourly, points, purposes: await findPurposes(tx, id, from) };
  });
}
