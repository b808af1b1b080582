import { type BigIntStats, constants, existsSync } from "node:fs";
import { type FileHandle, lstat, open, opendir, statfs } from "node:fs/promises";
import { type RawName, rawName } from "./name.ts";

/**
 * A folder that is held open. Everything in it is reached through its descriptor, not by its path: whoever swaps a
 * folder on the way for a link cannot lead us out of the root. Linux gives that through /proc; elsewhere each folder
 * on the way is still refused when it is a link, but one that is swapped in the very same moment is followed.
 */
export class Folder {
  readonly stat: BigIntStats;
  readonly #handle: FileHandle;
  readonly #path: Buffer;

  private constructor(handle: FileHandle, path: Buffer, stat: BigIntStats) {
    this.#handle = handle;
    this.#path = throughDescriptors ? Buffer.from(`/proc/self/fd/${handle.fd}`) : path;
    this.stat = stat;
  }

  /** Opens a root. The operator named it, so it may be a link. */
  static openRoot(path: string): Promise<Folder> {
    return Folder.#open(Buffer.from(path), constants.O_DIRECTORY);
  }

  /** Opens a folder in this one. Fails with ENOTDIR where that is a link. */
  open(name: RawName): Promise<Folder> {
    return Folder.#open(this.#at(name), constants.O_DIRECTORY | constants.O_NOFOLLOW);
  }

  static async #open(path: Buffer, flags: number): Promise<Folder> {
    const handle = await open(path, constants.O_RDONLY | flags);
    try {
      return new Folder(handle, path, await handle.stat({ bigint: true }));
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** What a name stands for; a link is described, not followed. */
  look(name: RawName): Promise<BigIntStats> {
    return lstat(this.#at(name), { bigint: true });
  }

  /** Opens a file for reading, without following a link and without waiting for the other end of a pipe. */
  openFile(name: RawName): Promise<FileHandle> {
    return open(this.#at(name), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  }

  /** The names of the files and folders in it, in no order. Links, pipes, sockets and devices are left out. */
  async *names(): AsyncGenerator<RawName> {
    // The types name only strings, but with "buffer" each name comes as its bytes.
    const options: object = { encoding: "buffer", bufferSize: 1024 };
    for await (const entry of await opendir(this.#path, options)) {
      if (entry.isFile() || entry.isDirectory()) yield rawName(Buffer.from(entry.name));
    }
  }

  /** Whether a file keeps its inode number when the disk is mounted again. */
  async hasLastingInodes(): Promise<boolean> {
    if (process.platform !== "linux") return true;
    return lastingInodes.has((await statfs(this.#path)).type);
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  #at(name: RawName): Buffer {
    return Buffer.concat([this.#path, slash, Buffer.from(name, "latin1")]);
  }
}

const slash = Buffer.from("/");
const throughDescriptors = existsSync("/proc/self/fd");

/** By the file system's magic number, see statfs(2). FAT, exFAT, most of FUSE and SMB make inode numbers up. */
const lastingInodes = new Set([
  0xef53, // ext2, ext3, ext4
  0x58465342, // XFS
  0x9123683e, // Btrfs
  0x2fc12fc1, // ZFS
  0xf2f52010, // F2FS
  0xca451a4e, // bcachefs
  0x01021994, // tmpfs
  0x6969, // NFS
  0x794c7630, // overlay
]);
