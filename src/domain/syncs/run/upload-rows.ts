import type { FileId } from "#core/ids.ts";
import type { WorkspaceTx } from "#db/database.ts";
import type { OpenRun } from "./run.ts";

/** What the destination wanted to remember of an upload that was broken off. */
export async function findUpload(tx: WorkspaceTx, run: OpenRun, file: FileId): Promise<unknown> {
  const [row] = await tx.sql<{ upload: unknown }>`
    select upload from files where sync_id = ${run.sync} and id = ${file} and upload is not null`;
  return row?.upload;
}

export async function keepUpload(tx: WorkspaceTx, run: OpenRun, file: FileId, state: unknown): Promise<void> {
  await tx.sql`
    update files set upload = ${JSON.stringify(state)}::jsonb where sync_id = ${run.sync} and id = ${file} and work = 'copy'`;
}

/** Their objects are whole, and that is written down in the same transaction. */
export async function forgetUploads(tx: WorkspaceTx, run: OpenRun, files: readonly FileId[]): Promise<void> {
  if (files.length === 0) return;
  await tx.sql`
    update files set upload = null where sync_id = ${run.sync} and id = any(${files}::uuid[]) and upload is not null`;
}
