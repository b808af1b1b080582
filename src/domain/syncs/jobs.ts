import { AppError } from "#core/errors.ts";
import type { SyncId, SyncRunId, WorkspaceId } from "#core/ids.ts";
import type { Jobs } from "#jobs/queue.ts";
import type { FireTick } from "#jobs/schedule.ts";
import type { RunDeps } from "./run/at-work.ts";
import { executeRun } from "./run/execute-run.ts";
import { queueRun, startRun } from "./run/start-run.ts";
import { runVerification } from "./verify/run-verification.ts";

/** Lets this process work on sync runs, and hold syncs against their sources. */
export async function workOnSyncs(jobs: Jobs, deps: RunDeps): Promise<void> {
  await jobs.work("run-sync", ({ workspace, data, signal }) =>
    executeRun(deps, workspace, data.run as SyncRunId, signal),
  );
  await jobs.work("verify-sync", ({ workspace, data, signal }) => {
    const { sync, id = "", bytes } = data;
    return runVerification(deps, workspace, { sync: sync as SyncId, id, bytes: bytes === "yes" }, signal);
  });
}

/** A tick of a sync's schedule begins a run; a sync that cannot run now lets this tick pass. */
export const startScheduledRun =
  (jobs: Jobs): FireTick =>
  async (tx, owner, scheduledFor) => {
    try {
      await startRun(tx, jobs, { sync: owner.id as SyncId, trigger: "schedule", scheduledFor });
    } catch (failure) {
      if (!(failure instanceof AppError)) throw failure;
    }
  };

/** Queues runs again that no process works on: theirs has died (SR-92). Asked every now and then by each process. */
export async function recoverRuns(deps: Pick<RunDeps, "database" | "queue">): Promise<number> {
  const abandoned = await deps.database.acrossWorkspaces(
    (tx) =>
      tx.sql<{
        workspace_id: WorkspaceId;
        run_id: SyncRunId;
      }>`select workspace_id, run_id from sync_runs_without_lease(100)`,
  );
  for (const { workspace_id, run_id } of abandoned) {
    await deps.database.asWorkspace({ workspace: workspace_id }, (tx) => queueRun(tx, deps.queue, run_id));
  }
  return abandoned.length;
}
