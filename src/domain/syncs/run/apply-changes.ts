import type { RemoteId } from "#core/ids.ts";
import type { WorkspaceTx } from "#db/database.ts";
import type { Change, ChangePage, RemoteFile } from "#provider-kit/provider.ts";
import { below } from "../folder-path.ts";
import { rejudged, rewritePaths } from "./paths.ts";
import { addCounts } from "./queries.ts";
import type { OpenRun } from "./run.ts";
import { type Judge, toSighting } from "./sighting.ts";
import { queueMovesIn } from "./sweep.ts";
import { type Recording, recordSightings, type Sighting, top } from "./tree.ts";

export interface FeedMeans {
  run: OpenRun;
  judge: Judge;
  options: Omit<Recording, "by">;
  /** The folders that a person chose. Where they lie is that person's matter: only what is in them is followed. */
  chosen: ReadonlySet<RemoteId>;
}

/** A folder of the tree as a page of changes meets it. */
interface Known {
  remote_id: RemoteId;
  is_folder: boolean;
  path: string | null;
  /** It is there, and not marked as missing. */
  present: boolean;
  removed: boolean;
}

/**
 * Brings the tree to where a page of the feed says it is, and the cursor with it. What lies in a folder of the tree is
 * in scope; what has left it, or is gone, is marked as missing with all below it, and what becomes of that is decided
 * when the feed has been read to its end. Answers how many files the run has dealt with.
 */
export async function applyChanges(tx: WorkspaceTx, means: FeedMeans, page: ChangePage): Promise<number> {
  const { run, judge, options, chosen } = means;
  // The sync before its run, as whoever pauses it does: the other way round they wait for each other.
  await tx.sql`update syncs set change_cursor = ${page.next} where id = ${run.sync}`;
  const changes = lastOfEach(page.changes);
  const known = await findKnown(tx, run, changes);
  const { placed, outside } = placeAll(changes, known, means);

  const counts = await recordSightings(tx, run, { ...options, by: "feed" }, placed, []);
  const gone = [...changes.values()].flatMap((change) => (change.kind === "gone" ? [change.id] : []));
  await listAgain(
    tx,
    run,
    [...gone, ...outside].filter((id) => chosen.has(id)),
  );
  await markLeft(
    tx,
    run,
    [...gone, ...outside].filter((id) => !chosen.has(id) && known.get(id)?.removed === false),
  );

  const moved = placed.filter(({ is_folder, remote_id, path }) => {
    const before = known.get(remote_id);
    return is_folder && before !== undefined && before.path !== path;
  });
  const below = await rewritePaths(
    tx,
    run,
    judge,
    moved.map(({ remote_id }) => remote_id),
  );
  const elsewhere = [...moved.map(({ remote_id }) => remote_id), ...below];
  if (options.mirror && elsewhere.length > 0) await queueMovesIn(tx, run, elsewhere);
  const dealtWith = await addCounts(tx, run, counts);
  if (judge.looksAtPaths && elsewhere.length > 0) {
    for await (const batch of rejudged(tx, run, judge, elsewhere)) {
      await addCounts(tx, run, await recordSightings(tx, run, { ...options, by: "feed" }, batch, []));
    }
  }
  return dealtWith;
}

/** One page may say something of the same file twice; the last word counts. */
function lastOfEach(changes: readonly Change[]): Map<RemoteId, Change> {
  const last = new Map<RemoteId, Change>();
  for (const change of changes) {
    const id = change.kind === "gone" ? change.id : change.file.id;
    last.delete(id);
    last.set(id, change);
  }
  return last;
}

async function findKnown(
  tx: WorkspaceTx,
  run: OpenRun,
  changes: ReadonlyMap<RemoteId, Change>,
): Promise<Map<RemoteId, Known>> {
  const ids = new Set<RemoteId>(changes.keys());
  for (const change of changes.values()) if (change.kind === "changed") ids.add(change.file.folder ?? top);
  const rows = await tx.sql<Known>`
    select remote_id, is_folder, path, state = 'removed' as removed,
           state <> 'removed' and missing_generation is distinct from ${run.generation} as present
      from files where sync_id = ${run.sync} and remote_id = any(${[...ids]}::text[])`;
  return new Map(rows.map((row) => [row.remote_id, row]));
}

/** Finds the place of each changed file: a folder may come behind what lies in it. Pure. */
function placeAll(
  changes: ReadonlyMap<RemoteId, Change>,
  known: ReadonlyMap<RemoteId, Known>,
  { judge, chosen }: FeedMeans,
): { placed: Sighting[]; outside: RemoteId[] } {
  const placed: Sighting[] = [];
  const outside: RemoteId[] = [];
  /** Folders of this page: their path, or nothing where they are outside. */
  const paths = new Map<RemoteId, string | undefined>();
  const waiting = new Map<RemoteId, RemoteFile[]>();

  const settle = (first: RemoteFile): void => {
    const ready = [first];
    for (let file = ready.pop(); file; file = ready.pop()) {
      const parent = file.folder ?? top;
      const path = paths.has(parent) ? paths.get(parent) : presentPath(known.get(parent));
      if (path === undefined) outside.push(file.id);
      else placed.push(toSighting(file, { remote_id: parent, path }, judge));
      if (!file.isFolder) continue;
      paths.set(file.id, path === undefined ? undefined : below(path, file.name));
      ready.push(...(waiting.get(file.id) ?? []));
      waiting.delete(file.id);
    }
  };
  for (const change of changes.values()) {
    if (change.kind === "gone") {
      if (!chosen.has(change.id)) paths.set(change.id, undefined);
      continue;
    }
    const { file } = change;
    if (chosen.has(file.id)) continue;
    const parent = file.folder ?? top;
    const ahead = changes.get(parent);
    const isToCome = ahead?.kind === "changed" && !paths.has(parent) && !chosen.has(parent);
    if (!isToCome) settle(file);
    else waiting.set(parent, [...(waiting.get(parent) ?? []), file]);
  }
  // In a circle: the feed was read while they moved, and says more later.
  for (const files of waiting.values()) outside.push(...files.map(({ id }) => id));
  return { placed, outside };
}

const presentPath = (folder: Known | undefined): string | undefined =>
  folder?.is_folder && folder.present ? (folder.path ?? undefined) : undefined;

/** What has gone, or left what is kept in sync, with everything below. */
async function markLeft(tx: WorkspaceTx, run: OpenRun, left: readonly RemoteId[]): Promise<void> {
  if (left.length === 0) return;
  await tx.sql`
    with recursive gone as (
      select remote_id, is_folder from files
       where sync_id = ${run.sync} and remote_id = any(${left}::text[]) and state <> 'removed'
      union
      select f.remote_id, f.is_folder from gone join files f on f.parent_id = gone.remote_id
       where gone.is_folder and f.sync_id = ${run.sync} and f.state <> 'removed'
    )
    update files set missing_generation = ${run.generation}
      from gone
     where files.sync_id = ${run.sync} and files.remote_id = gone.remote_id
       and (files.is_folder or files.reason is distinct from 'gone_at_source')`;
}

/** A chosen folder that has gone is asked for by itself, so that the answer says why. */
async function listAgain(tx: WorkspaceTx, run: OpenRun, chosen: readonly RemoteId[]): Promise<void> {
  if (chosen.length === 0) return;
  await tx.sql`
    update files set listed_generation = null, list_cursor = null, failure = null
     where sync_id = ${run.sync} and remote_id = any(${chosen}::text[])`;
}
