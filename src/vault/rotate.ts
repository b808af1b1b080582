import type { WorkspaceId } from "#core/ids.ts";
import type { Database, WorkspaceTx } from "#db/database.ts";
import { type DataKeyRow, unwrap, wrap } from "./data-keys.ts";
import type { Keyring } from "./keyring.ts";
import type { RefusalReason } from "./seal.ts";

/** Workspaces are read in batches of this many ids, so that any number of them needs little memory. */
const batch = 500;

export interface RotationReport {
  workspaces: number;
  /** Data keys that are now under the writing master key and were not before. */
  rewrapped: number;
  /** Data keys that stay as they were, because they do not open. Their old master key must stay listed. */
  failed: { workspace: WorkspaceId; dataKey: string; reason: RefusalReason }[];
}

/**
 * Puts every data key under the writing master key, while everything else goes on: a data key keeps its id and value,
 * so no stored secret changes and both wrappings open it.
 *
 * Each workspace is one transaction that either happened or not, and what is left to do is read off the rows. It may
 * therefore be stopped at any point, started again, or run twice at once.
 */
export async function rotateMasterKey(
  database: Database,
  keyring: Keyring,
  options: { signal?: AbortSignal; onProgress?: (report: RotationReport) => void } = {},
): Promise<RotationReport> {
  const report: RotationReport = { workspaces: 0, rewrapped: 0, failed: [] };
  for await (const workspace of everyWorkspace(database)) {
    options.signal?.throwIfAborted();
    const done = await database.asWorkspace({ workspace }, (tx) => rewrapWorkspace(tx, keyring));
    report.workspaces += 1;
    report.rewrapped += done.rewrapped;
    report.failed.push(...done.failed.map((failure) => ({ workspace, ...failure })));
    options.onProgress?.(report);
  }
  return report;
}

export interface RotationStatus {
  writing: string;
  /** How many data keys each master key still wraps, by its id. A key that wraps none may be taken off the list. */
  dataKeys: Record<string, number>;
  /** Master keys that data keys need and that are not listed: those workspaces cannot open their secrets. */
  missing: string[];
}

export async function rotationStatus(database: Database, keyring: Keyring): Promise<RotationStatus> {
  const counts = new Map<string, number>([...keyring.reading.keys()].map((id) => [id, 0]));
  for await (const workspace of everyWorkspace(database)) {
    const rows = await database.asWorkspace(
      { workspace },
      (tx) => tx.sql<DataKeyRow>`select id, wrapped, master_key_id from data_keys`,
    );
    for (const row of rows) counts.set(row.master_key_id, (counts.get(row.master_key_id) ?? 0) + 1);
  }
  return {
    writing: keyring.writing.id,
    dataKeys: Object.fromEntries(counts),
    missing: [...counts.keys()].filter((id) => !keyring.reading.has(id)),
  };
}

async function* everyWorkspace(database: Database): AsyncGenerator<WorkspaceId> {
  // Ids are UUIDv7: a workspace that is made meanwhile comes later in this order and is met as well.
  let after: string | null = null;
  do {
    const rows: { id: WorkspaceId }[] = await database.acrossWorkspaces(
      (tx) =>
        tx.sql<{ id: WorkspaceId }>`select id from workspace_ids(${after}::uuid, ${batch}::int) as id order by id`,
    );
    for (const { id } of rows) yield id;
    after = rows.length === batch ? (rows.at(-1)?.id ?? null) : null;
  } while (after !== null);
}

async function rewrapWorkspace(
  tx: WorkspaceTx,
  keyring: Keyring,
): Promise<{ rewrapped: number; failed: { dataKey: string; reason: RefusalReason }[] }> {
  const rows = await tx.sql<DataKeyRow>`
    select id, wrapped, master_key_id
      from data_keys
     where master_key_id <> ${keyring.writing.id}
       for update`;
  const failed: { dataKey: string; reason: RefusalReason }[] = [];
  for (const row of rows) {
    const opened = unwrap(keyring, tx.workspace, row);
    if ("refused" in opened) {
      failed.push({ dataKey: row.id, reason: opened.refused });
      continue;
    }
    const wrapped = wrap(keyring, tx.workspace, row.id, opened.dataKey);
    opened.dataKey.fill(0);
    await tx.sql`
      update data_keys set wrapped = ${wrapped}, master_key_id = ${keyring.writing.id} where id = ${row.id}`;
  }
  return { rewrapped: rows.length - failed.length, failed };
}
