import { notFound } from "#core/errors.ts";
import type { FileId, SyncId, SyncRunId, WorkspaceId } from "#core/ids.ts";
import { fromCursor, toCursor } from "#core/keyset.ts";
import type { Page } from "#core/page.ts";
import type { Database, WorkspaceTx } from "#db/database.ts";
import { findSync } from "./queries.ts";
import { findRun, findRuns } from "./run-rows.ts";
import type { RunStatus, SyncRun } from "./sync.ts";

export type LogLevel = "info" | "warning" | "error";

export interface LogLine {
  sequence: number;
  at: Date;
  level: LogLevel;
  code: string;
  message: string;
  file: FileId | null;
}

/** @throws AppError not_found */
export async function readRun(tx: WorkspaceTx, id: SyncRunId): Promise<SyncRun> {
  const run = await findRun(tx, id);
  if (!run) throw notFound();
  return run;
}

/** @throws AppError not_found */
export const getRun = (deps: { database: Database }, workspace: WorkspaceId, id: SyncRunId): Promise<SyncRun> =>
  deps.database.asWorkspace({ workspace }, (tx) => readRun(tx, id));

/** Runs of a sync, newest first. @throws AppError not_found, cursor_not_valid */
export const listRuns = (
  deps: { database: Database },
  workspace: WorkspaceId,
  sync: SyncId,
  query: { limit: number; cursor?: string | undefined; status?: RunStatus | undefined },
): Promise<Page<SyncRun>> =>
  deps.database.asWorkspace({ workspace }, async (tx) => {
    if (!(await findSync(tx, sync))) throw notFound();
    return findRuns(tx, sync, query);
  });

/** What a run did, oldest first. @throws AppError not_found, cursor_not_valid */
export const readRunLog = (
  deps: { database: Database },
  workspace: WorkspaceId,
  run: SyncRunId,
  query: { limit: number; cursor?: string | undefined; level?: LogLevel | undefined },
): Promise<Page<LogLine>> =>
  deps.database.asWorkspace({ workspace }, async (tx) => {
    await readRun(tx, run);
    const [after] = fromCursor(query.cursor, 1) ?? [null];
    const rows = await tx.sql<Omit<LogLine, "sequence"> & { sequence: string }>`
      select sequence, at, level, code, message, file_id as file
        from sync_run_log
       where run_id = ${run} and (${after ?? null}::bigint is null or sequence > ${after ?? null}::bigint)
         and (${query.level ?? null}::text is null or level = ${query.level ?? null})
       order by sequence limit ${query.limit + 1}`;
    const last = rows.length > query.limit ? rows[query.limit - 1] : undefined;
    return {
      items: rows.slice(0, query.limit).map((row) => ({ ...row, sequence: Number(row.sequence) })),
      ...(last && { next: toCursor(last.sequence) }),
    };
  });
