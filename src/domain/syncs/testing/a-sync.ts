import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type ConnectionId, newId, type SyncId, type SyncRunId, type UserId, type WorkspaceId } from "#core/ids.ts";
import type { Database } from "#db/database.ts";
import { connectionDeps } from "#domain/connections/testing/connection-deps.ts";
import type { Provider } from "#provider-kit/provider.ts";
import { noHttp } from "#provider-kit/provider-http.ts";
import { localFolder } from "#providers/local-folder/index.ts";
import { removeFolder, temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import type { RunDeps } from "../run/at-work.ts";
import { createCopyTurns } from "../run/copy-turns.ts";
import { executeRun } from "../run/execute-run.ts";
import { startRun } from "../run/start-run.ts";
import type { SyncSettings } from "../sync.ts";

/** A workspace with one sync of a real folder, and the means to run it here and now. */
export interface ASync {
  workspace: WorkspaceId;
  sync: SyncId;
  connection: ConnectionId;
  deps: RunDeps;
  /** Where the files are, and where they come. */
  source: string;
  destination: string;
  run(trigger?: "manual" | "retry" | "removals"): Promise<Record<string, unknown> & { status: string }>;
  start(trigger?: "manual" | "retry"): Promise<SyncRunId>;
  row(run: SyncRunId): Promise<Record<string, unknown> & { status: string }>;
  files(): Promise<{ name: string; state: string; path: string; object_key: string | null }[]>;
  /** Relative path → contents of everything at the destination. */
  stored(): Promise<Record<string, string>>;
  change(columns: Record<string, unknown>): Promise<void>;
  end(): Promise<void>;
}

export async function aSync(
  database: Database,
  settings: {
    layout?: "ids" | "mirror" | "none";
    onDelete?: SyncSettings["onDelete"];
    columns?: Record<string, unknown>;
    /** Another source than a folder of this machine. */
    provider?: Provider;
  } = {},
): Promise<ASync> {
  const home = temporaryFolder();
  const [source, target] = [join(home, "source"), join(home, "destination")];
  await mkdir(source);
  await mkdir(target);
  const workspace = newId<WorkspaceId>();
  const [connection, sync] = [newId<ConnectionId>(), newId<SyncId>()];
  const provider = settings.provider ?? localFolder({ roots: new Map([["source", source]]) });
  const config = settings.provider ? {} : { root: "source" };
  const signal = new AbortController().signal;
  const deps: RunDeps = {
    ...connectionDeps(database, { providers: [provider] }),
    destinationRoots: new Map([["target", target]]),
    copyTurns: createCopyTurns(64),
  };
  const call = { config, kept: {}, auth: "none" as const, signal, http: noHttp };
  const account = await provider.check(call);
  const [drive] = (await provider.files?.drives({ ...call, account }))?.items ?? [];
  const layout = settings.layout ?? "ids";
  const destination =
    layout === "none" ? { kind: "none" } : { kind: "local-folder", root: "target", folder: "copy", layout };

  await database.asWorkspace({ workspace }, async (tx) => {
    await tx.sql`insert into workspaces (id, name, slug, created_by) values (${workspace}, 'Yard', ${`yard-${workspace}`}, ${newId<UserId>()})`;
    await tx.sql`
      insert into connections (workspace_id, id, provider, name, config, status, account_id, account_label)
      values (${workspace}, ${connection}, ${provider.key}, 'Documents', ${JSON.stringify(config)}::jsonb, 'active', ${account.id}, ${account.label})`;
    await tx.sql`
      insert into syncs (workspace_id, id, connection_id, name, drive_id, destination, on_delete)
      values (${workspace}, ${sync}, ${connection}, 'Drawings', ${drive?.id}, ${JSON.stringify(destination)}, ${settings.onDelete ?? "mark"})`;
  });

  const here: ASync = {
    workspace,
    sync,
    connection,
    deps,
    source,
    destination: join(target, `yard-${workspace}`, "copy"),
    async start(trigger = "manual") {
      return database.asWorkspace({ workspace }, (tx) => startRun(tx, deps.queue, { sync, trigger }));
    },
    async run(trigger = "manual") {
      const id =
        trigger === "removals"
          ? await database.asWorkspace({ workspace }, async (tx) => {
              const [open] = await tx.sql<{
                id: SyncRunId;
              }>`select id from sync_runs where sync_id = ${sync} and status = 'queued'`;
              if (!open) throw new Error("no run waits");
              return open.id;
            })
          : await here.start(trigger);
      await executeRun(deps, workspace, id, signal);
      return here.row(id);
    },
    async row(run) {
      const [row] = await database.asWorkspace(
        { workspace },
        (tx) => tx.sql<{ status: string }>`select * from sync_runs where id = ${run}`,
      );
      if (!row) throw new Error("no such run");
      return row;
    },
    files: () =>
      database.asWorkspace(
        { workspace },
        (tx) =>
          tx.sql<{ name: string; state: string; path: string; object_key: string | null }>`
          select f.name, f.state, coalesce(p.path, '') as path, f.object_key
            from files f left join files p on p.sync_id = f.sync_id and p.remote_id = f.parent_id
           where f.sync_id = ${sync} and not f.is_folder order by 3, 1`,
      ),
    async stored() {
      const stored: Record<string, string> = {};
      for (const entry of await readdir(here.destination, { recursive: true, withFileTypes: true }).catch(() => [])) {
        if (!entry.isFile()) continue;
        const path = join(entry.parentPath, entry.name);
        const relative = path.slice(here.destination.length + 1);
        if (!relative.startsWith(".hawser")) stored[relative] = await readFile(path, "utf8");
      }
      return stored;
    },
    async change(columns) {
      await database.asWorkspace({ workspace }, (tx) =>
        tx.kysely.updateTable("syncs").set(columns).where("id", "=", sync).execute(),
      );
    },
    end: async () => removeFolder(home),
  };
  if (settings.columns) await here.change(settings.columns);
  return here;
}
