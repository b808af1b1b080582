import { AppError, notFound } from "#core/errors.ts";
import { type FileId, isUuid, type SyncId, type WorkspaceId } from "#core/ids.ts";
import type { Database } from "#db/database.ts";
import type { SyncedFile } from "./file.ts";
import { type FileDetails, findFile, findFileDetails } from "./file-rows.ts";
import type { Handoff } from "./handoffs/handoff.ts";
import { findHandoffOfFile } from "./handoffs/queries.ts";
import { findSync } from "./queries.ts";
import { compileSelection, type Selection } from "./selection.ts";
import type { Sync } from "./sync.ts";

export interface ExplainedFile extends SyncedFile, FileDetails {
  /** Which rule each value of the metadata came from. */
  metadataFrom: ReturnType<Selection["explain"]>;
  /** What a receiver was told of it last. */
  handoff: Handoff | undefined;
}

/** @throws AppError not_found */
export async function getFile(
  deps: { database: Database },
  workspace: WorkspaceId,
  sync: SyncId,
  id: FileId,
): Promise<ExplainedFile> {
  const [owner, file, details, handoff] = await deps.database.asWorkspace({ workspace }, (tx) =>
    Promise.all([
      findSync(tx, sync),
      findFile(tx, sync, id),
      isUuid(id) ? findFileDetails(tx, sync, id) : undefined,
      isUuid(id) ? findHandoffOfFile(tx, id) : undefined,
    ]),
  );
  if (!owner || !file || !details) throw notFound();
  return { ...file, ...details, metadataFrom: explain(owner, file), handoff };
}

/** Rules may have changed since the folder was read: only what they still give the same way is theirs. */
function explain({ filters, rules }: Sync, { folder, metadata }: SyncedFile): ReturnType<Selection["explain"]> {
  try {
    const { explain } = compileSelection({ filters, rules });
    return explain(folder).filter(({ part, value }) => metadata[part] === value);
  } catch (error) {
    if (error instanceof AppError) return [];
    throw error;
  }
}
