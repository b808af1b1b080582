import { AppError, notFound } from "#core/errors.ts";
import type { HandoffId, SyncId } from "#core/ids.ts";
import type { Database, WorkspaceTx } from "#db/database.ts";
import { audit } from "#domain/audit/audit.ts";
import type { Caller } from "#domain/connections/connection.ts";
import { notifyLive } from "#domain/events/live.ts";
import { lockSync } from "../queries.ts";
import type { HandoffChoice } from "../sync.ts";
import { queueStored, requeue } from "./queries.ts";

const MOST_AT_ONCE = 10_000;

/**
 * Sends again what came to nothing: those named, or all. The receiver knows them by their ids.
 * @throws AppError not_found, conflict where the sync hands nothing over
 */
export const replayHandoffs = (
  deps: { database: Database },
  who: Pick<Caller, "workspace" | "actor">,
  sync: SyncId,
  handoffs: readonly HandoffId[] | undefined,
): Promise<number> =>
  change(deps, who, sync, "sync.handoffs_replayed", (tx, to) => requeue(tx, sync, to.connection_id, handoffs));

/** Hands over what was stored before the sync had a receiver. @throws AppError not_found, conflict */
export const handStoredOver = (
  deps: { database: Database },
  who: Pick<Caller, "workspace" | "actor">,
  sync: SyncId,
): Promise<number> =>
  change(deps, who, sync, "sync.handoffs_queued", (tx, to) => queueStored(tx, sync, to.connection_id, MOST_AT_ONCE));

const change = (
  { database }: { database: Database },
  { workspace, actor }: Pick<Caller, "workspace" | "actor">,
  id: SyncId,
  action: string,
  work: (tx: WorkspaceTx, to: HandoffChoice) => Promise<number>,
): Promise<number> =>
  database.asWorkspace({ workspace }, async (tx) => {
    const sync = await lockSync(tx, id);
    if (!sync) throw notFound();
    if (!sync.handoff) throw new AppError("conflict", `"${sync.name}" hands no files over.`);
    const handoffs = await work(tx, sync.handoff);
    await audit(tx, { actor, action, target: { kind: "sync", id, label: sync.name }, after: { handoffs } });
    await notifyLive(tx, { workspace, type: "changed", what: "handoffs", sync_id: id });
    return handoffs;
  });
