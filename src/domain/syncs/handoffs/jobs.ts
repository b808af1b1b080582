import type { ConnectionId, WorkspaceId } from "#core/ids.ts";
import type { Jobs } from "#jobs/queue.ts";
import { deliverHandoffs } from "./deliver.ts";
import type { HandoffDeps } from "./handoff.ts";

const AT_MOST = 200;

/** Lets this process hand files over. */
export async function workOnHandoffs(jobs: Jobs, deps: HandoffDeps): Promise<void> {
  await jobs.work("deliver-handoffs", ({ workspace, data, signal }) =>
    deliverHandoffs(deps, workspace, data.connection as ConnectionId, signal),
  );
}

/** Queues a job for each receiver for whom something is due. Asked every now and then by each process. */
export async function lookAfterHandoffs(deps: Pick<HandoffDeps, "database" | "queue">): Promise<void> {
  const due = await deps.database.acrossWorkspaces(
    (tx) => tx.sql<{ workspace_id: WorkspaceId; connection_id: ConnectionId }>`
      select workspace_id, connection_id from handoffs_due(${AT_MOST})`,
  );
  for (const { workspace_id: workspace, connection_id: connection } of due) {
    const job = { name: "deliver-handoffs" as const, data: { connection }, key: `handoffs-${connection}` };
    await deps.database
      .asWorkspace({ workspace }, (tx) => deps.queue.enqueue(tx, job))
      // A workspace whose queue is full waits; the others do not wait with it.
      .catch(() => {});
  }
}
