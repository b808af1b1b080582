import type { RemoteId } from "#core/ids.ts";
import type { WorkspaceTx } from "#db/database.ts";
import { below } from "../folder-path.ts";
import type { OpenRun } from "./run.ts";
import { type Judge, nameOfExport } from "./sighting.ts";
import type { Sighting } from "./tree.ts";

const BATCH = 1_000;

interface FolderRow {
  remote_id: RemoteId;
  parent_id: RemoteId | null;
  name: string;
  path: string;
}

/**
 * Makes the paths of all folders below these right again, after one of them has been renamed or moved, with what the
 * rules read from them. Answers the folders whose path has become another one.
 */
export async function rewritePaths(
  tx: WorkspaceTx,
  run: OpenRun,
  judge: Judge,
  under: readonly RemoteId[],
): Promise<RemoteId[]> {
  if (under.length === 0) return [];
  const rows = await tx.sql<FolderRow>`
    with recursive below as (
      select remote_id, parent_id, name, path from files
       where sync_id = ${run.sync} and remote_id = any(${under}::text[]) and is_folder and state = 'folder'
      union
      select f.remote_id, f.parent_id, f.name, f.path from files f join below on f.parent_id = below.remote_id
       where f.sync_id = ${run.sync} and f.is_folder and f.state = 'folder'
    ) select * from below`;
  const inside = Map.groupBy(rows, ({ parent_id }) => parent_id);
  const inRows = new Set<string | null>(rows.map(({ remote_id }) => remote_id));
  const right = new Map<RemoteId, string>();
  // One that lies below another one gets its path from there.
  const open = rows.filter(({ parent_id }) => !inRows.has(parent_id));
  for (const row of open) right.set(row.remote_id, row.path);
  const changed: { remote_id: RemoteId; path: string; metadata: Readonly<Record<string, string>> }[] = [];
  const seen = new Set<RemoteId>();
  for (let row = open.pop(); row; row = open.pop()) {
    if (seen.has(row.remote_id)) continue;
    seen.add(row.remote_id);
    const path = right.get(row.remote_id) ?? row.path;
    for (const folder of inside.get(row.remote_id) ?? []) {
      const wanted = below(path, folder.name);
      right.set(folder.remote_id, wanted);
      if (folder.path !== wanted) {
        changed.push({ remote_id: folder.remote_id, path: wanted, metadata: judge.metadata(wanted) });
      }
      open.push(folder);
    }
  }
  for (let at = 0; at < changed.length; at += BATCH) {
    await tx.sql`
      update files set path = c.path, metadata = c.metadata, path_run_id = ${run.id}
        from jsonb_to_recordset(${JSON.stringify(changed.slice(at, at + BATCH))}::jsonb) as c(remote_id text, path text, metadata jsonb)
       where files.sync_id = ${run.sync} and files.remote_id = c.remote_id`;
  }
  return changed.map(({ remote_id }) => remote_id);
}

/** The files in these folders about which the selection says something else now that their folder has another path. */
export async function* rejudged(
  tx: WorkspaceTx,
  run: OpenRun,
  judge: Judge,
  folders: readonly RemoteId[],
): AsyncGenerator<Sighting[]> {
  for (let after: RemoteId | null = null; ; ) {
    const rows: (Omit<Sighting, "state"> & { state: string; folder: string })[] = await tx.sql`
      select f.remote_id, f.parent_id, f.name, f.is_folder, f.locator, f.size::float8 as size, f.media_type, f.link, f.version,
             f.remote_created_at, f.remote_modified_at, f.remote_hash, f.path, f.metadata, f.export_as, f.rollup, f.provider_metadata,
             f.state, f.reason, folder.path as folder
        from files f join files folder on folder.sync_id = f.sync_id and folder.remote_id = f.parent_id
       where f.sync_id = ${run.sync} and f.parent_id = any(${folders}::text[]) and not f.is_folder and f.state <> 'removed'
         and f.missing_generation is null and (${after}::text is null or f.remote_id > ${after})
       order by f.remote_id limit ${BATCH}`;
    const last = rows.at(-1);
    if (!last) return;
    after = last.remote_id;
    yield rows.flatMap(({ folder, ...row }) => {
      if (row.state === "skipped" && !judgedReasons.has(row.reason ?? "")) return [];
      const name = nameOfExport(row.name, row.export_as);
      const verdict = judge.file({
        name,
        path: below(folder, name).slice(1),
        size: row.size ?? undefined,
        mediaType: row.export_as ?? row.media_type ?? undefined,
      });
      const isSame = (row.state === "skipped") === (verdict.state === "skipped") && row.reason === verdict.reason;
      return isSame ? [] : [{ ...row, ...verdict }];
    });
  }
}

/** Why the selection leaves files out; other reasons are the file's own and stay. */
const judgedReasons: ReadonlySet<string> = new Set(["excluded", "not_included", "type", "too_small", "too_large"]);
