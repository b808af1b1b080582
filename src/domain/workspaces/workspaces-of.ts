import type { UserId } from "#core/ids.ts";
import type { Database } from "#db/database.ts";
import { findWorkspace, workspaceIdsOf } from "./queries.ts";
import type { Workspace } from "./workspace.ts";

/** The workspaces of a person, by name, each read in its own context (SR-63). */
export async function workspacesOf({ db }: { db: Database }, user: UserId): Promise<Workspace[]> {
  const memberships = await db.acrossWorkspaces((tx) => workspaceIdsOf(tx, user));
  const found: Workspace[] = [];
  for (const { id, role } of memberships) {
    const workspace = await db.asWorkspace({ workspace: id, user }, findWorkspace);
    if (workspace) found.push({ ...workspace, role });
  }
  return found.sort((one, other) => one.name.localeCompare(other.name));
}
