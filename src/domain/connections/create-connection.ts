import { type ConnectionId, newId } from "#core/ids.ts";
import type { WorkspaceTx } from "#db/database.ts";
import { violatesUnique } from "#db/violation.ts";
import { personOf } from "#domain/audit/actor.ts";
import { audit } from "#domain/audit/audit.ts";
import { notifyLive } from "#domain/events/live.ts";
import { checkConnection, judgeCheck } from "./check-connection.ts";
import type { Caller, Config, ConnectionInUse } from "./connection.ts";
import { connectionNameTaken, findProvider } from "./connection-error.ts";
import type { ConnectionDeps } from "./open-connection.ts";
import { insertConnection, isConnectionNameFree } from "./queries.ts";
import { readConnection } from "./read-connections.ts";

/**
 * Connects a provider and tests it at once. One that fails its test is kept, too, in error and with the cause.
 * @throws AppError invalid_request with pointers to the fields, name_taken
 */
export async function createConnection(
  deps: ConnectionDeps,
  { workspace, actor, signal }: Caller,
  wanted: { provider: string; name: string; config: Config; tags: string[] },
  complete: (tx: WorkspaceTx, made: ConnectionInUse) => Promise<void> = async () => {},
): Promise<ConnectionInUse> {
  const provider = findProvider(deps, wanted.provider);
  const free = await deps.database.asWorkspace({ workspace }, (tx) => isConnectionNameFree(tx, wanted.name, undefined));
  if (!free) throw connectionNameTaken();

  const result = await checkConnection(deps, provider, wanted.config, signal);
  const judgement = judgeCheck(result, undefined);
  const id = newId<ConnectionId>();
  const by = personOf(actor);

  return deps.database
    .asWorkspace({ workspace }, async (tx) => {
      await insertConnection(tx, { ...wanted, ...judgement, id, by, checkedAt: result.at });
      const { name, provider: key, config, tags } = wanted;
      await audit(tx, {
        actor,
        action: "connection.created",
        target: { kind: "connection", id, label: name },
        after: { name, provider: key, config, tags, status: judgement.status },
      });
      await notifyLive(tx, { workspace, type: "changed", what: "connections" });
      const made = await readConnection(tx, id);
      await complete(tx, made);
      return made;
    })
    .catch((error: unknown) => {
      throw violatesUnique(error, "connections_name") ? connectionNameTaken() : error;
    });
}
