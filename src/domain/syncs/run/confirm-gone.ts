import { ProviderError } from "#core/errors.ts";
import type { RemoteId } from "#core/ids.ts";
import type { WorkspaceTx } from "#db/database.ts";
import type { RemoteFile } from "#provider-kit/provider.ts";
import { holdSync } from "../queries.ts";
import { eachAtOnce } from "./at-once.ts";
import { handlingOf, type RunAtWork } from "./at-work.ts";
import { listAgainNextTime } from "./listing-progress.ts";
import { addCounts } from "./queries.ts";
import type { OpenRun } from "./run.ts";
import { toSighting } from "./sighting.ts";
import { recordSightings, top } from "./tree.ts";

/** More than this are not asked for one by one: a person decides about them. */
const MOST_ASKED = 5_000;
const ASKED_AT_ONCE = 8;

interface Missing {
  remote_id: RemoteId;
  locator: string | null;
}

/** What the source said when it was asked for one thing: it is not there, it is, or there was no answer. */
type Answer = { file: RemoteFile } | "gone" | "unknown";

/**
 * A listing that takes a while can miss what is moved meanwhile, what was moved into a folder that could not be listed is
 * in none, and not every listing of a whole drive has everything. So what looks gone after a listing is asked for by its
 * id before it is taken for gone; what is there, or may be, is marked as missing no more (SR-89). A feed says itself
 * what has gone, and need not be asked again while every folder could be listed.
 */
export async function confirmGone(atWork: RunAtWork): Promise<boolean> {
  const { run, sync, connection, signal, write } = atWork;
  const { files } = connection.provider;
  if (!files) return false;
  const unlisted = await write((tx) => isAnythingUnlisted(tx, run));
  const missing = await write((tx) => findMissing(tx, run));
  if (missing.length > MOST_ASKED) return false;
  if (missing.length === 0) return true;

  const answers = new Map<RemoteId, Answer>();
  await eachAtOnce(missing, ASKED_AT_ONCE, async ({ remote_id, locator }) => {
    signal.throwIfAborted();
    const ref = { drive: sync.drive.id, id: remote_id, ...(locator !== null && { locator }) };
    answers.set(remote_id, await ask(() => files.get(connection.call, ref)));
  });
  signal.throwIfAborted();

  await write(async (tx) => {
    await holdSync(tx, run.sync);
    const unknown = [...answers].flatMap(([id, answer]) => (answer === "unknown" ? [id] : []));
    await unmark(tx, run, unknown);
    if (unknown.length > 0) await listAgainNextTime(tx, run);
    const options = { ...handlingOf(atWork), by: "feed" } as const;
    // One may lie in another of them, so that its place is known only after that one's.
    let found = [...answers.values()].flatMap((answer) => (typeof answer === "object" ? [answer.file] : []));
    for (;;) {
      const paths = await findPresentFolders(tx, run, [...new Set(found.map(({ folder }) => folder ?? top))]);
      const placed = found.filter(({ folder }) => paths.has(folder ?? top));
      if (placed.length === 0) break;
      await unmark(
        tx,
        run,
        placed.map(({ id }) => id),
      );
      const sightings = placed.map((file) => {
        const parent = file.folder ?? top;
        return toSighting(file, { remote_id: parent, path: paths.get(parent) ?? "" }, sync.judge);
      });
      await addCounts(tx, run, await recordSightings(tx, run, options, sightings, []));
      found = found.filter((file) => !placed.includes(file));
    }
    // They are there, and in no folder of ours: out of scope, unless the folder is one that nobody has seen yet.
    if (!unlisted || found.length === 0) return;
    await unmark(
      tx,
      run,
      found.map(({ id }) => id),
    );
    await listAgainNextTime(tx, run);
  });
  return true;
}

async function ask(work: () => Promise<RemoteFile>): Promise<Answer> {
  try {
    return { file: await work() };
  } catch (failure) {
    if (!(failure instanceof ProviderError)) throw failure;
    return failure.kind === "not-found" ? "gone" : "unknown";
  }
}

/** Whether there are folders that could not be listed, so that nobody knows what lies in them. */
export async function isAnythingUnlisted(tx: WorkspaceTx, run: OpenRun): Promise<boolean> {
  const [row] = await tx.sql<{ unlisted: boolean }>`
    select exists (
      select from files
       where sync_id = ${run.sync} and is_folder and state = 'folder' and seen_generation = ${run.generation}
         and missing_generation is null and listed_generation is distinct from ${run.generation} and failure is not null
    ) as unlisted`;
  return row?.unlisted === true;
}

/** Also what lies in a folder that is missing: it may have been moved out of it. */
function findMissing(tx: WorkspaceTx, run: OpenRun): Promise<Missing[]> {
  return tx.sql<Missing>`
    select remote_id, locator from files
     where sync_id = ${run.sync} and missing_generation = ${run.generation} and state <> 'removed' and not held
     order by remote_id limit ${MOST_ASKED + 1}`;
}

/** These, and all that lies below them, are missing no more. */
async function unmark(tx: WorkspaceTx, run: OpenRun, nodes: readonly RemoteId[]): Promise<void> {
  if (nodes.length === 0) return;
  await tx.sql`
    with recursive below as (
      select remote_id, is_folder from files where sync_id = ${run.sync} and remote_id = any(${nodes}::text[])
      union
      select f.remote_id, f.is_folder from below join files f on f.parent_id = below.remote_id
       where below.is_folder and f.sync_id = ${run.sync} and f.state <> 'removed'
    )
    update files set missing_generation = null, held = false from below
     where files.sync_id = ${run.sync} and files.remote_id = below.remote_id`;
}

async function findPresentFolders(
  tx: WorkspaceTx,
  run: OpenRun,
  ids: readonly RemoteId[],
): Promise<Map<RemoteId, string>> {
  const rows = await tx.sql<{ remote_id: RemoteId; path: string }>`
    select remote_id, path from files
     where sync_id = ${run.sync} and remote_id = any(${ids}::text[]) and is_folder and state = 'folder'
       and missing_generation is distinct from ${run.generation}`;
  return new Map(rows.map(({ remote_id, path }) => [remote_id, path]));
}
