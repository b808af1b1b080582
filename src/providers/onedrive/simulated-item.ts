/** An item as a pretend Graph writes it. There may be a thousand of them in an answer, and thousands of answers. */
import mime from "mime";
import { type Content, quickXorOf } from "#provider-kit/sim/content.ts";
import { type SimNode, sizeOfNode } from "#provider-kit/sim/tree.ts";
import { type DrivePlace, HOST, oddityOf, type SimulatedMicrosoft } from "./simulated-microsoft.ts";

/** What is wanted in an answer, and what this sort of answer leaves out. */
export interface View {
  wants(property: string): boolean;
  /** Names of properties that were asked for one by one. */
  selected: ReadonlySet<string> | undefined;
  /** A feed tells no paths, and no `cTag`. */
  isFeed: boolean;
  downloadUrl(node: SimNode): string;
}

export function viewOf(select: string | null, isFeed: boolean, downloadUrl: (node: SimNode) => string): View {
  const selected = select === null || select === "" ? undefined : new Set(select.split(","));
  return { selected, wants: (property) => selected === undefined || selected.has(property), isFeed, downloadUrl };
}

interface ParentView {
  reference: Record<string, unknown>;
  webUrl: string;
}

const by = {
  user: { email: "adele@contoso.test", id: "87d349ed-44d7-43e1-9a83-5f2406dee5bd", displayName: "Adele Vance" },
};

/** Writes the items of one answer. */
export function itemWriter({ places }: Pick<SimulatedMicrosoft, "places">, view: View): (node: SimNode) => object {
  const { wants, isFeed, selected } = view;
  const parents = new Map<SimNode, ParentView>();
  const withDownload = selected
    ? selected.has("content.downloadUrl") || selected.has("@microsoft.graph.downloadUrl")
    : !isFeed;

  const parentOf = (parent: SimNode): ParentView => {
    const known = parents.get(parent);
    if (known) return known;
    const place = placeOf(places, parent);
    const names: string[] = [];
    for (let at = parent; at.parent; at = at.parent) names.unshift(encodeURIComponent(at.name));
    const path = names.map((name) => `/${name}`).join("");
    const made = {
      reference: {
        driveType: place.type,
        driveId: parent.drive.id,
        id: parent.id,
        ...(!isFeed && { name: parent.parent ? parent.name : "root", path: `/drives/${parent.drive.id}/root:${path}` }),
        ...(place.site && { siteId: place.site.id.split(",")[1] }),
      },
      webUrl: `${place.webUrl}${path}`,
    };
    parents.set(parent, made);
    return made;
  };

  return (node) => {
    const item: Record<string, unknown> = {};
    const place = placeOf(places, node);
    if (!node.parent) {
      item.id = node.id;
      if (wants("name")) item.name = "root";
      if (wants("root")) item.root = {};
      if (wants("folder")) item.folder = { childCount: node.children?.size ?? 0 };
      if (wants("parentReference")) item.parentReference = { driveType: place.type, driveId: node.drive.id };
      if (wants("webUrl")) item.webUrl = place.webUrl;
      if (wants("lastModifiedDateTime")) item.lastModifiedDateTime = timeOf(node.modifiedAt);
      return item;
    }
    const parent = parentOf(node.parent);
    const oddity = oddityOf(node);
    if (withDownload && node.content) item["@microsoft.graph.downloadUrl"] = view.downloadUrl(node);
    if (wants("createdDateTime")) item.createdDateTime = timeOf(node.createdAt);
    if (wants("eTag")) item.eTag = eTagOf(node);
    if (!isFeed && !node.isFolder && wants("cTag")) item.cTag = cTagOf(node);
    item.id = node.id;
    if (wants("lastModifiedDateTime")) item.lastModifiedDateTime = timeOf(node.modifiedAt);
    if (wants("name")) item.name = node.name;
    if (wants("size")) item.size = sizeOfNode(node);
    if (wants("webUrl")) item.webUrl = `${parent.webUrl}/${encodeURIComponent(node.name)}`;
    if (wants("createdBy")) item.createdBy = by;
    if (wants("lastModifiedBy")) item.lastModifiedBy = by;
    if (wants("parentReference")) item.parentReference = parent.reference;
    if (node.content && wants("file")) item.file = fileOf(node, node.content, oddity.withoutHash ?? false);
    if (node.isFolder && wants("folder")) item.folder = { childCount: node.children?.size ?? 0 };
    if (oddity.is === "package" && wants("package")) item.package = { type: "oneNote" };
    if (oddity.is === "shortcut" && oddity.target && wants("remoteItem")) item.remoteItem = remoteOf(oddity.target);
    if (oddity.malware && wants("malware")) item.malware = { description: "Win32/Pretend" };
    if (wants("fileSystemInfo")) {
      item.fileSystemInfo = {
        createdDateTime: timeOf(node.createdAt),
        lastModifiedDateTime: timeOf(node.modifiedAt),
      };
    }
    return item;
  };
}

/** What has gone, as a feed tells it: without name, size and `cTag`. */
export const deletedItem = (node: SimNode, drive: string): object => ({
  id: node.id,
  deleted: { state: "deleted" },
  parentReference: { driveId: drive, ...(node.parent && { id: node.parent.id }) },
  eTag: eTagOf(node),
  ...(node.isFolder ? { folder: { childCount: 0 } } : {}),
});

function placeOf(places: ReadonlyMap<string, DrivePlace>, node: SimNode): DrivePlace {
  const place = places.get(node.drive.id);
  if (!place) throw new Error("the drive is nowhere");
  return place;
}

function fileOf(node: SimNode, content: Content, withoutHash: boolean): object {
  return {
    mimeType: mediaTypeOf(node.name),
    ...(!withoutHash && { hashes: { quickXorHash: hashOf(content) } }),
  };
}

/** Of contents that are held anyway; all others are known by what they are made from. */
const hashes = new WeakMap<Content, string>();

function hashOf(content: Content): string {
  if (content.kind !== "bytes") return quickXorOf(content);
  const known = hashes.get(content);
  if (known !== undefined) return known;
  const made = quickXorOf(content);
  hashes.set(content, made);
  return made;
}

const remoteOf = (target: SimNode): object => ({
  id: target.id,
  name: target.name,
  size: sizeOfNode(target),
  ...(target.isFolder ? { folder: { childCount: target.children?.size ?? 0 } } : { file: {} }),
  parentReference: { driveId: target.drive.id, driveType: "business", id: target.parent?.id },
  webUrl: `https://${HOST}/elsewhere`,
});

const mediaTypes = new Map<string, string>();

export function mediaTypeOf(name: string): string {
  const ending = name.slice(name.lastIndexOf(".") + 1).toLowerCase();
  const known = mediaTypes.get(ending);
  if (known !== undefined) return known;
  const found = mime.getType(ending) ?? "application/octet-stream";
  mediaTypes.set(ending, found);
  return found;
}

/** Whole seconds, as SharePoint has them. */
const timeOf = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`;

/** A GUID that is always the same for the same item. */
export function guidOf({ id }: SimNode): string {
  let [a, b] = [0x811c9dc5, 0x9e3779b9];
  for (let at = 8; at < id.length; at++) {
    a = Math.imul(a ^ id.charCodeAt(at), 0x01000193);
    b = Math.imul(b ^ a, 0x85ebca6b);
  }
  const hex = (value: number) => (value >>> 0).toString(16).padStart(8, "0").toUpperCase();
  const text = `${hex(a)}${hex(b)}`;
  return `${text.slice(0, 8)}-${text.slice(8, 12)}-4000-8000-${text.slice(4)}`;
}

export const eTagOf = (node: SimNode): string => `"{${guidOf(node)}},${node.revision}"`;
export const cTagOf = (node: SimNode): string => `"c:{${guidOf(node)}},${node.contentRevision}"`;
