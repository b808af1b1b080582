import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newId, type UserId, type WorkspaceId } from "#core/ids.ts";
import type { Database } from "#db/database.ts";
import type { Actor } from "#domain/audit/actor.ts";
import { localFolder } from "#providers/local-folder/index.ts";
import { connectionDeps } from "./connection-deps.ts";

/** A workspace with a folder to connect (`documents`) and one to write to (`target`), and a person who works in it. */
export async function aWorkspace(database: Database) {
  const home = await mkdtemp(join(tmpdir(), "hawser-workspace-"));
  const [documents, target] = [join(home, "documents"), join(home, "target")];
  await mkdir(documents);
  await mkdir(target);
  const workspace = newId<WorkspaceId>();
  const slug = `yard-${workspace}`;
  await database.asWorkspace(
    { workspace },
    (tx) => tx.sql`
    insert into workspaces (id, name, slug, created_by) values (${workspace}, 'Yard', ${slug}, ${newId<UserId>()})`,
  );

  const provider = localFolder({ roots: new Map([["documents", documents]]) });
  const actor: Actor = { kind: "user", id: newId<UserId>(), label: "Ana" };
  return {
    workspace,
    slug,
    documents,
    target,
    caller: { workspace, actor, signal: new AbortController().signal },
    deps: {
      ...connectionDeps(database, { providers: [provider] }),
      destinationRoots: new Map([["target", target]]),
    },
    /** What the audit log holds, oldest first. */
    audited: () =>
      database.asWorkspace(
        { workspace },
        (tx) => tx.sql<{
          action: string;
          target_label: string | null;
          result: string;
          before: unknown;
          after: unknown;
        }>`
        select action, target_label, result, before, after from audit_entries order by sequence`,
      ),
    end: () => rm(home, { recursive: true, force: true }),
  };
}
