import { invalidField, notFound } from "#core/errors.ts";
import type { SyncId, WorkspaceId } from "#core/ids.ts";
import type { Page } from "#core/page.ts";
import type { Database } from "#db/database.ts";
import type { SyncedFile } from "./file.ts";
import { countFiles, type FileFilter, type FileQuery, findFiles } from "./file-rows.ts";
import { findSync } from "./queries.ts";

const COUNTING_MS = 1500;

/**
 * One page of a sync's files and how many match in all, unless counting them takes too long. `metadata` is `part=value`.
 * @throws AppError not_found, invalid_request at `/metadata`, cursor_not_valid
 */
export async function listFiles(
  deps: { database: Database },
  workspace: WorkspaceId,
  sync: SyncId,
  { metadata, ...query }: Omit<FileQuery, "metadata"> & { metadata?: string | undefined },
): Promise<Page<SyncedFile> & { total: number | null }> {
  const wanted: FileQuery = { ...query, metadata: readMetadata(metadata) };
  const page = await deps.database.asWorkspace({ workspace }, async (tx) => {
    if (!(await findSync(tx, sync))) throw notFound();
    return findFiles(tx, sync, wanted);
  });
  return { ...page, total: await countWithinTime(deps, workspace, sync, wanted) };
}

function readMetadata(text: string | undefined): FileFilter["metadata"] {
  if (text === undefined) return undefined;
  const at = text.indexOf("=");
  if (at < 1) throw invalidField("/metadata", "Write it as part=value, such as system=Hull.");
  return { part: text.slice(0, at), value: text.slice(at + 1) };
}

async function countWithinTime(
  deps: { database: Database },
  workspace: WorkspaceId,
  sync: SyncId,
  filter: FileFilter,
): Promise<number | null> {
  try {
    return await deps.database.asWorkspace({ workspace }, async (tx) => {
      await tx.sql`select set_config('statement_timeout', ${String(COUNTING_MS)}, true)`;
      return countFiles(tx, sync, filter);
    });
  } catch (error) {
    if (isTimeout(error)) return null;
    throw error;
  }
}

/** The database's own "canceling statement due to statement timeout". */
const isTimeout = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "57014";
