import { newId, type UserId, type WorkspaceId } from "#core/ids.ts";
import type { Database } from "#db/database.ts";
import type { Actor } from "../audit/actor.ts";
import { audit } from "../audit/audit.ts";
import { findWorkspace, insertMember, insertWorkspace } from "./queries.ts";
import { slugFor } from "./slug.ts";
import type { Workspace } from "./workspace.ts";

/** Makes a workspace whose first member and owner is this person. */
export async function createWorkspace(
  { db }: { db: Database },
  by: { user: UserId; actor: Actor },
  name: string,
): Promise<Workspace> {
  const workspace = newId<WorkspaceId>();
  return db.asWorkspace({ workspace, user: by.user }, async (tx) => {
    for (let attempt = 0; !(await insertWorkspace(tx, { name, slug: slugFor(name, attempt), createdBy: by.user })); ) {
      attempt++;
    }
    await insertMember(tx, by.user, "owner");
    const made = await findWorkspace(tx);
    if (!made) throw new Error("a workspace that was just made is not there");
    await audit(tx, {
      actor: by.actor,
      action: "workspace.created",
      target: { kind: "workspace", id: workspace, label: name },
      after: { name, slug: made.slug },
    });
    return { ...made, role: "owner" };
  });
}
