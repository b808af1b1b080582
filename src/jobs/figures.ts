import type { Database } from "#db/database.ts";

export interface QueueFigures {
  waiting: number;
  active: number;
  failed: number;
  /** How long the oldest job that could run has waited. */
  oldestWaitingSeconds: number | null;
}

/** How full the queue is, over all workspaces. */
export async function readQueueFigures(database: Database): Promise<QueueFigures> {
  const [row] = await database.acrossWorkspaces(
    (tx) => tx.sql<{ waiting: number; active: number; failed: number; oldest: number | null }>`
      select count(*) filter (where state in ('created', 'retry'))::int as waiting,
             count(*) filter (where state = 'active')::int as active,
             count(*) filter (where state = 'failed')::int as failed,
             extract(epoch from now() - min(start_after) filter (where state in ('created', 'retry') and start_after <= now()))::float8 as oldest
        from pgboss.job`,
  );
  return {
    waiting: row?.waiting ?? 0,
    active: row?.active ?? 0,
    failed: row?.failed ?? 0,
    oldestWaitingSeconds: row?.oldest ?? null,
  };
}
