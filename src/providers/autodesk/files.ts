import type { Clock } from "#core/clock.ts";
import { ProviderError } from "#core/errors.ts";
import type { Cursor } from "#core/ids.ts";
import type { Call, Drive, FileSource, RemoteFile } from "#provider-kit/provider.ts";
import {
  type ApiFolder,
  type ApiItem,
  type ApiVersion,
  contentsReply,
  folderReply,
  itemReply,
  projectsReply,
} from "./api.ts";
import { ask } from "./ask.ts";
import type { Config } from "./config.ts";
import { openVersion } from "./download.ts";
import { findFolders } from "./find-folders.ts";
import { allHubs } from "./hubs.ts";
import { driveId, isFolderId, pathOf, placeOf, projectOf } from "./ids.ts";
import { firstPage, type PageQuery, pageAfter, pageOf, toCursor } from "./page.ts";
import { toFile, toFolder, topMark } from "./remote-file.ts";

/** Pages in a row that hold nothing but what was deleted, before a listing shows that it is still at work. */
const MOST_DELETED_PAGES = 25;

/**
 * The files of all projects that a person or an app can see. There is no feed of changes: whoever follows a project walks
 * its folders and leaves out those whose roll-up is what it was.
 */
export const filesOf = (clock: Clock): FileSource<Config> => ({
  async drives(call, cursor) {
    const hubs = await allHubs(call);
    const place = cursor === undefined ? { hub: hubs[0].id, page: firstPage } : readPlace(cursor);
    let closed: unknown;
    for (const [at, hub] of hubs.entries()) {
      if (hub.id < place.hub) continue;
      const page = hub.id === place.hub ? place.page : firstPage;
      const url = `project/v1/${pathOf("hubs", hub.id, "projects")}`;
      const reply = await ask(call, { url, query: page }, projectsReply).catch((error: unknown) => {
        if (!(error instanceof ProviderError) || error.kind !== "forbidden") throw error;
        closed = error;
        return undefined;
      });
      const link = reply?.links?.next;
      if (!reply || (reply.data.length === 0 && link === undefined)) continue;
      const following = hubs[at + 1]?.id;
      const next =
        link !== undefined
          ? toPlace(hub.id, pageAfter(page, link))
          : following !== undefined && toPlace(following, firstPage);
      const items = reply.data.map(
        ({ id, attributes, relationships }): Drive => ({
          id: driveId({ hub: hub.id, project: id, root: relationships.rootFolder.data.id }),
          name: attributes.name,
          group: hub.name,
        }),
      );
      return { items, ...(next && { next }) };
    }
    if (closed !== undefined && cursor === undefined) throw closed;
    return { items: [] };
  },

  async list(call, { drive, folder, cursor }) {
    const { hub, project, root } = projectOf(drive);
    const toRemote = remoteOf(root, clock);
    if (folder === undefined) {
      const url = `project/v1/${pathOf("hubs", hub, "projects", project, "topFolders")}`;
      const reply = await ask(call, { url, query: { excludeDeleted: true } }, contentsReply);
      return { items: toRemote(reply, undefined) };
    }
    const url = `data/v1/${pathOf("projects", project, "folders", folder, "contents")}`;
    let page = cursor === undefined ? firstPage : pageOf(cursor);
    for (let pages = 1; ; pages++) {
      // With what was deleted, which keeps its place: without it, a deletion during the listing would move everything
      // behind it by one, onto a page that was already read, and something else would pass for deleted, too.
      const reply = await ask(call, { url, query: { ...page, includeHidden: true } }, contentsReply);
      const items = toRemote(reply, folder);
      const link = reply.links?.next;
      if (link === undefined) return { items };
      page = pageAfter(page, link);
      if (items.length > 0 || pages === MOST_DELETED_PAGES) return { items, next: toCursor(page) };
    }
  },

  findFolders: (call, at) => findFolders(call, clock, at),

  async get(call, { drive, id, locator }) {
    const { project, root } = projectOf(drive);
    if (!isFolderId(id)) {
      const { item, tip } = await openItem(call, project, id);
      return toFile(item, tip, root);
    }
    const url = `data/v1/${pathOf("projects", project, "folders", id)}`;
    const { data } = await ask(call, { url }, folderReply);
    if (data.attributes.hidden) throw deleted();
    return toFolder(data, { root, isTop: locator === topMark, now: clock.now() });
  },

  async read(call, ref, { from = 0 } = {}) {
    const place = placeOf(ref.locator) ?? (await findPlace(call, ref));
    return openVersion(call, place, from);
  },
});

const readPlace = (cursor: Cursor): { hub: string; page: PageQuery } => {
  const [hub = "", page = ""] = cursor.split(" ");
  return { hub, page: pageOf(page) };
};
const toPlace = (hub: string, page: PageQuery): Cursor => `${hub} ${toCursor(page)}` as Cursor;

/** What is there of a page, each once. */
const remoteOf =
  (root: string, clock: Clock) =>
  (
    { data, included = [] }: { data: readonly (ApiFolder | ApiItem)[]; included?: readonly ApiVersion[] | undefined },
    folder: string | undefined,
  ): RemoteFile[] => {
    const now = clock.now();
    const versions = new Map(included.map((version) => [version.id, version]));
    const items = new Map<string, RemoteFile>();
    for (const entry of data) {
      if (entry.attributes.hidden) continue;
      // Whether told or not, what a folder was asked for lies in it.
      const parent = folder === undefined ? entry.relationships?.parent : { data: { id: folder } };
      if (entry.type === "folders") {
        const placed = { ...entry, relationships: { parent } };
        items.set(entry.id, toFolder(placed, { root, isTop: folder === undefined, now }));
        continue;
      }
      const tip = versions.get(entry.relationships?.tip?.data?.id ?? "");
      if (isDeletion(tip)) continue;
      items.set(entry.id, toFile({ ...entry, relationships: { ...entry.relationships, parent } }, tip, root));
    }
    return [...items.values()];
  };

/** Some hubs write a deletion down as a version of its own. */
const isDeletion = (tip: ApiVersion | undefined): boolean =>
  tip?.attributes.extension?.type === "versions:autodesk.core:Deleted";

async function openItem(
  call: Call<Config>,
  project: string,
  id: string,
): Promise<{ item: ApiItem; tip: ApiVersion | undefined }> {
  const url = `data/v1/${pathOf("projects", project, "items", id)}`;
  const { data, included } = await ask(call, { url }, itemReply);
  const tip = included?.find((version) => version.id === data.relationships?.tip?.data?.id) ?? included?.[0];
  if (data.attributes.hidden || isDeletion(tip)) throw deleted();
  return { item: data, tip };
}

async function findPlace(call: Call<Config>, { drive, id }: { drive: RemoteFile["id"]; id: RemoteFile["id"] }) {
  const { project, root } = projectOf(drive);
  const { item, tip } = await openItem(call, project, id);
  const place = placeOf(toFile(item, tip, root).locator);
  if (!place) throw new ProviderError("rejected", "Autodesk keeps no file for this item");
  return place;
}

const deleted = () => new ProviderError("not-found", "It was deleted at Autodesk");
