import type { BigIntStats } from "node:fs";
import type { RemoteId } from "#core/ids.ts";
import { fingerprint } from "#provider-kit/fingerprint.ts";
import type { RawName } from "./name.ts";

/** The folder that a file is looked at in. */
export interface Surroundings {
  /** The identity of the folder itself. */
  readonly id: RemoteId;
  /** The device of the top of the drive. */
  readonly topDevice: bigint;
  /** Whether inode numbers outlive a restart here. */
  readonly lastingInodes: boolean;
}

/**
 * Who a file is, however it is called and wherever it lies: inode number and moment of birth, as the inode numbers of
 * removed files are given out again. The device is named only below another mount point: the numbers of devices may
 * change when the machine starts, and must not make every file a new one.
 *
 * A file with several hard links would otherwise be one file in several places, so each link is known by where it
 * lies. Where inode numbers do not last, everything is.
 */
export function identityOf(stat: BigIntStats, name: RawName, around: Surroundings): RemoteId {
  const place = () => fingerprint(`${around.id}/${name}`);
  if (!around.lastingInodes) return `p${place()}` as RemoteId;
  const device = stat.dev === around.topDevice ? "" : `${stat.dev.toString(36)}.`;
  const own = `i${device}${stat.ino.toString(36)}.${stat.birthtimeNs.toString(36)}`;
  return (stat.nlink > 1n && stat.isFile() ? `${own}.${place()}` : own) as RemoteId;
}

/** The identity of the top of a drive: it tells a mounted disk from the empty folder it is mounted on. */
export const topIdentity = (stat: BigIntStats, label: string, lastingInodes: boolean): RemoteId =>
  (lastingInodes ? `i${stat.ino.toString(36)}.${stat.birthtimeNs.toString(36)}` : `p${fingerprint(label)}`) as RemoteId;

/**
 * Size and time of the last write. Renaming, moving and changing rights leave both alone; a program that changes bytes
 * and then puts the old time back is not noticed. Where the moment of birth is unknown, the time of the last change
 * to the inode is added: a new file could else look like a removed one whose inode number it got, and a file that is
 * read once more after a rename does less harm.
 */
export function versionOf(stat: BigIntStats): string {
  const written = `${stat.size.toString(36)}.${stat.mtimeNs.toString(36)}`;
  return stat.birthtimeNs > 0n ? written : `${written}.${stat.ctimeNs.toString(36)}`;
}
