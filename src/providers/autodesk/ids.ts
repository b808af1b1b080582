import { ProviderError } from "#core/errors.ts";
import type { RemoteId } from "#core/ids.ts";

/** What it takes to ask about a project. `root` is the folder that its top folders lie in. */
export interface Project {
  hub: string;
  project: string;
  root: string;
}

/** No id of Autodesk's has this in it. */
const between = "~";

export const driveId = ({ hub, project, root }: Project): RemoteId => [hub, project, root].join(between) as RemoteId;

export function projectOf(drive: RemoteId): Project {
  const [hub, project, root, ...more] = drive.split(between);
  if (!hub || !project || !root || more.length > 0) {
    throw new ProviderError("not-found", "This is not the id of a project");
  }
  return { hub, project, root };
}

/** `urn:adsk.wipprod:fs.folder:co.…`, in other regions with another environment; older ones say `dm.folder`. */
export const isFolderId = (id: string): boolean => /^urn:[^:]+:(?:fs|dm)\.folder:/.test(id);

/** A path of ids: they have `:`, `?` and `=` in them, which must not be taken for parts of an address. */
export const pathOf = (...segments: string[]): string => segments.map(encodeURIComponent).join("/");

export interface StoredObject {
  bucket: string;
  key: string;
}

/** `urn:adsk.objects:os.object:<bucket>/<key>`; the key may have slashes of its own. */
export function storedObject(urn: string): StoredObject | undefined {
  const [, bucket, key] = /^urn:adsk\.objects:os\.object:([^/]+)\/(.+)$/.exec(urn) ?? [];
  return bucket && key ? { bucket, key } : undefined;
}

/** Where the bytes of one version lie, kept with the file: opening it then takes no look at the item. */
export interface Place {
  version: string;
  storage: string;
}

export const toLocator = ({ version, storage }: Place): string => `${version} ${storage}`;

export function placeOf(locator: string | undefined): Place | undefined {
  // A version has no space in its id; what an object is called is somebody else's.
  const [, version, storage] = /^(\S+) (.+)$/s.exec(locator ?? "") ?? [];
  return version && storage ? { version, storage } : undefined;
}
