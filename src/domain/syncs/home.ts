import type { SyncId, WorkspaceId } from "#core/ids.ts";
import type { WorkspaceTx } from "#db/database.ts";
import type { CatalogDeps } from "#domain/catalog/find-provider.ts";
import { findConnectionsInUse } from "#domain/connections/read-connections.ts";
import {
  type Attention,
  byUrgency,
  destinationRests,
  filesFailed,
  foldersFailed,
  handoffsFailed,
  removalsHeld,
  scheduleFailed,
  syncFailed,
} from "./attention.ts";
import { findConnectionTroubles } from "./connection-troubles.ts";
import { findUntaken } from "./handoffs/queries.ts";
import { findSyncs } from "./queries.ts";
import { addOverview, type SyncOverview } from "./read-syncs.ts";
import { findOpenRuns } from "./run-rows.ts";
import type { Schedule, Sync, SyncRun } from "./sync.ts";

const MOST_SHOWN = 20;
const MOST_NEXT = 5;
/** More than this many connections or syncs in one workspace are not looked through for the home page. */
const MOST_LOOKED_AT = 1000;

export interface Home {
  attention: Attention[];
  running: { sync: Sync; run: SyncRun }[];
  next: { at: Date; sync: Sync; schedule: Schedule }[];
  connections: { total: number; inOrder: number };
  files: { total: number; bytes: number; changedToday: number };
  runs24h: { total: number; failed: number; byHour: { at: Date; done: number; failed: number }[] };
  firstSteps: { connected: boolean; syncMade: boolean; fileSynced: boolean };
}

/** What needs a person, what runs, what comes next, and figures for the day. */
export const readHome = (deps: CatalogDeps & { clock: { now(): Date } }, workspace: WorkspaceId): Promise<Home> =>
  deps.database.asWorkspace({ workspace }, async (tx) => {
    const [connections, syncPage, openRuns, byHour, changedToday] = await Promise.all([
      findConnectionsInUse(tx, { limit: MOST_LOOKED_AT }),
      findSyncs(tx, { limit: MOST_LOOKED_AT }),
      findOpenRuns(tx, MOST_SHOWN),
      countRunsByHour(tx),
      countChangedToday(tx),
    ]);
    const syncs = await addOverview(tx, syncPage.items);
    const failing = syncs.filter(({ totals }) => totals.failed > 0).map(({ id }) => id);
    const causes = await findMostFrequentCauses(tx, failing);
    const handing = syncs.filter(({ handoff }) => handoff !== null).map(({ id }) => id);
    const untaken = await findUntaken(tx, handing);
    const byId = new Map(syncs.map((sync) => [sync.id, sync]));
    const total = (figure: (sync: SyncOverview) => number) => syncs.reduce((sum, sync) => sum + figure(sync), 0);

    return {
      attention: [
        ...(await findConnectionTroubles(tx, deps, connections.items, deps.clock.now())),
        ...syncs.flatMap((sync) => troublesOf(sync, causes.get(sync.id))),
        ...syncs.flatMap(({ id, name }) => {
          const { files = 0, since } = untaken.get(id) ?? {};
          return files > 0 ? [handoffsFailed({ id, name, files, since: since ?? undefined })] : [];
        }),
      ].sort(byUrgency),
      running: openRuns.flatMap((run) => {
        const sync = byId.get(run.sync);
        return sync ? { sync, run } : [];
      }),
      next: syncs
        .flatMap((sync) => (sync.nextRunAt ? { at: sync.nextRunAt, sync, schedule: sync.schedule } : []))
        .sort((a, b) => a.at.getTime() - b.at.getTime())
        .slice(0, MOST_NEXT),
      connections: {
        total: connections.items.length,
        inOrder: connections.items.filter(({ status }) => status === "active").length,
      },
      files: { total: total(({ totals }) => totals.files), bytes: total(({ totals }) => totals.bytes), changedToday },
      runs24h: {
        total: byHour.reduce((sum, { done, failed }) => sum + done + failed, 0),
        failed: byHour.reduce((sum, { failed }) => sum + failed, 0),
        byHour,
      },
      firstSteps: {
        connected: connections.items.length > 0,
        syncMade: syncs.length > 0,
        fileSynced: syncs.some(({ totals }) => totals.stored + totals.indexed > 0),
      },
    };
  });

interface Cause {
  message: string;
  since: Date | null;
}

function troublesOf(sync: SyncOverview, cause: Cause | undefined): Attention[] {
  const { id, name, totals, lastRun, connection } = sync;
  const troubles: Attention[] = [];
  if (sync.heldRemovals > 0) {
    troubles.push(removalsHeld({ id, name, files: sync.heldRemovals, of: totals.files, since: sync.heldSince }));
  }
  // What a broken connection makes of its syncs is told once, with the connection.
  const reachable = connection.status === "active";
  if (sync.unusable !== undefined) {
    troubles.push(syncFailed({ id, name, failure: { kind: "rejected", message: sync.unusable }, since: undefined }));
  } else if (reachable && lastRun?.status === "failed" && !sync.openRun) {
    troubles.push(syncFailed({ id, name, failure: lastRun.failure, since: lastRun.finishedAt }));
  }
  const { openRun } = sync;
  if (openRun?.status === "paused" && openRun.failure) {
    troubles.push(destinationRests({ id, name, failure: openRun.failure, waiting: openRun.counts.remaining }));
  }
  const unlisted = lastRun?.status === "done_with_failures" && !openRun ? lastRun.counts.folders_failed : 0;
  if (unlisted > 0) troubles.push(foldersFailed({ id, name, folders: unlisted, since: lastRun?.finishedAt }));
  if (sync.scheduleFailure !== undefined) troubles.push(scheduleFailed({ id, name, failure: sync.scheduleFailure }));
  if (totals.failed > 0) {
    const since = cause?.since ?? undefined;
    troubles.push(filesFailed({ id, name, files: totals.failed, cause: cause?.message ?? "", since }));
  }
  return troubles;
}

async function findMostFrequentCauses(tx: WorkspaceTx, syncs: readonly SyncId[]): Promise<Map<SyncId, Cause>> {
  if (syncs.length === 0) return new Map();
  const rows = await tx.sql<Cause & { sync_id: SyncId }>`
    select distinct on (sync_id) sync_id, coalesce(failure ->> 'message', '') as message,
           min(failure ->> 'at')::timestamptz as since
      from files
     where sync_id = any(${syncs}::uuid[]) and state = 'failed'
     group by sync_id, 2
     order by sync_id, count(*) desc, 2`;
  return new Map(rows.map(({ sync_id, ...cause }) => [sync_id, cause]));
}

/** Runs that ended in each of the last 24 hours, hours without any too. */
const countRunsByHour = (tx: WorkspaceTx) =>
  tx.sql<{ at: Date; done: number; failed: number }>`
    select hour as at,
           count(r.id) filter (where r.status <> 'failed')::int as done,
           count(r.id) filter (where r.status = 'failed')::int as failed
      from generate_series(date_trunc('hour', now()) - interval '23 hours', date_trunc('hour', now()), interval '1 hour') hour
      left join sync_runs r on date_trunc('hour', r.finished_at) = hour and r.finished_at > now() - interval '24 hours'
     group by hour order by hour`;

async function countChangedToday(tx: WorkspaceTx): Promise<number> {
  const [row] = await tx.sql<{ changed: number }>`
    select coalesce(sum(created + updated + moved + deleted), 0)::int as changed
      from sync_runs where updated_at >= date_trunc('day', now())`;
  return row?.changed ?? 0;
}
