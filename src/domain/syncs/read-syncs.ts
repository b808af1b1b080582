import { notFound } from "#core/errors.ts";
import type { SyncId, WorkspaceId } from "#core/ids.ts";
import type { Page } from "#core/page.ts";
import type { Database, WorkspaceTx } from "#db/database.ts";
import { findPushFacts, type PushFacts } from "./push/queries.ts";
import { findSync, findSyncs, findTotals, isSyncNameFree, noFiles, type SyncQuery } from "./queries.ts";
import { findOpenAndLastRuns } from "./run-rows.ts";
import { type SyncStatus, syncStatus } from "./status.ts";
import type { Sync, SyncRun, Totals } from "./sync.ts";

/** A sync with how it stands. */
export interface SyncOverview extends Sync {
  status: SyncStatus;
  totals: Totals;
  push: PushFacts;
  openRun?: SyncRun | undefined;
  lastRun?: SyncRun | undefined;
}

/** @throws AppError not_found */
export async function readSync(tx: WorkspaceTx, id: SyncId): Promise<SyncOverview> {
  const sync = await findSync(tx, id);
  const [overview] = sync ? await addOverview(tx, [sync]) : [];
  if (!overview) throw notFound();
  return overview;
}

/** @throws AppError not_found */
export const getSync = (deps: { database: Database }, workspace: WorkspaceId, id: SyncId): Promise<SyncOverview> =>
  deps.database.asWorkspace({ workspace }, (tx) => readSync(tx, id));

export const listSyncs = (
  deps: { database: Database },
  workspace: WorkspaceId,
  query: SyncQuery,
): Promise<Page<SyncOverview>> =>
  deps.database.asWorkspace({ workspace }, async (tx) => {
    const { items, ...more } = await findSyncs(tx, query);
    return { items: await addOverview(tx, items), ...more };
  });

/** Whether a sync could be called so, apart from the one it is about. */
export const checkSyncName = (
  deps: { database: Database },
  workspace: WorkspaceId,
  name: string,
  except: string | undefined,
): Promise<boolean> => deps.database.asWorkspace({ workspace }, (tx) => isSyncNameFree(tx, name, except));

/** Adds how they stand: three more queries for any number of syncs. */
export async function addOverview(tx: WorkspaceTx, syncs: readonly Sync[]): Promise<SyncOverview[]> {
  if (syncs.length === 0) return [];
  const ids = syncs.map(({ id }) => id);
  const [totals, runs, push] = await Promise.all([
    findTotals(tx, ids),
    findOpenAndLastRuns(tx, ids),
    findPushFacts(tx, ids),
  ]);
  return syncs.map((sync) => {
    const { open, last } = runs.get(sync.id) ?? {};
    return {
      ...sync,
      totals: totals.get(sync.id) ?? noFiles(),
      push: push.get(sync.id) ?? { sandbox: false },
      openRun: open,
      lastRun: last,
      status: syncStatus({
        enabled: sync.enabled,
        connectionStatus: sync.connection.status,
        heldRemovals: sync.heldRemovals,
        unusable: sync.unusable !== undefined || sync.scheduleFailure !== undefined,
        openRun: open?.status,
        lastRun: last?.status,
      }),
    };
  });
}
