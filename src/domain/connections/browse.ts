import { AppError } from "#core/errors.ts";
import type { ConnectionId, Cursor, RemoteId } from "#core/ids.ts";
import type { Page } from "#core/page.ts";
import type { Call, Drive, FileSource, RemoteFile } from "#provider-kit/provider.ts";
import { secretUse } from "./access.ts";
import type { Caller } from "./connection.ts";
import { type ConnectionDeps, openConnection } from "./open-connection.ts";
import { withinTime } from "./within-time.ts";

export type { RemoteFile } from "#provider-kit/provider.ts";

const TIME_TO_ANSWER_MS = 20_000;

/** One page of the drives that a connection sees. Failures of the provider pass as they are. */
export async function listDrives(
  deps: ConnectionDeps,
  caller: Pick<Caller, "workspace" | "actor" | "signal">,
  id: ConnectionId,
  cursor: string | undefined,
): Promise<Page<Drive>> {
  return withFiles(deps, caller, id, (files, call) => files.drives(call, cursor as Cursor | undefined));
}

export interface BrowsePlace {
  drive: string;
  folder?: string | undefined;
  locator?: string | undefined;
  cursor?: string | undefined;
  foldersOnly: boolean;
}

/** One page of a folder, folders first, by name. Failures of the provider pass as they are. */
export async function browse(
  deps: ConnectionDeps,
  caller: Pick<Caller, "workspace" | "actor" | "signal">,
  id: ConnectionId,
  place: BrowsePlace,
): Promise<Page<RemoteFile>> {
  const page = await withFiles(deps, caller, id, (files, call) =>
    files.list(call, {
      drive: place.drive as RemoteId,
      ...(place.folder !== undefined && { folder: place.folder as RemoteId }),
      ...(place.locator !== undefined && { locator: place.locator }),
      ...(place.cursor !== undefined && { cursor: place.cursor as Cursor }),
    }),
  );
  const items = place.foldersOnly ? page.items.filter(({ isFolder }) => isFolder) : page.items;
  return { ...page, items: items.toSorted(foldersFirst) };
}

async function withFiles<T>(
  deps: ConnectionDeps,
  { workspace, actor, signal }: Pick<Caller, "workspace" | "actor" | "signal">,
  id: ConnectionId,
  work: (files: FileSource, call: Call) => Promise<T>,
): Promise<T> {
  return withinTime({ name: "The source", ms: TIME_TO_ANSWER_MS, signal }, async (until) => {
    const { provider, call } = await openConnection(deps, workspace, id, {
      use: secretUse(actor, "browse"),
      signal: until,
    });
    if (!provider.files) throw new AppError("invalid_request", `${provider.name} has no files.`);
    return work(provider.files, call);
  });
}

const byName = new Intl.Collator("en", { numeric: true }).compare;

const foldersFirst = (a: RemoteFile, b: RemoteFile): number =>
  Number(b.isFolder) - Number(a.isFolder) || byName(a.name, b.name);
