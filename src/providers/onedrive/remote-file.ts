/** An item of Graph in our words. */
import { ProviderError } from "#core/errors.ts";
import type { RemoteId } from "#core/ids.ts";
import { keepable } from "#provider-kit/keepable.ts";
import type { Change, RemoteFile, Unreadable } from "#provider-kit/provider.ts";
import type { Item } from "./api.ts";

/** Where an item lies whose parent is not told: nowhere that we know, and not at the top. */
const NOWHERE = "unknown-parent" as RemoteId;

/** @param folder the folder it lies in; absent for the top of the drive */
export function toRemoteFile(item: Item, folder: RemoteId | undefined): RemoteFile {
  if (!item.name) throw new ProviderError("unexpected-reply", "Microsoft told of a file without a name");
  const unreadable = unreadableBecause(item);
  const isFolder = Boolean(item.folder) && !unreadable;
  const hash = isFolder ? undefined : hashOf(item);
  const createdAt = dateOf(item.createdDateTime);
  const modifiedBy = item.lastModifiedBy?.user ?? item.lastModifiedBy?.application;
  const modifiedByName = modifiedBy?.displayName ?? modifiedBy?.email;
  return {
    id: item.id as RemoteId,
    name: keepable(item.name),
    ...(folder !== undefined && { folder }),
    isFolder,
    ...(!isFolder && item.file?.mimeType && { mediaType: keepable(item.file.mimeType) }),
    ...(item.webUrl && { link: item.webUrl }),
    ...(createdAt && { createdAt }),
    modifiedAt: dateOf(item.lastModifiedDateTime) ?? createdAt ?? new Date(0),
    ...(!isFolder && typeof item.size === "number" && { size: item.size }),
    ...(hash && !isRewritten(item.name) && { hash }),
    version: isFolder ? "" : versionOf(item, hash),
    exports: [],
    ...(unreadable && { unreadable }),
    metadata: {
      ...(item.eTag && { eTag: item.eTag }),
      ...(modifiedByName && { modifiedBy: keepable(modifiedByName) }),
    },
  };
}

/** Where an entry says that it lies. `top` is the id of the drive's own top, where it may lie there. */
export function folderOf(item: Item, top: RemoteId | undefined): RemoteId | undefined {
  const parent = item.parentReference?.id;
  if (!parent) return NOWHERE;
  return parent === top ? undefined : (parent as RemoteId);
}

/** Entries as changes: each item once, as it was told last. The top of the drive is no file. */
export function toChanges(items: readonly Item[], top: RemoteId): Change[] {
  const last = new Map<string, Item>();
  for (const item of items) if (!item.root && item.id !== top) last.set(item.id, item);
  const [changed, gone]: [Change[], Change[]] = [[], []];
  for (const item of last.values()) {
    if (item.deleted) gone.push({ kind: "gone", id: item.id as RemoteId });
    else changed.push({ kind: "changed", file: toRemoteFile(item, folderOf(item, top)) });
  }
  // What has left a folder that is gone should have left before.
  return [...changed, ...gone];
}

function unreadableBecause(item: Item): Unreadable | undefined {
  if (item.remoteItem) return "shortcut";
  // Some answers say of a notebook that it is a folder, too.
  if (item.package) return "package";
  if (item.malware) return "malware";
  return item.folder || item.file ? undefined : "package";
}

function hashOf({ file }: Item): RemoteFile["hash"] {
  const { quickXorHash, sha1Hash, sha256Hash } = file?.hashes ?? {};
  if (quickXorHash) return { algorithm: "quickxor", value: quickXorHash };
  if (sha256Hash) return { algorithm: "sha256", value: sha256Hash.toLowerCase() };
  if (sha1Hash) return { algorithm: "sha1", value: sha1Hash.toLowerCase() };
  return undefined;
}

/**
 * SharePoint writes properties of its own into Office files: what is downloaded may have another hash than what is told,
 * and is right all the same. That the hash told changes with the file still holds.
 */
const isRewritten = (name: string): boolean =>
  /\.(?:do[ct][xm]?|xl[st][xm]?|xlsb|xlam|pp[st][xm]?|pot[xm]?|vs[dst][xm]|mpp|pub)$/i.test(name);

/**
 * The feed leaves `cTag` out, so that the hash has to tell of new bytes. Where there is none, `eTag` does, which changes
 * with everything: a download too many, but none too few.
 */
function versionOf(item: Item, hash: RemoteFile["hash"]): string {
  if (hash) return `${hash.algorithm}:${hash.value}`;
  return item.eTag ?? `${item.lastModifiedDateTime ?? ""} ${item.size ?? ""}`;
}

/** Seconds may have a fraction of any length, a space may stand for the T, and what has no zone is meant as UTC. */
function dateOf(text: string | null | undefined): Date | undefined {
  const hasZone = /(?:z|[+-]\d\d:?\d\d)$/i.test(text ?? "");
  const time = text ? Date.parse(hasZone ? text : `${text}Z`) : Number.NaN;
  return Number.isNaN(time) ? undefined : new Date(time);
}
