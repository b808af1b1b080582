import { setTimeout as pause } from "node:timers/promises";
import { query } from "./inspect.ts";

/** A run is taken over within this (SR-92). */
const TAKE_OVER_MS = 30_000;

/**
 * Waits until the last run of a sync is over, or somebody has taken it under a later epoch.
 * @throws when nobody takes it up in time
 */
export async function workedOn(
  superuserUrl: string,
  sync: string,
  after: number,
): Promise<{ over: true } | { over: false; epoch: number }> {
  let deadline = performance.now() + TAKE_OVER_MS;
  for (let last = ""; ; ) {
    const [row] = await query<{ status: string; epoch: number | null; updated_at: Date }>(
      superuserUrl,
      `select r.status, r.updated_at, l.epoch::int as epoch from hawser.sync_runs r
         left join hawser.sync_leases l on l.sync_id = r.sync_id and l.expires_at is not null
        where r.sync_id = $1 order by r.created_at desc limit 1`,
      [sync],
    );
    if (row && !["queued", "running", "paused"].includes(row.status)) return { over: true };
    if (row?.epoch != null && row.epoch > after) return { over: false, epoch: row.epoch };
    const now = JSON.stringify(row);
    if (now !== last) deadline = performance.now() + TAKE_OVER_MS;
    last = now;
    if (performance.now() > deadline) throw new Error(`nobody goes on with the run: ${now}`);
    await pause(20);
  }
}

/** Waits until the last run of a sync is over. */
export async function runIsOver(superuserUrl: string, sync: string): Promise<void> {
  await workedOn(superuserUrl, sync, Number.POSITIVE_INFINITY);
}
