/** What an address of a pretend Graph means: which item of which drive, and what of it is wanted. */
import type { SimDrive, SimNode, SimTree } from "#provider-kit/sim/tree.ts";

/** What stands for a drive: `me`, a user, a site, or its own id. */
export type Owner = { is: "me" } | { is: "user" | "drive" | "site"; name: string };

export interface DriveAddress {
  owner: Owner;
  /** Behind the drive, as it stands in the address. */
  rest: string;
}

/** `sites/{host},{guid},{guid}`, `sites/{host}:/sites/x`, `sites/root`; what follows begins with a slash. */
export function readSite(path: string): { name: string; rest: string } | undefined {
  const byPath = /^sites\/([^/:]+):(\/[^:]*?)(?::(\/.*)?)?$/.exec(path);
  if (byPath) return { name: `${byPath[1]}:${byPath[2]}`, rest: byPath[3] ?? "" };
  const byId = /^sites\/([^/:]+)(\/.*)?$/.exec(path);
  return byId ? { name: decodeURIComponent(byId[1] ?? ""), rest: byId[2] ?? "" } : undefined;
}

export function readDriveAddress(path: string): DriveAddress | undefined {
  const me = /^me\/drive(\/.*)?$/.exec(path);
  if (me) return { owner: { is: "me" }, rest: me[1] ?? "" };
  const user = /^users\/([^/]+)\/drive(\/.*)?$/.exec(path);
  if (user) return { owner: { is: "user", name: decodeURIComponent(user[1] ?? "") }, rest: user[2] ?? "" };
  const drive = /^drives\/([^/]+)(\/.*)?$/.exec(path);
  if (drive) return { owner: { is: "drive", name: decodeURIComponent(drive[1] ?? "") }, rest: drive[2] ?? "" };
  const site = readSite(path);
  if (!site || !/^\/drive(?:\/|$)/.test(site.rest)) return undefined;
  return { owner: { is: "site", name: site.name }, rest: site.rest.slice("/drive".length) };
}

/** `tail` begins with a slash or is empty. */
export interface ItemAddress {
  node: SimNode;
  tail: string;
}

/** Nothing where there is no such item; what is in the trash is not there. */
export function readItemAddress(tree: SimTree, drive: SimDrive, rest: string): ItemAddress | undefined {
  const read = /^\/(?:root|items\/([^/:]+))(?::\/([^:]*)(?::(\/.*)?)?|(\/.*))?$/.exec(rest);
  if (!read) return undefined;
  const [, id, path, tailOfPath, tail] = read;
  const from = id === undefined || id === "root" ? drive.top : tree.get(decodeURIComponent(id));
  if (!from || from.drive !== drive || tree.isTrashed(from)) return undefined;
  const node = path === undefined ? from : below(from, path);
  return node && { node, tail: tailOfPath ?? tail ?? "" };
}

/** Names differ by more than their case. */
function below(from: SimNode, path: string): SimNode | undefined {
  let at: SimNode | undefined = from;
  for (const segment of path.split("/").filter((name) => name !== "")) {
    const name = decodeURIComponent(segment).toLowerCase();
    at = [...(at?.children ?? [])].find((child) => !child.trashed && child.name.toLowerCase() === name);
  }
  return at;
}
