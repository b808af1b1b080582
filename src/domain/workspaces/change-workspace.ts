import { invalidField, notFound } from "#core/errors.ts";
import type { Database, WorkspaceTx } from "#db/database.ts";
import { audit } from "../audit/audit.ts";
import { findWorkspace, lockMembers, markDeleted, renameWorkspace } from "./queries.ts";
import type { Acting, Workspace } from "./workspace.ts";

/** Gives a workspace another name. Its slug stays, so that addresses go on working. */
export async function changeName({ db }: { db: Database }, by: Acting, name: string): Promise<Workspace> {
  return db.asWorkspace({ workspace: by.workspace }, async (tx) => {
    await lockMembers(tx);
    const before = await findWorkspace(tx);
    if (!before) throw notFound();
    await renameWorkspace(tx, name);
    await audit(tx, {
      actor: by.actor,
      action: "workspace.updated",
      target: { kind: "workspace", id: by.workspace, label: name },
      before: { name: before.name },
      after: { name },
    });
    return { ...before, name, role: by.role };
  });
}

export interface DeletingDeps {
  db: Database;
  /** Erases all secrets of a workspace, in the transaction that deletes it (SR-11). Asked of the folders above. */
  eraseSecrets(tx: WorkspaceTx): Promise<void>;
}

/**
 * Deletes a workspace: from now on nobody finds it. Its rows stay for the operator, but for its secrets.
 *
 * @param typedName what the person typed to confirm
 * @throws AppError `invalid_request` when it is not the workspace's name
 */
export async function deleteWorkspace(
  { db, eraseSecrets }: DeletingDeps,
  by: Acting,
  typedName: string,
): Promise<void> {
  await db.asWorkspace({ workspace: by.workspace }, async (tx) => {
    await lockMembers(tx);
    const found = await findWorkspace(tx);
    if (!found) throw notFound();
    if (found.name !== typedName) throw invalidField("/name", "Type the workspace's name exactly as it is.");
    await audit(tx, {
      actor: by.actor,
      action: "workspace.deleted",
      target: { kind: "workspace", id: by.workspace, label: found.name },
      before: { name: found.name, slug: found.slug },
    });
    await eraseSecrets(tx);
    await markDeleted(tx);
  });
}
