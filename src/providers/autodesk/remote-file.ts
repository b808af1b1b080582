import { ProviderError } from "#core/errors.ts";
import type { RemoteId } from "#core/ids.ts";
import { keepable } from "#provider-kit/keepable.ts";
import type { RemoteFile, Unreadable } from "#provider-kit/provider.ts";
import type { ApiFolder, ApiItem, ApiVersion } from "./api.ts";
import { storedObject, toLocator } from "./ids.ts";
import { canonical, instantOf } from "./instant.ts";

/** Stands in the `locator` of a folder that was listed at the top although it lies in one that cannot be seen. */
export const topMark = "top";

/** Where something lies whose folder is not told: nowhere that we know, and not at the top. */
const NOWHERE = "unknown-parent";

/** How long a roll-up may be told again although more has happened: it is exact to a second, and comes late. */
const SETTLES_MS = 120_000;

export function toFolder(
  { id, attributes, relationships }: ApiFolder,
  about: { root: string; isTop?: boolean; now: Date },
): RemoteFile {
  const { name, displayName, createTime, lastModifiedTime, lastModifiedTimeRollup, extension } = attributes;
  const parent = relationships?.parent?.data?.id;
  const isHoisted = about.isTop === true && parent !== undefined && parent !== about.root;
  const folder = about.isTop || parent === about.root ? undefined : (parent ?? NOWHERE);
  const rollup = lastModifiedTimeRollup && rollupOf(lastModifiedTimeRollup, about.now);
  const createdAt = createTime === undefined ? undefined : instantOf(createTime);
  const hiddenAbove = extension?.data?.folderParents?.flatMap(({ title }) => title ?? []) ?? [];
  return {
    id: id as RemoteId,
    ...(isHoisted && { locator: topMark }),
    name: keepable(displayName ?? name),
    ...(folder !== undefined && { folder: folder as RemoteId }),
    isFolder: true,
    ...(createdAt && { createdAt }),
    modifiedAt: firstInstant(lastModifiedTime, lastModifiedTimeRollup, createTime) ?? new Date(0),
    version: "",
    exports: [],
    ...(rollup && { rollup }),
    ...(isHoisted && hiddenAbove.length > 0 && { metadata: { path: keepable(hiddenAbove.join("/")) } }),
  };
}

/**
 * `lastModifiedTimeRollup` as the text by which folders that did not change are left out. It lies in two ways, so that
 * whole walks stay necessary: whether a deletion, a move away, or another right to see something moves it on is nowhere
 * said; and it may be exact to a second only, so that what happened after the listing in the same second does not show.
 * For that a folder that has just changed says something else than later: once it has settled, it is listed again.
 */
function rollupOf(text: string, now: Date): string | undefined {
  const at = instantOf(text);
  const moment = canonical(text);
  if (!at || moment === undefined) return undefined;
  return now.getTime() - at.getTime() < SETTLES_MS ? `${moment} unsettled` : moment;
}

/** `tip` is the newest version. An item that came without it is as good as one that is still being made. */
export function toFile(item: ApiItem, tip: ApiVersion | undefined, root: string): RemoteFile {
  const { attributes, relationships } = item;
  const version = tip?.attributes;
  const parent = relationships?.parent?.data?.id ?? NOWHERE;
  const tipId = tip?.id ?? relationships?.tip?.data?.id;
  const storage = tip?.relationships?.storage?.data?.id ?? version?.extension?.data?.storageUrn;
  const isStored = tip !== undefined && storage !== undefined && storedObject(storage) !== undefined;
  const createdAt = firstInstant(attributes.createTime);
  const modifiedAt = firstInstant(version?.lastModifiedTime, attributes.lastModifiedTime, version?.createTime);
  const name = version?.name ?? version?.displayName ?? attributes.displayName;
  if (!modifiedAt || name === undefined) {
    throw new ProviderError("unexpected-reply", "Autodesk tells an item without its name or its time");
  }
  const link = tip?.links?.webView;
  return {
    id: item.id as RemoteId,
    ...(isStored && { locator: toLocator({ version: tip.id, storage }) }),
    name: keepable(name),
    ...(parent !== root && { folder: parent as RemoteId }),
    isFolder: false,
    ...(version?.mimeType && { mediaType: keepable(version.mimeType) }),
    ...(link?.startsWith("https://") && { link }),
    ...(createdAt && { createdAt }),
    modifiedAt,
    ...(isStored && typeof version?.storageSize === "number" && { size: version.storageSize }),
    // A new name is a new version at Autodesk. Whether its bytes are those of the last one is nowhere said, so that it
    // counts as changed.
    version: tipId ?? "",
    exports: [],
    // Where the version is not known, reading it looks at the item once more.
    ...(tip && !isStored && { unreadable: whyNot(tip) }),
    metadata: metadataOf(item, tip),
  };
}

/** Plans have derived sheets and no file; models of the cloud have one when they were published. */
function whyNot({ attributes }: ApiVersion): Unreadable {
  const { type, data } = attributes.extension ?? {};
  if (data?.isCompositeDesign) return "package";
  if (data?.processState !== undefined && data.processState !== "PROCESSING_COMPLETE") return "not_ready";
  if (type?.endsWith(":C4RModel")) return "not_ready";
  return "not_exportable";
}

function metadataOf(item: ApiItem, tip: ApiVersion | undefined): NonNullable<RemoteFile["metadata"]> {
  const { attributes } = tip ?? {};
  const { data } = attributes?.extension ?? {};
  const told = {
    version_number: attributes?.versionNumber,
    modified_by: attributes?.lastModifiedUserName ?? item.attributes.lastModifiedUserName,
    created_by: item.attributes.createUserName,
    file_type: attributes?.fileType ?? undefined,
    revision: data?.revisionDisplayLabel,
    review_state: data?.reviewState,
    locked: item.attributes.reserved,
  };
  return Object.fromEntries(
    Object.entries(told).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, typeof value === "string" ? keepable(value) : value] as const],
    ),
  );
}

function firstInstant(...texts: (string | undefined)[]): Date | undefined {
  for (const text of texts) {
    const at = text === undefined ? undefined : instantOf(text);
    if (at) return at;
  }
  return undefined;
}
