import type { ConnectionId, FileId, RemoteId, SyncId } from "#core/ids.ts";
import type { WorkspaceTx } from "#db/database.ts";
import { foldKey, idKey, mirrorKey, type ObjectKey, withShortId } from "#destinations/object-key.ts";

export interface KeyedFile {
  id: FileId;
  remote_id: RemoteId;
  name: string;
  /** Path of its folder, `""` at the top, `/A/B` below. */
  folder: string;
  object_key: string | null;
}

/** The layout by ids needs no claim: nobody else can have the same key. */
export function idKeyOf(
  connection: ConnectionId,
  file: { remote_id: RemoteId; name: string },
  version: string,
): ObjectKey {
  const extension = /\.([A-Za-z0-9]{1,16})$/.exec(file.name)?.[1];
  return idKey({ connection, remoteId: file.remote_id, version, ...(extension && { extension }) });
}

function mirrorKeyOf(file: KeyedFile): ObjectKey {
  const [first = file.name, ...rest] = [...file.folder.split("/").filter((segment) => segment !== ""), file.name];
  return mirrorKey([first, ...rest]);
}

/**
 * Claims a key of the mirror layout for each file, its own path where that is free, else with a short id joined. A file
 * that has one of the two already keeps it, so that the same file always gets the same key (SR-84).
 */
export async function claimMirrorKeys(
  tx: WorkspaceTx,
  sync: SyncId,
  files: readonly KeyedFile[],
): Promise<Map<FileId, ObjectKey>> {
  const keys = new Map<FileId, ObjectKey>();
  const plain: { file: KeyedFile; key: ObjectKey }[] = [];
  for (const file of files) {
    const key = mirrorKeyOf(file);
    const joined = withShortId(key, file.remote_id);
    if (file.object_key === key || file.object_key === joined) keys.set(file.id, file.object_key as ObjectKey);
    else plain.push({ file, key });
  }
  const refused = await claim(tx, sync, plain, keys);
  const again = refused.map(({ file, key }) => ({ file, key: withShortId(key, file.remote_id) }));
  for (const { file } of await claim(tx, sync, again, keys)) throw new Error(`no key is left for the file ${file.id}`);
  return keys;
}

async function claim(
  tx: WorkspaceTx,
  sync: SyncId,
  wanted: readonly { file: KeyedFile; key: ObjectKey }[],
  keys: Map<FileId, ObjectKey>,
): Promise<{ file: KeyedFile; key: ObjectKey }[]> {
  if (wanted.length === 0) return [];
  const rows = JSON.stringify(wanted.map(({ file, key }) => ({ folded_key: foldKey(key), file_id: file.id })));
  await tx.sql`
    insert into object_claims (workspace_id, sync_id, folded_key, file_id)
    select ${tx.workspace}::uuid, ${sync}::uuid, folded_key, file_id
      from jsonb_to_recordset(${rows}::jsonb) as wanted(folded_key text, file_id uuid)
    on conflict do nothing`;
  const owned = await tx.sql<{ folded_key: string; file_id: FileId }>`
    select folded_key, file_id from object_claims
     where sync_id = ${sync} and folded_key = any(${wanted.map(({ key }) => foldKey(key))}::text[])`;
  const owner = new Map(owned.map((row) => [row.folded_key, row.file_id]));
  const refused = [];
  for (const want of wanted) {
    if (owner.get(foldKey(want.key)) === want.file.id) keys.set(want.file.id, want.key);
    else refused.push(want);
  }
  return refused;
}

/** Gives back what these files had claimed besides the keys that they still use. */
export async function dropOldClaims(
  tx: WorkspaceTx,
  sync: SyncId,
  used: ReadonlyMap<FileId, readonly string[]>,
): Promise<void> {
  const rows = JSON.stringify(
    [...used].map(([file_id, keys]) => ({ file_id, folded_keys: keys.map((key) => foldKey(key as ObjectKey)) })),
  );
  await tx.sql`
    delete from object_claims c using jsonb_to_recordset(${rows}::jsonb) as used(file_id uuid, folded_keys text[])
     where c.sync_id = ${sync} and c.file_id = used.file_id and c.folded_key <> all(used.folded_keys)`;
}

/** The bytes under these keys are gone; the keys are free again. */
export async function dropClaims(tx: WorkspaceTx, sync: SyncId, keys: readonly ObjectKey[]): Promise<void> {
  await tx.sql`delete from object_claims where sync_id = ${sync} and folded_key = any(${keys.map(foldKey)}::text[])`;
}
