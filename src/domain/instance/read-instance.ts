import type { WorkspaceId } from "#core/ids.ts";
import type { Database, WorkspaceTx } from "#db/database.ts";
import { everyWorkspace } from "#domain/workspaces/every-workspace.ts";

/** What an instance admin sees of a workspace: figures, never its contents (SR-64). */
export interface WorkspaceFigures {
  id: WorkspaceId;
  name: string;
  created_at: string;
  members: number;
  syncs: number;
  files: number;
}

/** All workspaces of the installation, each read in its own context (SR-63). */
export async function listInstanceWorkspaces(database: Database): Promise<WorkspaceFigures[]> {
  const found: WorkspaceFigures[] = [];
  for await (const workspace of everyWorkspace(database)) {
    const figures = await database.asWorkspace({ workspace }, readFigures);
    if (figures) found.push(figures);
  }
  return found;
}

/** Connections of each provider over all workspaces, and how many of them do not work. */
export async function countConnections(
  database: Database,
): Promise<{ key: string; connections: number; in_error: number }[]> {
  const counts = new Map<string, { connections: number; in_error: number }>();
  for await (const workspace of everyWorkspace(database)) {
    const rows = await database.asWorkspace(
      { workspace },
      (tx) => tx.sql<{ provider: string; connections: number; in_error: number }>`
        select provider, count(*)::int as connections, count(*) filter (where status in ('error', 'needs_authorization'))::int as in_error
          from connections where deleted_at is null group by provider`,
    );
    for (const { provider, connections, in_error } of rows) {
      const sum = counts.get(provider) ?? { connections: 0, in_error: 0 };
      counts.set(provider, { connections: sum.connections + connections, in_error: sum.in_error + in_error });
    }
  }
  return [...counts].map(([key, figures]) => ({ key, ...figures }));
}

export async function readDatabaseFigures(
  database: Database,
): Promise<{ version: string; size_bytes: number; latency_ms: number; workspaces: number; migrations: number }> {
  const begun = performance.now();
  const [row] = await database.acrossWorkspaces(
    (tx) => tx.sql<{ version: string; size: string; migrations: number }>`
      select current_setting('server_version') as version, pg_database_size(current_database()) as size,
             (select count(*)::int from migrations) as migrations`,
  );
  const latency_ms = Math.round((performance.now() - begun) * 10) / 10;
  let workspaces = 0;
  for await (const _ of everyWorkspace(database)) workspaces += 1;
  return {
    version: row?.version ?? "",
    size_bytes: Number(row?.size ?? 0),
    latency_ms,
    workspaces,
    migrations: row?.migrations ?? 0,
  };
}

async function readFigures(tx: WorkspaceTx): Promise<WorkspaceFigures | undefined> {
  const [row] = await tx.sql<Omit<WorkspaceFigures, "created_at"> & { created_at: Date }>`
    select w.id, w.name, w.created_at,
           (select count(*)::int from members) as members,
           (select count(*)::int from syncs where deleted_at is null) as syncs,
           (select count(*)::int from files where not is_folder and state <> 'removed') as files
      from workspaces w where w.deleted_at is null`;
  return row && { ...row, created_at: row.created_at.toISOString() };
}
