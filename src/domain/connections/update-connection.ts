import { isDeepStrictEqual } from "node:util";
import { AppError, notFound } from "#core/errors.ts";
import type { ConnectionId } from "#core/ids.ts";
import { violatesUnique } from "#db/violation.ts";
import { personOf } from "#domain/audit/actor.ts";
import { audit } from "#domain/audit/audit.ts";
import { notifyLive } from "#domain/events/live.ts";
import { type CheckResult, checkConnection, judgeCheck } from "./check-connection.ts";
import type { Caller, Config, Connection, ConnectionInUse } from "./connection.ts";
import { connectionNameTaken, findProvider } from "./connection-error.ts";
import type { ConnectionDeps } from "./open-connection.ts";
import { findSyncsUsing, lockConnection, writeConnection, writeJudgement } from "./queries.ts";
import { getConnection, readConnection } from "./read-connections.ts";

/**
 * Changes a connection; another config is tested at once. Another account is let in only while no sync counts on the
 * one that is pinned (SR-42).
 * @throws AppError not_found, invalid_request with pointers to the fields, name_taken, connection_in_use
 */
export async function updateConnection(
  deps: ConnectionDeps,
  { workspace, actor, signal }: Caller,
  id: ConnectionId,
  change: { name?: string | undefined; config?: Config | undefined; tags?: string[] | undefined },
): Promise<ConnectionInUse> {
  const known = await getConnection(deps, workspace, id);
  const result =
    change.config && !isDeepStrictEqual(change.config, known.config)
      ? await checkConnection(deps, findProvider(deps, known.provider), change.config, signal)
      : undefined;
  const by = personOf(actor);

  return deps.database
    .asWorkspace({ workspace }, async (tx) => {
      const before = await lockConnection(tx, id);
      if (!before) throw notFound();
      const after = {
        name: change.name ?? before.name,
        config: change.config ?? before.config,
        tags: change.tags ?? before.tags,
      };
      await writeConnection(tx, id, { ...after, by });
      if (result) {
        const users = await findSyncsUsing(tx, id, 1);
        if (users.length > 0) refuseOtherAccount(before, result);
        const judgement = judgeCheck(result, users.length > 0 ? before.account : undefined);
        await writeJudgement(tx, id, after.config, { ...judgement, checkedAt: result.at });
      }
      await audit(tx, {
        actor,
        action: "connection.updated",
        target: { kind: "connection", id, label: after.name },
        before: { name: before.name, config: before.config, tags: before.tags },
        after,
      });
      await notifyLive(tx, { workspace, type: "changed", what: "connections" });
      return readConnection(tx, id);
    })
    .catch((error: unknown) => {
      throw violatesUnique(error, "connections_name") ? connectionNameTaken() : error;
    });
}

function refuseOtherAccount(before: Connection, result: CheckResult): void {
  if (!before.account || !result.ok || result.account.id === before.account.id) return;
  throw new AppError(
    "connection_in_use",
    `Syncs use this connection, and the new config leads to "${result.account.label}" instead of "${before.account.label}". Make a new connection for it.`,
  );
}
