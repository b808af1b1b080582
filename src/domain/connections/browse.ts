import type { ConnectionId, Cursor, RemoteId } from "#core/ids.ts";
import type { Page } from "#core/page.ts";
import type { Drive, RemoteFile } from "#provider-kit/provider.ts";
import type { Caller } from "./connection.ts";
import type { ConnectionDeps } from "./open-connection.ts";
import { withFiles } from "./with-files.ts";

export type { RemoteFile } from "#provider-kit/provider.ts";

export interface DrivePage extends Page<Drive> {
  /** Whether the provider itself finds folders by name. */
  findsFolders: boolean;
}

/** One page of the drives that a connection sees. Failures of the provider pass as they are. */
export async function listDrives(
  deps: ConnectionDeps,
  caller: Pick<Caller, "workspace" | "actor" | "signal">,
  id: ConnectionId,
  cursor: string | undefined,
): Promise<DrivePage> {
  return withFiles(deps, caller, id, async (files, call) => ({
    ...(await files.drives(call, cursor as Cursor | undefined)),
    findsFolders: files.findFolders !== undefined,
  }));
}

export interface BrowsePlace {
  drive: string;
  folder?: string | undefined;
  locator?: string | undefined;
  cursor?: string | undefined;
  foldersOnly: boolean;
}

export interface BrowsedPage extends Page<RemoteFile> {
  /** What the page has besides folders, also where only those are asked for. */
  files: { total: number; exported: number; unreadable: number };
}

/** One page of a folder, folders first, by name. Failures of the provider pass as they are. */
export async function browse(
  deps: ConnectionDeps,
  caller: Pick<Caller, "workspace" | "actor" | "signal">,
  id: ConnectionId,
  place: BrowsePlace,
): Promise<BrowsedPage> {
  const page = await withFiles(deps, caller, id, (files, call) =>
    files.list(call, {
      drive: place.drive as RemoteId,
      ...(place.folder !== undefined && { folder: place.folder as RemoteId }),
      ...(place.locator !== undefined && { locator: place.locator }),
      ...(place.cursor !== undefined && { cursor: place.cursor as Cursor }),
    }),
  );
  const files = page.items.filter(({ isFolder }) => !isFolder);
  const items = place.foldersOnly ? page.items.filter(({ isFolder }) => isFolder) : page.items;
  return {
    ...page,
    items: items.toSorted(foldersFirst),
    files: {
      total: files.length,
      exported: files.filter((file) => !file.unreadable && file.exports.length > 0).length,
      unreadable: files.filter((file) => file.unreadable).length,
    },
  };
}

const byName = new Intl.Collator("en", { numeric: true }).compare;

const foldersFirst = (a: RemoteFile, b: RemoteFile): number =>
  Number(b.isFolder) - Number(a.isFolder) || byName(a.name, b.name);
