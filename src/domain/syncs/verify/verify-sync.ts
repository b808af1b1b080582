import { AppError, notFound } from "#core/errors.ts";
import { newId, type SyncId, type WorkspaceId } from "#core/ids.ts";
import { personOf } from "#domain/audit/actor.ts";
import { audit } from "#domain/audit/audit.ts";
import type { Caller } from "#domain/connections/connection.ts";
import { notifyLive } from "#domain/events/live.ts";
import type { SyncDeps } from "../create-sync.ts";
import { findSync } from "../queries.ts";
import { findVerification, insertVerification } from "./queries.ts";
import type { Verification } from "./verification.ts";

/**
 * Begins to hold a sync against its source. With `bytes` its objects are read again, which takes as long as copying.
 * @throws AppError not_found, conflict while one is under way
 */
export const verifySync = (
  deps: Pick<SyncDeps, "database" | "queue">,
  { workspace, actor }: Pick<Caller, "workspace" | "actor">,
  id: SyncId,
  { bytes }: { bytes: boolean },
): Promise<Verification> =>
  deps.database.asWorkspace({ workspace }, async (tx) => {
    const sync = await findSync(tx, id);
    if (!sync) throw notFound();
    const verification = newId();
    if (!(await insertVerification(tx, id, verification, personOf(actor)))) {
      throw new AppError("conflict", "This sync is being verified already.");
    }
    await deps.queue.enqueue(tx, {
      name: "verify-sync",
      data: { sync: id, id: verification, bytes: bytes ? "yes" : "no" },
      key: verification,
    });
    await audit(tx, {
      actor,
      action: "sync.verified",
      target: { kind: "sync", id, label: sync.name },
      after: { bytes },
    });
    await notifyLive(tx, { workspace, type: "changed", what: "syncs", sync_id: id });
    const made = await findVerification(tx, id);
    if (!made) throw new Error("the verification is not there");
    return made;
  });

/** The latest one; nothing where the sync has never been verified. @throws AppError not_found */
export const readVerification = (
  deps: Pick<SyncDeps, "database">,
  workspace: WorkspaceId,
  id: SyncId,
): Promise<Verification | undefined> =>
  deps.database.asWorkspace({ workspace }, async (tx) => {
    if (!(await findSync(tx, id))) throw notFound();
    return findVerification(tx, id);
  });
