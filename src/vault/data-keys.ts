/**
 * The data keys of a workspace, wrapped by a master key (SR-2).
 *
 * They are read again for every use instead of being cached. The row lies in the transaction that needs it anyway and
 * unwrapping takes microseconds; a cache could hand out a key whose own transaction was rolled back, and what was
 * sealed with it would be lost.
 */
import { randomBytes } from "node:crypto";
import type { WorkspaceId } from "#core/ids.ts";
import type { WorkspaceTx } from "#db/database.ts";
import { wrappingKey } from "./derive.ts";
import { decrypt, encrypt, parseEnvelope } from "./envelope.ts";
import type { Keyring } from "./keyring.ts";

export interface DataKeyRow {
  id: string;
  wrapped: string;
  master_key_id: string;
}

/** Fixed, so that two transactions that make the first key of a workspace at once meet on its primary key. */
const firstId = "d1";

/** The key that new values of this workspace are sealed with; made on first use. */
export async function currentDataKey(tx: WorkspaceTx, keyring: Keyring): Promise<DataKeyRow> {
  const found = await newestInUse(tx);
  if (found) return found;
  const wrapped = wrap(keyring, tx.workspace, firstId, randomBytes(32));
  await tx.sql`
    insert into data_keys (workspace_id, id, wrapped, master_key_id)
    values (${tx.workspace}, ${firstId}, ${wrapped}, ${keyring.writing.id})
    on conflict (workspace_id, id) do nothing`;
  // Ours, or that of the transaction that was faster: its commit is what the insert has waited for.
  const made = await newestInUse(tx);
  if (!made) throw new Error("the workspace has only retired data keys");
  return made;
}

async function newestInUse(tx: WorkspaceTx): Promise<DataKeyRow | undefined> {
  const [row] = await tx.sql<DataKeyRow>`
    select id, wrapped, master_key_id
      from data_keys
     where retired_at is null
     order by created_at desc, id desc
     limit 1`;
  return row;
}

export async function findDataKey(tx: WorkspaceTx, id: string): Promise<DataKeyRow | undefined> {
  const [row] = await tx.sql<DataKeyRow>`select id, wrapped, master_key_id from data_keys where id = ${id}`;
  return row;
}

/** Wraps a data key under the master key that writes. */
export function wrap(keyring: Keyring, workspace: WorkspaceId, id: string, dataKey: Uint8Array): string {
  return encrypt(wrappingKey(keyring.writing), keyring.writing.id, ["data-key", workspace, id], dataKey);
}

/** The data key itself, or why it cannot be had: its master key is not listed, or the row is not what we wrote. */
export function unwrap(
  keyring: Keyring,
  workspace: WorkspaceId,
  row: Pick<DataKeyRow, "id" | "wrapped">,
): { dataKey: Uint8Array } | { refused: "malformed" | "unknown-key" | "not-authentic" } {
  const envelope = parseEnvelope(row.wrapped);
  if (!envelope) return { refused: "malformed" };
  const master = keyring.reading.get(envelope.keyId);
  if (!master) return { refused: "unknown-key" };
  const dataKey = decrypt(wrappingKey(master), ["data-key", workspace, row.id], envelope);
  return dataKey?.length === 32 ? { dataKey } : { refused: "not-authentic" };
}
