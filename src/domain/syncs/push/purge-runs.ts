import type { Database } from "#db/database.ts";
import { everyWorkspace } from "#domain/workspaces/every-workspace.ts";

const BATCH = 1_000;

/**
 * Takes away runs that followed from a notice and found nothing, a week after they finished: providers tell of much that
 * is no change to a sync, every few seconds in a busy drive. The last run of a sync stays, which its page shows.
 */
export async function purgeRunsInVain(database: Database, signal?: AbortSignal): Promise<void> {
  for await (const workspace of everyWorkspace(database)) {
    let gone = BATCH;
    while (gone === BATCH && !signal?.aborted) {
      gone = await database.asWorkspace({ workspace }, async (tx) => {
        const rows = await tx.sql`
          delete from sync_runs
           where ctid = any(array(
                   select r.ctid from sync_runs r
                    where r.trigger = 'push' and r.status = 'done' and not r.stopped_at_maximum
                      and r.created + r.updated + r.moved + r.deleted + r.held = 0
                      and r.finished_at < now() - interval '7 days'
                      and exists (select from sync_runs later where later.sync_id = r.sync_id and later.id > r.id)
                    limit ${BATCH}))
          returning 1 as one`;
        return rows.length;
      });
    }
  }
}
