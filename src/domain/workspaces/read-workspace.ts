import { notFound } from "#core/errors.ts";
import type { Database, WorkspaceTx } from "#db/database.ts";
import { findWorkspace } from "./queries.ts";
import type { Acting, Workspace } from "./workspace.ts";

export async function readWorkspace(
  { db }: { db: Database },
  { workspace, role }: Pick<Acting, "workspace" | "role">,
): Promise<Workspace> {
  const found = await db.asWorkspace({ workspace }, findWorkspace);
  if (!found) throw notFound();
  return { ...found, role };
}

/** What the addresses of the portal name the workspace by; nothing where it was deleted. */
export const workspaceSlug = async (tx: WorkspaceTx): Promise<string | undefined> => (await findWorkspace(tx))?.slug;
