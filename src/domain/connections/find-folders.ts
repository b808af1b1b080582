import { AppError, ProviderError } from "#core/errors.ts";
import type { ConnectionId, Cursor, RemoteId } from "#core/ids.ts";
import type { Page } from "#core/page.ts";
import type { Call, FileSource, RemoteFile } from "#provider-kit/provider.ts";
import type { Caller } from "./connection.ts";
import type { ConnectionDeps } from "./open-connection.ts";
import { withFiles } from "./with-files.ts";

/** Folders asked for to learn where the found ones lie, for one page of them. */
const MOST_LOOKED_UP = 120;
const AT_ONCE = 8;
/** Deeper than anybody makes them, and the end of a ring. */
const DEEPEST = 60;

export interface FoundFolder {
  folder: RemoteFile;
  /** The folders it lies in, outermost first; undefined where the source does not show all of them. */
  above: { id: string; name: string }[] | undefined;
}

export interface FolderSearch {
  drive: string;
  text: string;
  cursor?: string | undefined;
}

/**
 * One page of the folders of a drive that are called so, each with the way to it. Failures of the provider pass as they
 * are. @throws AppError invalid_request where the provider cannot search
 */
export async function findFolders(
  deps: ConnectionDeps,
  caller: Pick<Caller, "workspace" | "actor" | "signal">,
  id: ConnectionId,
  { drive, text, cursor }: FolderSearch,
): Promise<Page<FoundFolder>> {
  return withFiles(deps, caller, id, async (files, call) => {
    if (!files.findFolders) throw new AppError("invalid_request", "This source cannot be searched for folders.");
    const at = { drive: drive as RemoteId, text };
    const { items, ...more } = await files.findFolders(
      call,
      cursor === undefined ? at : { ...at, cursor: cursor as Cursor },
    );
    const above = await waysTo(files, call, drive as RemoteId, items);
    return { ...more, items: items.map((folder) => ({ folder, above: above(folder) })) };
  });
}

/** Looks up what lies above these folders, level by level, each folder once. */
async function waysTo(files: FileSource, call: Call, drive: RemoteId, found: readonly RemoteFile[]) {
  const known = new Map<RemoteId, RemoteFile | undefined>(found.map((folder) => [folder.id, folder]));
  let asked = 0;
  let wanted = new Set(found.flatMap(({ folder }) => folder ?? []));
  for (let level = 0; level < DEEPEST && wanted.size > 0; level++) {
    const unknown = [...wanted].filter((id) => !known.has(id)).slice(0, MOST_LOOKED_UP - asked);
    asked += unknown.length;
    for (let from = 0; from < unknown.length; from += AT_ONCE) {
      const some = unknown.slice(from, from + AT_ONCE);
      const folders = await Promise.all(some.map((id) => lookUp(files, call, drive, id)));
      some.forEach((id, place) => {
        known.set(id, folders[place]);
      });
    }
    wanted = new Set([...wanted].flatMap((id) => known.get(id)?.folder ?? []));
  }
  return (folder: RemoteFile): FoundFolder["above"] => {
    const above: { id: string; name: string }[] = [];
    for (let id = folder.folder; id !== undefined; ) {
      const parent = known.get(id);
      if (!parent || above.length > DEEPEST) return undefined;
      above.unshift({ id: parent.id, name: parent.name });
      id = parent.folder;
    }
    return above;
  };
}

/** A folder above that cannot be seen does not spoil the search. */
async function lookUp(files: FileSource, call: Call, drive: RemoteId, id: RemoteId): Promise<RemoteFile | undefined> {
  try {
    return await files.get(call, { drive, id });
  } catch (error) {
    if (error instanceof ProviderError && (error.kind === "not-found" || error.kind === "forbidden")) return undefined;
    throw error;
  }
}
