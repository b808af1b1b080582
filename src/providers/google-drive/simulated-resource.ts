/** Files, drives and changes as Drive writes them. */
import { hashesOfNode, type SimDrive, type SimNode, sizeOfNode } from "#provider-kit/sim/tree.ts";
import { exportFormats } from "./simulated-download.ts";
import { readFields, type Selection, type Shape, select } from "./simulated-fields.ts";
import { everybody, google, type Viewer, type World } from "./simulated-world.ts";

export interface Seen extends Viewer {
  world: World;
  /** Where the API is reached. */
  api: string;
}

type Getter = (node: SimNode, seen: Seen) => unknown;

const user: Shape = {
  kind: "value",
  displayName: "value",
  photoLink: "value",
  me: "value",
  permissionId: "value",
  emailAddress: "value",
};

const getters: Readonly<Record<string, Getter>> = {
  kind: () => "drive#file",
  id: (node) => node.id,
  name: nameOf,
  mimeType: (node, { world }) => world.mimeType(node),
  parents: (node, seen) => (seesParent(node, seen) ? [node.parent?.id] : undefined),
  driveId: driveIdOf,
  teamDriveId: driveIdOf,
  size: (node, seen) => (hasSize(node, seen) ? String(sizeOfNode(node)) : undefined),
  quotaBytesUsed: (node, seen) => (isBinary(node, seen) ? String(sizeOfNode(node)) : "0"),
  md5Checksum: (node, seen) => (isBinary(node, seen) ? hashesOfNode(node).md5 : undefined),
  sha1Checksum: (node, seen) => (hasNewHashes(node, seen) ? hashesOfNode(node).sha1 : undefined),
  sha256Checksum: (node, seen) => (hasNewHashes(node, seen) ? hashesOfNode(node).sha256 : undefined),
  headRevisionId: (node, seen) => (isBinary(node, seen) ? revisionId(node, node.contentRevision) : undefined),
  version: (node) => String(node.revision),
  createdTime: (node) => timeOf(node.createdAt),
  modifiedTime: (node) => timeOf(node.modifiedAt),
  trashed: (node, { world }) => world.tree.isTrashed(node),
  explicitlyTrashed: (node) => node.trashed,
  trashedTime: (node, { world }) =>
    world.isShared(node.drive) && world.tree.isTrashed(node) ? timeOf(node.modifiedAt) : undefined,
  starred: () => false,
  shared: (node, { world }) => world.isShared(node.drive) || (world.about(node).sharedWith?.length ?? 0) > 0,
  ownedByMe: (node, { world, account }) => (world.isShared(node.drive) ? undefined : world.owns(node, account)),
  owners: (node, seen) => (seen.world.isShared(node.drive) ? undefined : [userOf(ownerOf(node, seen), seen)]),
  sharedWithMeTime(node, { world, account }) {
    const share = world.sharedWith(node, account);
    return share && timeOf(share.at);
  },
  sharingUser: (node, seen) =>
    seen.world.sharedWith(node, seen.account) ? userOf(ownerOf(node, seen), seen) : undefined,
  lastModifyingUser: (node, seen) => userOf(ownerOf(node, seen), seen),
  spaces: () => ["drive"],
  writersCanShare: () => true,
  viewedByMe: () => true,
  copyRequiresWriterPermission: (node, { world }) => world.about(node).noDownload === true,
  capabilities: (node, { world }) => ({
    canDownload: !world.about(node).noDownload,
    canListChildren: node.isFolder,
    canCopy: !node.isFolder,
    canEdit: true,
    canReadRevisions: true,
  }),
  resourceKey: (node, { world }) => world.about(node).resourceKey,
  shortcutDetails: (node, { world }) => world.about(node).shortcut,
  fileExtension: (node, seen) => (isBinary(node, seen) ? endingOf(node.name) : undefined),
  fullFileExtension: (node, seen) => (isBinary(node, seen) ? endingOf(node.name) : undefined),
  originalFilename: (node, seen) => (isBinary(node, seen) ? node.name : undefined),
  webViewLink: (node) =>
    node.isFolder
      ? `https://drive.google.com/drive/folders/${node.id}`
      : `https://drive.google.com/file/d/${node.id}/view?usp=drivesdk`,
  webContentLink: (node, seen) =>
    isBinary(node, seen) ? `https://drive.google.com/uc?id=${node.id}&export=download` : undefined,
  exportLinks(node, { world, api }) {
    const formats = exportFormats[world.mimeType(node)];
    if (!formats) return undefined;
    const link = (format: string) =>
      `${api}/feeds/download/documents/export/Export?id=${node.id}&exportFormat=${format}`;
    return Object.fromEntries(Object.entries(formats).map(([mime, format]) => [mime, link(format)]));
  },
};

/** Others that a file can have; none of ours has them. */
const absent =
  "appProperties contentHints contentRestrictions description downloadRestrictions folderColorRgb hasAugmentedPermissions hasThumbnail iconLink imageMediaMetadata inheritedPermissionsDisabled isAppAuthorized labelInfo linkShareMetadata modifiedByMe modifiedByMeTime permissionIds permissions properties thumbnailLink thumbnailVersion trashingUser videoMediaMetadata viewedByMeTime viewersCanCopyContent clientEncryptionDetails".split(
    " ",
  );
const open = new Set(["capabilities", "shortcutDetails", "exportLinks", "labelInfo", "properties", "permissions"]);
const users = new Set(["owners", "lastModifyingUser", "sharingUser", "trashingUser"]);

export const fileShape: Shape = Object.fromEntries(
  [...Object.keys(getters), ...absent].map((name) => [
    name,
    users.has(name) ? user : open.has(name) || absent.includes(name) ? "open" : "value",
  ]),
);
export const driveShape: Shape = {
  kind: "value",
  id: "value",
  name: "value",
  createdTime: "value",
  hidden: "value",
  colorRgb: "value",
  themeId: "value",
  orgUnitId: "value",
  backgroundImageLink: "value",
  capabilities: "open",
  restrictions: "open",
};

export const usualFile = "kind,id,name,mimeType,resourceKey";
const whole = readFields("*", fileShape);

export function toFile(node: SimNode, seen: Seen, wanted: Selection | "whole"): Record<string, unknown> {
  const file: Record<string, unknown> = {};
  for (const [name, deeper] of wanted === "whole" ? whole : wanted) {
    const value = getters[name]?.(node, seen);
    if (value !== undefined) file[name] = deeper === "whole" ? value : select(value, deeper);
  }
  return file;
}

export const toDrive = (drive: SimDrive): Record<string, unknown> => ({
  kind: "drive#drive",
  id: drive.id,
  name: drive.name,
  createdTime: timeOf(drive.top.createdAt),
  hidden: false,
  capabilities: { canDownload: true, canListChildren: true },
  restrictions: { copyRequiresWriterPermission: false, domainUsersOnly: false },
});

export const toRevisions = (node: SimNode, seen: Seen): Record<string, unknown>[] =>
  Array.from({ length: node.contentRevision }, (_, at) => ({
    kind: "drive#revision",
    id: revisionId(node, at + 1),
    mimeType: seen.world.mimeType(node),
    modifiedTime: timeOf(node.modifiedAt),
    keepForever: false,
    published: false,
    // Older ones are purged.
    ...(at + 1 === node.contentRevision &&
      isBinary(node, seen) && { md5Checksum: hashesOfNode(node).md5, size: String(sizeOfNode(node)) }),
  }));

/** A folder at the top of a shared drive has no name of its own here: only the drive's resource tells it. */
function nameOf(node: SimNode, { world }: Seen): string {
  if (node !== node.drive.top) return node.name;
  return world.isShared(node.drive) ? "Drive" : "My Drive";
}

export function seesParent(node: SimNode, seen: Seen): boolean {
  if (!node.parent || seen.world.about(node).orphan) return false;
  return seen.world.canSee(node.parent, seen);
}

function driveIdOf(node: SimNode, { world }: Seen): string | undefined {
  return world.isShared(node.drive) ? node.drive.id : undefined;
}

function isBinary(node: SimNode, { world }: Seen): boolean {
  return !node.isFolder && !world.mimeType(node).startsWith(google(""));
}

const hasSize = (node: SimNode, seen: Seen): boolean =>
  isBinary(node, seen) || exportFormats[seen.world.mimeType(node)] !== undefined;

const hasNewHashes = (node: SimNode, seen: Seen): boolean => isBinary(node, seen) && !seen.world.about(node).oldHashes;

const revisionId = (node: SimNode, number: number): string => `0B${node.id.slice(-12)}${number}`;

const timeOf = (at: number): string => new Date(at).toISOString();

const endingOf = (name: string): string => (name.includes(".") ? name.slice(name.lastIndexOf(".") + 1) : "");

const ownerOf = (node: SimNode, { world }: Seen): string | undefined =>
  [...world.homes].find(([, drive]) => drive === node.drive)?.[0] ?? everybody[0]?.id;

function userOf(account: string | undefined, seen: Seen): Record<string, unknown> | undefined {
  const person = everybody.find(({ id }) => id === account);
  return (
    person && {
      kind: "drive#user",
      displayName: person.name,
      me: person.id === seen.account,
      permissionId: person.id,
      emailAddress: person.label,
    }
  );
}
