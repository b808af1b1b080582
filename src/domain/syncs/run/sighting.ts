import mime from "mime";
import type { RemoteId } from "#core/ids.ts";
import type { RemoteFile } from "#provider-kit/provider.ts";
import { below } from "../folder-path.ts";
import type { Sighting, Wanted } from "./tree.ts";

/** What a listing asks about each file and folder it meets. Pure. */
export interface Judge {
  file(file: { name: string; path: string; size: number | undefined; mediaType: string | undefined }): {
    state: Wanted;
    reason: string | null;
  };
  metadata(folderPath: string): Readonly<Record<string, string>>;
  /** Whether a file's verdict may be another one in another folder. */
  readonly looksAtPaths: boolean;
  /** The media type to turn a document into, of those that it can be turned into. */
  exportAs(offered: readonly string[]): string | undefined;
}

/** An entry of a listing or of a feed, as it goes into the tree below this folder. */
export function toSighting(item: RemoteFile, folder: { remote_id: RemoteId; path: string }, judge: Judge): Sighting {
  const path = below(folder.path, item.name);
  const exportAs = item.exports.length > 0 ? judge.exportAs(item.exports) : undefined;
  return {
    remote_id: item.id,
    parent_id: folder.remote_id,
    name: item.name,
    is_folder: item.isFolder,
    locator: item.locator ?? null,
    size: item.size ?? null,
    media_type: item.mediaType ?? null,
    link: item.link ?? null,
    version: versionOfExport(item.version, exportAs),
    remote_created_at: item.createdAt?.toISOString() ?? null,
    remote_modified_at: item.modifiedAt.toISOString(),
    remote_hash: item.hash ? `${item.hash.algorithm}:${item.hash.value}` : null,
    path: item.isFolder ? path : null,
    metadata: item.isFolder ? judge.metadata(path) : null,
    export_as: exportAs ?? null,
    rollup: item.rollup ?? null,
    provider_metadata: item.metadata ?? null,
    ...(item.isFolder ? { state: "folder" as const, reason: null } : verdictOn(item, folder.path, exportAs, judge)),
  };
}

function verdictOn(
  item: RemoteFile,
  folderPath: string,
  exportAs: string | undefined,
  judge: Judge,
): { state: Wanted; reason: string | null } {
  if (item.unreadable) return { state: "skipped", reason: item.unreadable };
  if (item.exports.length > 0 && exportAs === undefined) return { state: "skipped", reason: "not_exportable" };
  const name = nameOfExport(item.name, exportAs);
  const path = below(folderPath, name).slice(1);
  return judge.file({ name, path, size: item.size, mediaType: exportAs ?? item.mediaType });
}

/** What is made of a document is another thing than what was made of it before in another format. */
export const versionOfExport = (version: string, exportAs: string | null | undefined): string =>
  exportAs ? `${version} ${exportAs}` : version;

/** What a file is called where its bytes lie: a document that was exported gets the ending of what it became. */
export function nameOfExport(name: string, exportAs: string | null | undefined): string {
  const ending = exportAs ? mime.getExtension(exportAs) : null;
  return ending === null || name.toLowerCase().endsWith(`.${ending}`) ? name : `${name}.${ending}`;
}
