// What happens is told to open pages: a notice with ids travels by NOTIFY, and the row it speaks of is read afterwards,
// in the workspace's own context, so that nothing but ids ever passes through a channel that all workspaces share.
import type { SyncId, SyncRunId, WorkspaceId } from "#core/ids.ts";
import type { Database, WorkspaceTx } from "#db/database.ts";
import { type LiveKind, type LiveNotice, readNotice } from "./notice.ts";

import { createThrottle } from "./throttle.ts";

export type { LiveNotice } from "./notice.ts";

const CHANNEL = "hawser_live";
/** At most four events a second for one run. */
const RUN_PAUSE_MS = 250;

export type LiveEvent<Run> =
  | { type: "sync_run"; sync: SyncId; run: Run }
  | { type: "changed"; what: LiveKind; sync?: SyncId | undefined }
  /** Something may have been missed: fetch everything again. */
  | { type: "resync" };

/** Tells open pages when this transaction is committed, and never when it is not. */
export async function notifyLive(tx: WorkspaceTx, notice: LiveNotice): Promise<void> {
  await tx.sql`select pg_notify(${CHANNEL}, ${JSON.stringify(notice)})`;
}

export interface Live<Run> {
  /** Hears what happens in a workspace, from now on, until the returned function is called. */
  subscribe(workspace: WorkspaceId, heard: (event: LiveEvent<Run>) => void): Promise<() => void>;
  close(): Promise<void>;
}

/**
 * One listener for the whole process, fanned out by workspace. `readRun` gives a run as it is now; it is asked once for
 * all who listen, and not more often than four times a second for one run.
 */
export function openLive<Run>(options: {
  database: Database;
  readRun: (tx: WorkspaceTx, run: SyncRunId) => Promise<Run | undefined>;
}): Live<Run> {
  const { database, readRun } = options;
  const listeners = new Map<WorkspaceId, Set<(event: LiveEvent<Run>) => void>>();
  let listening: Promise<() => Promise<void>> | undefined;

  const tell = (workspace: WorkspaceId, event: LiveEvent<Run>) => {
    for (const heard of listeners.get(workspace) ?? []) heard(event);
  };
  const runs = createThrottle<Extract<LiveNotice, { type: "sync_run" }>>(RUN_PAUSE_MS, async (notice) => {
    const { workspace, sync_id, run_id } = notice;
    if (!listeners.has(workspace)) return;
    try {
      const run = await database.asWorkspace({ workspace }, (tx) => readRun(tx, run_id));
      if (run) tell(workspace, { type: "sync_run", sync: sync_id, run });
    } catch {
      // The figures could not be read just now; the page is told that it may have missed some.
      tell(workspace, { type: "resync" });
    }
  });
  const hear = (payload: string) => {
    const notice = readNotice(payload);
    // An empty payload stands for a gap. Of one that is not ours nobody knows what it meant: the same.
    if (!notice) for (const workspace of listeners.keys()) tell(workspace, { type: "resync" });
    else if (!listeners.has(notice.workspace)) return;
    else if (notice.type === "sync_run") runs.touch(notice.run_id, notice);
    else tell(notice.workspace, { type: "changed", what: notice.what, sync: notice.sync_id });
  };

  return {
    async subscribe(workspace, heard) {
      const others = listeners.get(workspace) ?? new Set();
      listeners.set(workspace, others.add(heard));
      const stop = () => {
        others.delete(heard);
        if (others.size === 0 && listeners.get(workspace) === others) listeners.delete(workspace);
      };
      listening ??= database.listen(CHANNEL, hear);
      try {
        await listening;
      } catch (error) {
        listening = undefined;
        stop();
        throw error;
      }
      return stop;
    },
    async close() {
      listeners.clear();
      runs.stop();
      await listening?.then(
        (stop) => stop(),
        () => {},
      );
    },
  };
}
