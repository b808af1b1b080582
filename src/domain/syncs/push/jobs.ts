import { newId, type WorkspaceId } from "#core/ids.ts";
import type { ConnectionDeps } from "#domain/connections/open-connection.ts";
import type { Jobs } from "#jobs/queue.ts";
import { keepChannel } from "./keep-channel.ts";
import { addressOf, notifiers } from "./notice-address.ts";
import { findDue, findMissing, insertChannel } from "./queries.ts";

const AT_MOST = 200;

/** Lets this process make, renew and end channels. */
export async function workOnPush(jobs: Jobs, deps: ConnectionDeps): Promise<void> {
  await jobs.work("keep-channel", ({ workspace, data, signal }) =>
    keepChannel(deps, workspace, data.channel as string, signal),
  );
}

/** Notes channels that are missing, and queues those that are due. Asked every few seconds; twice at once does no harm. */
export async function lookAfterChannels(deps: ConnectionDeps): Promise<void> {
  const keys = notifiers(deps);
  const address = addressOf(deps);
  const { missing, due } = await deps.database.acrossWorkspaces(async (tx) => ({
    missing: await findMissing(tx, keys, AT_MOST),
    due: await findDue(tx, keys, address, AT_MOST),
  }));
  const work = new Map<WorkspaceId, { make: typeof missing; keep: string[] }>();
  const of = (workspace: WorkspaceId) => {
    const known = work.get(workspace) ?? { make: [], keep: [] };
    work.set(workspace, known);
    return known;
  };
  for (const one of missing) of(one.workspace_id).make.push(one);
  for (const one of due) of(one.workspace_id).keep.push(one.id);

  for (const [workspace, { make, keep }] of work) {
    await deps.database
      .asWorkspace({ workspace }, async (tx) => {
        for (const { connection_id: connection, drive_id: drive } of make) {
          const id = newId<string>();
          await insertChannel(tx, { id, connection, drive, address });
          await deps.queue.enqueue(tx, { name: "keep-channel", data: { channel: id }, key: `channel-${id}` });
        }
        for (const id of keep) {
          await deps.queue.enqueue(tx, { name: "keep-channel", data: { channel: id }, key: `channel-${id}` });
        }
      })
      // A workspace whose queue is full waits; the others do not wait with it.
      .catch(() => {});
  }
}
