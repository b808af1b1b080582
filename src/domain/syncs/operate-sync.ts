import { AppError, notFound } from "#core/errors.ts";
import type { FileId, SyncId } from "#core/ids.ts";
import type { WorkspaceTx } from "#db/database.ts";
import { personOf } from "#domain/audit/actor.ts";
import { audit } from "#domain/audit/audit.ts";
import type { Caller } from "#domain/connections/connection.ts";
import { notifyLive } from "#domain/events/live.ts";
import type { SyncDeps } from "./create-sync.ts";
import { findSync } from "./queries.ts";
import { readRun } from "./read-runs.ts";
import { readSync, type SyncOverview } from "./read-syncs.ts";
import * as control from "./run/control.ts";
import { startRun } from "./run/start-run.ts";
import type { Sync, SyncRun } from "./sync.ts";

type Deps = Pick<SyncDeps, "database" | "queue">;
type Who = Pick<Caller, "workspace" | "actor">;
type Complete = (tx: WorkspaceTx, run: SyncRun) => Promise<void>;

const nothingMore: Complete = async () => {};

/** @throws AppError not_found, and what `startRun` throws */
export const runSync = (deps: Deps, who: Who, id: SyncId, complete = nothingMore): Promise<SyncRun> =>
  operate(deps, who, id, "sync.run_started", async (tx) => {
    const run = await startRun(tx, deps.queue, { sync: id, trigger: "manual", user: personOf(who.actor) ?? undefined });
    return completed(tx, await readRun(tx, run), complete);
  });

/** Tries failed files again: those named, or all. @throws AppError not_found, and what `startRun` throws */
export const retryFailed = (
  deps: Deps,
  who: Who,
  id: SyncId,
  files: readonly FileId[] | undefined,
  complete = nothingMore,
): Promise<SyncRun> =>
  operate(deps, who, id, "sync.retry_started", async (tx) => {
    const user = personOf(who.actor) ?? undefined;
    const run = await startRun(tx, deps.queue, { sync: id, trigger: "retry", user, files });
    return completed(tx, await readRun(tx, run), complete);
  });

/** @throws AppError not_found, and what `control.decideRemovals` throws */
export const decideRemovals = (deps: Deps, who: Who, id: SyncId, decision: "approve" | "keep"): Promise<SyncRun> =>
  operate(
    deps,
    who,
    id,
    "sync.removals_decided",
    async (tx) => {
      const user = personOf(who.actor) ?? undefined;
      return readRun(tx, await control.decideRemovals(tx, deps.queue, id, decision, user));
    },
    ({ heldRemovals }) => ({ decision, files: heldRemovals }),
  );

/** @throws AppError not_found, sync_not_running */
export const cancelRun = (deps: Deps, who: Who, id: SyncId): Promise<SyncRun> =>
  operate(deps, who, id, "sync.run_cancelled", async (tx) => {
    const run = await control.cancelOpenRun(tx, id);
    if (!run) throw new AppError("sync_not_running", "No run of this sync is open.");
    return readRun(tx, run);
  });

/** @throws AppError not_found */
export const pauseSync = (deps: Deps, who: Who, id: SyncId): Promise<SyncOverview> =>
  operate(deps, who, id, "sync.paused", async (tx) => {
    await control.pauseSync(tx, id);
    return readSync(tx, id);
  });

/** @throws AppError not_found */
export const resumeSync = (deps: Deps, who: Who, id: SyncId): Promise<SyncOverview> =>
  operate(deps, who, id, "sync.resumed", async (tx) => {
    await control.resumeSync(tx, deps.queue, id);
    return readSync(tx, id);
  });

/** What all of them have in common: one transaction with its entry in the audit log and its notice to open pages. */
const operate = <T>(
  deps: Deps,
  { workspace, actor }: Who,
  id: SyncId,
  action: string,
  work: (tx: WorkspaceTx) => Promise<T>,
  after?: (sync: Sync) => Record<string, unknown>,
): Promise<T> =>
  deps.database.asWorkspace({ workspace }, async (tx) => {
    const sync = await findSync(tx, id);
    if (!sync) throw notFound();
    const target = { kind: "sync", id, label: sync.name };
    await audit(tx, { actor, action, target, ...(after && { after: after(sync) }) });
    await notifyLive(tx, { workspace, type: "changed", what: "syncs", sync_id: id });
    return work(tx);
  });

async function completed(tx: WorkspaceTx, run: SyncRun, complete: Complete): Promise<SyncRun> {
  await complete(tx, run);
  return run;
}
