import type { WorkspaceId } from "#core/ids.ts";
import type { Database } from "#db/database.ts";
import { findWorkspace } from "./queries.ts";
import type { Workspace } from "./workspace.ts";

const SLICE = 500;

/** The ids of all workspaces of the installation, oldest first; deleted ones among them (SR-63). */
export async function* everyWorkspace(database: Database): AsyncGenerator<WorkspaceId> {
  let after: WorkspaceId | null = null;
  for (;;) {
    const slice: { id: WorkspaceId }[] = await database.acrossWorkspaces(
      (tx) => tx.sql<{ id: WorkspaceId }>`select id from workspace_ids(${after}::uuid, ${SLICE}) as id`,
    );
    for (const { id } of slice) yield id;
    if (slice.length < SLICE) return;
    after = slice.at(-1)?.id ?? null;
  }
}

/** All workspaces that are not deleted, by slug: for whoever runs the installation. Each is read in its own context. */
export async function listWorkspaces({ db }: { db: Database }): Promise<Omit<Workspace, "role">[]> {
  const found: Omit<Workspace, "role">[] = [];
  for await (const workspace of everyWorkspace(db)) {
    const row = await db.asWorkspace({ workspace }, findWorkspace);
    if (row) found.push(row);
  }
  return found.sort((one, other) => one.slug.localeCompare(other.slug));
}
