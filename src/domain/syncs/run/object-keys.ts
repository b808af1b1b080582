import type { ConnectionId, FileId, RemoteId, SyncId } from "#core/ids.ts";
import type { WorkspaceTx } from "#db/database.ts";
import { foldKey, idKey, mirrorKey, type ObjectKey, segmentsOf, withShortId } from "#destinations/object-key.ts";

export interface KeyedFile {
  id: FileId;
  remote_id: RemoteId;
  name: string;
  /** Path of its folder, `""` at the top, `/A/B` below. */
  folder: string;
  object_key: ObjectKey | null;
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

/** Whether two keys are one name to a file system that looks neither at upper case nor at the Unicode form. */
export const isSpelledOtherwise = (one: ObjectKey, other: ObjectKey): boolean =>
  one !== other && foldKey(one) === foldKey(other);

/** Whether an object's key is its file's, but for the spelling. */
export function isRespelled(file: KeyedFile, key: ObjectKey): boolean {
  const plain = mirrorKeyOf(file);
  return [plain, withShortId(plain, file.remote_id)].some((wanted) => isSpelledOtherwise(wanted, key));
}

/** A key, folded, that belongs to a file. */
export interface Claim {
  file: FileId;
  foldedKey: string;
}

export interface Claimed {
  keys: Map<FileId, ObjectKey>;
  /** Claims to names that folders need: their files have to step aside. */
  inTheWay: Claim[];
}

/**
 * Claims a key of the mirror layout for each file: its own path where that is free, else with a short id joined. A file
 * that has one of the two already keeps it, so that the same file always gets the same key (SR-84). Some sources have a
 * file and a folder of one name in one place, which no file system has: the folder has the name, and the file its id.
 */
export async function claimMirrorKeys(tx: WorkspaceTx, sync: SyncId, files: readonly KeyedFile[]): Promise<Claimed> {
  const keys = new Map<FileId, ObjectKey>();
  const plain: Wanted[] = [];
  for (const file of files) {
    const key = mirrorKeyOf(file);
    const joined = withShortId(key, file.remote_id);
    if (file.object_key === joined) keys.set(file.id, joined);
    else plain.push({ file, key });
  }
  const refused = await claim(tx, sync, plain, keys);
  const again = refused.map(({ file, key }) => ({ file, key: withShortId(key, file.remote_id) }));
  for (const { file } of await claim(tx, sync, again, keys)) throw new Error(`no key is left for the file ${file.id}`);
  return { keys, inTheWay: await claimsAbove(tx, sync, [...keys.values()]) };
}

interface Wanted {
  file: KeyedFile;
  key: ObjectKey;
}

/** Answers those whose key is another file's, or has others below it. */
async function claim(
  tx: WorkspaceTx,
  sync: SyncId,
  wanted: readonly Wanted[],
  keys: Map<FileId, ObjectKey>,
): Promise<Wanted[]> {
  if (wanted.length === 0) return [];
  const rows = JSON.stringify(wanted.map(({ file, key }) => ({ folded_key: foldKey(key), file_id: file.id })));
  const made = await tx.sql<{ folded_key: string }>`
    insert into object_claims (workspace_id, sync_id, folded_key, file_id)
    select ${tx.workspace}::uuid, ${sync}::uuid, folded_key, file_id
      from jsonb_to_recordset(${rows}::jsonb) as wanted(folded_key text, file_id uuid)
    on conflict do nothing
    returning folded_key`;
  // "0" comes right behind "/".
  const owned = await tx.sql<{ folded_key: string; file_id: FileId; is_folder: boolean }>`
    select folded_key, file_id, exists (
             select from object_claims below
              where below.sync_id = ${sync} and below.folded_key > claim.folded_key || '/'
                and below.folded_key < claim.folded_key || '0') as is_folder
      from object_claims claim
     where sync_id = ${sync} and folded_key = any(${wanted.map(({ key }) => foldKey(key))}::text[])`;
  const owner = new Map(owned.map((row) => [row.folded_key, row.is_folder ? undefined : row.file_id]));
  const refused = [];
  for (const want of wanted) {
    if (owner.get(foldKey(want.key)) === want.file.id) keys.set(want.file.id, want.key);
    else refused.push(want);
  }
  const folders = owned.flatMap(({ folded_key, is_folder }) => (is_folder ? [folded_key] : []));
  const inVain = made.flatMap(({ folded_key }) => (folders.includes(folded_key) ? [folded_key] : []));
  if (inVain.length > 0) {
    await tx.sql`delete from object_claims where sync_id = ${sync} and folded_key = any(${inVain}::text[])`;
  }
  return refused;
}

async function claimsAbove(tx: WorkspaceTx, sync: SyncId, keys: readonly ObjectKey[]): Promise<Claim[]> {
  const above = new Set<string>();
  for (const key of keys) {
    const segments = segmentsOf(foldKey(key) as ObjectKey);
    for (let count = segments.length - 1; count > 0; count--) {
      const folder = segments.slice(0, count).join("/");
      if (above.has(folder)) break;
      above.add(folder);
    }
  }
  return tx.sql<{ file: FileId; foldedKey: string }>`
    select file_id as file, folded_key as "foldedKey" from object_claims
     where sync_id = ${sync} and folded_key = any(${[...above]}::text[])`;
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

/**
 * Frees these keys, folded, but for those under which their files have something, or may have it soon; and all keys of
 * files that have nothing any more, as one that was to be moved and is gone.
 */
export async function dropClaims(tx: WorkspaceTx, sync: SyncId, foldedKeys: readonly string[]): Promise<void> {
  const owners = await tx.sql<{ folded_key: string; file_id: FileId; keys: (ObjectKey | null)[]; has_work: boolean }>`
    select c.folded_key, c.file_id, array[f.object_key, f.pending_key] as keys, f.work is not null as has_work
      from object_claims c left join files f on f.sync_id = c.sync_id and f.id = c.file_id
     where c.sync_id = ${sync} and c.folded_key = any(${foldedKeys}::text[])`;
  const free = owners.filter(({ folded_key, keys }) => !keys.some((key) => key && foldKey(key) === folded_key));
  const bereft = owners.filter(({ keys, has_work }) => !has_work && keys.every((key) => key === null));
  await tx.sql`
    delete from object_claims
     where sync_id = ${sync} and (folded_key = any(${free.map(({ folded_key }) => folded_key)}::text[])
                                  or file_id = any(${bereft.map(({ file_id }) => file_id)}::uuid[]))`;
}
