import type { ConnectionId, WorkspaceId } from "#core/ids.ts";
import type { GlobalTx } from "#db/database.ts";
import type { JobName } from "#jobs/names.ts";
import type { Jobs } from "#jobs/queue.ts";
import { checkIfDue } from "./health/check-due.ts";
import type { ConnectionDeps } from "./open-connection.ts";
import { renewToken } from "./tokens/renewal.ts";
import { revoke } from "./tokens/revoke.ts";

/** Lets this process look after connections: renew tokens, test them, revoke what was given up. */
export async function workOnConnections(jobs: Jobs, deps: ConnectionDeps): Promise<void> {
  await jobs.work("renew-token", ({ workspace, data }) =>
    renewToken(deps, { workspace, connection: data.connection as ConnectionId }),
  );
  await jobs.work("check-connection", ({ workspace, data, signal }) =>
    checkIfDue(deps, workspace, data.connection as ConnectionId, signal),
  );
  await jobs.work("revoke-token", ({ workspace, data }) => revoke(deps, workspace, data.revocation as string));
}

const AT_MOST = 200;

/** Queues what is due. Asked every few seconds by each process that works; twice at once does no harm. */
export async function lookAfterConnections(deps: Pick<ConnectionDeps, "database" | "queue">): Promise<void> {
  const due = await deps.database.acrossWorkspaces(findDue);
  for (const [workspace, jobs] of Map.groupBy(due, (job) => job.workspace)) {
    await deps.database
      .asWorkspace({ workspace }, async (tx) => {
        for (const { name, data, key } of jobs) await deps.queue.enqueue(tx, { name, data, key });
      })
      // A workspace whose queue is full waits; the others do not wait with it.
      .catch(() => {});
  }
}

interface Due {
  workspace: WorkspaceId;
  name: JobName;
  data: Record<string, string>;
  key: string;
}

async function findDue(tx: GlobalTx): Promise<Due[]> {
  type Found = { workspace_id: WorkspaceId; id: string };
  const renewals = await tx.sql<Found>`select workspace_id, connection_id as id from tokens_to_renew(${AT_MOST})`;
  const checks = await tx.sql<Found>`select workspace_id, connection_id as id from connections_to_check(${AT_MOST})`;
  const revocations = await tx.sql<Found>`select workspace_id, id from revocations_due(${AT_MOST})`;
  const toJobs = (found: Found[], name: JobName, field: string) =>
    found.map(({ workspace_id, id }) => ({
      workspace: workspace_id,
      name,
      data: { [field]: id },
      key: `${name}-${id}`,
    }));
  return [
    ...toJobs(renewals, "renew-token", "connection"),
    ...toJobs(checks, "check-connection", "connection"),
    ...toJobs(revocations, "revoke-token", "revocation"),
  ];
}
