import { ProviderError } from "#core/errors.ts";
import type { Cursor, RemoteId } from "#core/ids.ts";
import type { Page } from "#core/page.ts";
import type { Parser } from "#core/schema.ts";
import type { Call, FileSource, RemoteFile } from "#provider-kit/provider.ts";
import { deltaReply, ITEM, type Item, itemReply, itemsReply } from "./api.ts";
import type { Config } from "./config.ts";
import { feedCursor, type Link, listCursor, readFeedCursor, readListCursor, toLink, urlOf } from "./cursor.ts";
import { listDrives } from "./drives.ts";
import { readFile } from "./read.ts";
import { folderOf, toChanges, toRemoteFile } from "./remote-file.ts";

/** Most entries of a page that Graph takes; the feed takes it for a hint. */
const PAGE = 999;

// Folders on the way to what has changed come along unless this is said.
const withoutParents = { deltaExcludeParent: "true" };

/** @param addresses where it may be called: a download from elsewhere goes by way of the API */
export const filesOf = (addresses: readonly string[]): FileSource<Config> => ({
  hashesMayDiffer: true,
  drives: listDrives,

  async list(call, { drive, folder, cursor }) {
    const place = folder === undefined ? "root" : `items/${encodeURIComponent(folder)}`;
    const page = cursor
      ? await next(call, readListCursor(cursor), itemsReply)
      : await call.http.json({ url: `${at(drive)}/${place}/children?$top=${PAGE}&$select=${ITEM}` }, itemsReply);
    const items = page.value.filter((item) => !item.deleted).map((item) => toRemoteFile(item, folder));
    return toPage(items, page["@odata.nextLink"]);
  },

  async listAll(call, { drive, cursor }) {
    const from = cursor === undefined ? undefined : readFeedCursor(cursor);
    const page = from
      ? await next(call, from.link, deltaReply).catch(notYet)
      : await call.http.json({ url: `${at(drive)}/root/delta?$top=${PAGE}&$select=${ITEM}` }, deltaReply);
    const top = from?.top ?? topIn(page.value) ?? (await topOf(call, drive));
    const items = toChanges(page.value, top).flatMap((change) => (change.kind === "changed" ? [change.file] : []));
    const link = page["@odata.nextLink"];
    if (link !== undefined) return { items, next: feedCursor({ place: "page", top, link: toLink(link, "feed") }) };
    if (page["@odata.deltaLink"] === undefined) throw endless();
    return { items };
  },

  async findFolders(call, { drive, text, cursor }) {
    const [page, top] = await Promise.all([
      cursor
        ? next(call, readListCursor(cursor), itemsReply)
        : call.http.json(
            { url: `${at(drive)}/root/search(q='${inQuotes(text)}')?$top=200&$select=${ITEM}` },
            itemsReply,
          ),
      topOf(call, drive),
    ]);
    // The search also looks into files, and into folders that others have shared.
    const wanted = text.toLowerCase();
    const items = page.value
      .filter((item) => item.name?.toLowerCase().includes(wanted) && isIn(drive, item) && !item.root)
      .map((item) => toRemoteFile(item, folderOf(item, top)))
      .filter((file) => file.isFolder);
    return toPage(items, page["@odata.nextLink"]);
  },

  async get(call, { drive, id }) {
    const item = await call.http.json(
      { url: `${at(drive)}/items/${encodeURIComponent(id)}?$select=${ITEM}` },
      itemReply,
    );
    const path = item.parentReference?.path;
    if (path && topPath.test(path)) return toRemoteFile(item, undefined);
    return toRemoteFile(item, folderOf(item, path ? undefined : await topOf(call, drive)));
  },

  read: (call, ref, options) => readFile(call, addresses, ref, options),

  async changes(call, { drive, since }) {
    if (since === undefined) {
      const url = `${at(drive)}/root/delta?token=latest&$select=${ITEM}`;
      const [top, latest] = await Promise.all([
        topOf(call, drive),
        call.http.json({ url, headers: withoutParents }, deltaReply),
      ]);
      const link = latest["@odata.deltaLink"];
      if (link === undefined) throw endless();
      return { changes: [], next: feedCursor({ place: "end", top, link: toLink(link, "feed") }), more: false };
    }
    const { place, top, link } = readFeedCursor(since);
    const asked = next(call, link, deltaReply, withoutParents);
    const page = await (place === "page" ? asked.catch(notYet) : asked);
    const changes = toChanges(page.value, top);
    const [on, end] = [page["@odata.nextLink"], page["@odata.deltaLink"]];
    if (on !== undefined)
      return { changes, next: feedCursor({ place: "page", top, link: toLink(on, "feed") }), more: true };
    if (end === undefined) throw endless();
    return { changes, next: feedCursor({ place: "end", top, link: toLink(end, "feed") }), more: false };
  },
});

const at = (drive: RemoteId): string => `v1.0/drives/${encodeURIComponent(drive)}`;

/** Asks by a link of Graph's. It was good when it was given: one that is refused now has been forgotten. */
const next = <T>(call: Call<Config>, link: Link, reply: Parser<T>, headers: Record<string, string> = {}): Promise<T> =>
  call.http.json({ url: urlOf(link), headers }, reply).catch((error: unknown) => {
    if (!isOfKind(error, "rejected")) throw error;
    throw new ProviderError("cursor-lost", "Microsoft no longer accepts the place where we left off", { cause: error });
  });

/** In the middle of a large drive Graph now and then says that it is not there, and goes on at the next try. */
function notYet(error: unknown): never {
  if (!isOfKind(error, "not-found")) throw error;
  throw new ProviderError("unavailable", "Microsoft lost the drive in the middle of a listing", { cause: error });
}

const isOfKind = (error: unknown, kind: ProviderError["kind"]): boolean =>
  error instanceof ProviderError && error.kind === kind;

const endless = () => new ProviderError("unexpected-reply", "Microsoft did not say where its feed goes on");

const topIn = (items: readonly Item[]): RemoteId | undefined =>
  items.find((item) => item.root && !item.deleted)?.id as RemoteId | undefined;

async function topOf({ http }: Call<Config>, drive: RemoteId): Promise<RemoteId> {
  return (await http.json({ url: `${at(drive)}/root?$select=id,root` }, itemReply)).id as RemoteId;
}

/** `/drives/…/root:`; behind the colon come the names of folders, of which one may be `root`, too. */
const topPath = /^\/(?:[^/:]+\/)*root:?$/;

function isIn(drive: RemoteId, { parentReference }: Item): boolean {
  const told = parentReference?.driveId;
  // Ids of personal drives come in either case.
  return !told || told.toLowerCase() === drive.toLowerCase();
}

/** As a text inside of quotes in an address: `'` is written twice. */
const inQuotes = (text: string): string => encodeURIComponent(text.replaceAll("'", "''")).replaceAll("'", "%27");

function toPage(items: RemoteFile[], nextLink: string | undefined): Page<RemoteFile> {
  const on: Cursor | undefined = nextLink === undefined ? undefined : listCursor(toLink(nextLink, "items"));
  return { items, ...(on !== undefined && { next: on }) };
}
