import { AppError, invalidField } from "#core/errors.ts";
import { type ConnectionId, newId, type SyncId } from "#core/ids.ts";
import type { Database, WorkspaceTx } from "#db/database.ts";
import { violatesUnique } from "#db/violation.ts";
import { personOf } from "#domain/audit/actor.ts";
import { audit } from "#domain/audit/audit.ts";
import type { Caller } from "#domain/connections/connection.ts";
import { holdConnection } from "#domain/connections/read-connections.ts";
import { notifyLive } from "#domain/events/live.ts";
import type { Queue } from "#jobs/queue.ts";
import { parseRule } from "#jobs/schedule-rule.ts";
import type { Provider } from "#provider-kit/provider.ts";
import { auditedFields } from "./audited-fields.ts";
import { checkDestinationFolder, refuseSharedFolder } from "./destination-folder.ts";
import { toFolderPath } from "./folder-path.ts";
import { checkHandoff } from "./handoffs/check-handoff.ts";
import { holdStore } from "./hold-store.ts";
import type { DestinationDeps } from "./open-destination.ts";
import { findDestinations, insertSync, lockDestinations } from "./queries.ts";
import { readSync, type SyncOverview } from "./read-syncs.ts";
import { startRun } from "./run/start-run.ts";
import { compileSelection } from "./selection.ts";
import type { DestinationChoice, SyncSettings } from "./sync.ts";

export interface SyncDeps extends DestinationDeps {
  database: Database;
  queue: Queue;
  providers: ReadonlyMap<string, Provider>;
}

export interface NewSync extends SyncSettings {
  connection: ConnectionId;
  drive: { id: string; name: string };
  destination: DestinationChoice;
}

/**
 * Makes a sync, and its first run where that is wanted.
 * @throws AppError invalid_request with pointers to the fields, name_taken, destination_in_use; with `run` also what
 * `startRun` throws
 */
export async function createSync(
  deps: SyncDeps,
  { workspace, actor }: Pick<Caller, "workspace" | "actor">,
  wanted: NewSync,
  { run = false }: { run?: boolean } = {},
  complete: (tx: WorkspaceTx, made: SyncOverview) => Promise<void> = async () => {},
): Promise<SyncOverview> {
  const schedule = parseRule(wanted.schedule, "/schedule");
  compileSelection(wanted);
  checkDestinationFolder(deps, wanted.destination);
  const settings = {
    ...wanted,
    schedule,
    folders: wanted.folders.map((folder) => ({ ...folder, path: toFolderPath(folder.path) })),
  };
  const id = newId<SyncId>();
  const by = personOf(actor);

  return deps.database
    .asWorkspace({ workspace }, async (tx) => {
      const connection = await holdConnection(tx, wanted.connection);
      if (!connection) throw invalidField("/connection_id", "There is no such connection.", "not_found");
      if (!deps.providers.get(connection.provider)?.files) {
        throw invalidField("/connection_id", `${connection.name} has no files to keep in sync.`);
      }
      await checkHandoff(tx, deps, wanted.handoff, wanted.destination);
      const { account } = await holdStore(tx, deps, wanted.destination);
      if (wanted.destination.kind !== "none") {
        await lockDestinations(tx);
        refuseSharedFolder(deps, wanted.destination, await findDestinations(tx), account);
      }
      await insertSync(tx, { ...settings, id, by });
      const target = { kind: "sync", id, label: wanted.name };
      const { destination, drive } = wanted;
      await audit(tx, {
        actor,
        action: "sync.created",
        target,
        after: { ...auditedFields(settings), connection: connection.name, drive, destination },
      });
      if (run) {
        await startRun(tx, deps.queue, { sync: id, trigger: "manual", user: by ?? undefined });
        await audit(tx, { actor, action: "sync.run_started", target });
      }
      await notifyLive(tx, { workspace, type: "changed", what: "syncs", sync_id: id });
      const made = await readSync(tx, id);
      await complete(tx, made);
      return made;
    })
    .catch((error: unknown) => {
      throw violatesUnique(error, "syncs_name") ? syncNameTaken() : error;
    });
}

export const syncNameTaken = () =>
  new AppError("name_taken", "Another sync has this name.", {
    errors: [{ pointer: "/name", code: "name_taken", detail: "Another sync has this name." }],
  });
