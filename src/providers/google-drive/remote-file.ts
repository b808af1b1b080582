import type { RemoteId } from "#core/ids.ts";
import { keepable } from "#provider-kit/keepable.ts";
import type { RemoteFile } from "#provider-kit/provider.ts";
import type { DriveFile } from "./api.ts";
import { FOLDER, readingOf } from "./documents.ts";

/** What others have shared, as a drive of its own. No id of Google's looks like this. */
export const SHARED_WITH_ME = "shared-with-me" as RemoteId;

/** Where an item lies, as seen from a drive: nothing for the top, and `elsewhere` for what does not lie in it. */
export function placeIn(drive: RemoteId, file: DriveFile): RemoteId | undefined | "elsewhere" {
  const parent = file.parents?.[0] as RemoteId | undefined;
  if (drive === SHARED_WITH_ME) return parent ?? (file.sharedWithMeTime ? undefined : "elsewhere");
  // Without parents: shared by others, or in a folder that this account cannot see.
  if (parent === undefined || (file.driveId !== undefined && file.driveId !== drive)) return "elsewhere";
  return parent === drive ? undefined : parent;
}

export function toRemoteFile(file: DriveFile, folder: RemoteId | undefined): RemoteFile {
  const { webViewLink, resourceKey, createdTime } = file;
  const isFolder = file.mimeType === FOLDER;
  return {
    id: file.id as RemoteId,
    // Who has a file by its link only needs this key besides its id.
    ...(resourceKey !== undefined && { locator: resourceKey }),
    name: keepable(file.name),
    ...(folder !== undefined && { folder }),
    isFolder,
    ...(webViewLink !== undefined && { link: webViewLink }),
    ...(createdTime && { createdAt: createdTime }),
    modifiedAt: file.modifiedTime,
    ...(isFolder ? { version: "", exports: [] } : contentOf(file)),
    ...metadataOf(file),
  };
}

function contentOf(
  file: DriveFile,
): Pick<RemoteFile, "mediaType" | "size" | "hash" | "version" | "exports" | "unreadable"> {
  const { mimeType, md5Checksum, sha256Checksum, headRevisionId, size } = file;
  const hasBytes = md5Checksum !== undefined || headRevisionId !== undefined;
  const { exports, unreadable } = readingOf(mimeType, hasBytes);
  // Of a document of Google's own the size is of something that nobody can download.
  const isBinary = exports.length === 0 && !unreadable;
  const barred = file.capabilities?.canDownload === false ? "not_downloadable" : undefined;
  const why = unreadable ?? barred;
  return {
    // Whoever puts a file there says what it is, in any words.
    mediaType: keepable(mimeType),
    ...(isBinary && size !== undefined && { size }),
    ...(isBinary && hashOf(md5Checksum, sha256Checksum)),
    // `version` of Google's grows with whatever happens to a file, seen or unseen. A new revision can have the old bytes.
    version: (isBinary && (md5Checksum ?? headRevisionId)) || file.modifiedTime.toISOString(),
    exports: why ? [] : exports,
    ...(why && { unreadable: why }),
  };
}

/** Files stored long ago have MD5 only. */
function hashOf(md5: string | undefined, sha256: string | undefined): Pick<RemoteFile, "hash"> {
  if (sha256 !== undefined) return { hash: { algorithm: "sha256", value: sha256 } };
  return md5 === undefined ? {} : { hash: { algorithm: "md5", value: md5 } };
}

function metadataOf({ lastModifyingUser, headRevisionId, shortcutDetails }: DriveFile): Pick<RemoteFile, "metadata"> {
  const modifiedBy = lastModifyingUser?.emailAddress ?? lastModifyingUser?.displayName;
  const known = Object.entries({
    modified_by: modifiedBy && keepable(modifiedBy),
    revision: headRevisionId,
    shortcut_to: shortcutDetails?.targetId,
  }).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return known.length > 0 ? { metadata: Object.fromEntries(known) } : {};
}
