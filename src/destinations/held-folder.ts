import { type BigIntStats, constants, existsSync } from "node:fs";
import {
  type FileHandle,
  link,
  lstat,
  mkdir,
  open,
  opendir,
  rename,
  rm,
  rmdir,
  statfs,
  unlink,
} from "node:fs/promises";
import { isCode } from "./local-failure.ts";

/**
 * A folder that is held open for writing into it. Everything in it is reached through its descriptor, not by its path,
 * and a link is never followed: whoever plants one cannot lead our writes elsewhere (SR-85). Linux gives that through
 * /proc; elsewhere a folder on the way that is swapped for a link in the very same moment is followed.
 */
export class HeldFolder {
  readonly #handle: FileHandle;
  readonly #path: string;
  readonly #stat: BigIntStats;

  private constructor(handle: FileHandle, path: string, stat: BigIntStats) {
    this.#handle = handle;
    this.#path = throughDescriptors ? `/proc/self/fd/${handle.fd}` : path;
    this.#stat = stat;
  }

  /** Opens a root. The operator named it, so it may be a link; it is never made. */
  static openRoot(path: string): Promise<HeldFolder> {
    return HeldFolder.#open(path, constants.O_DIRECTORY);
  }

  /** Opens a folder in this one. Fails with ENOTDIR where that is a link. */
  open(name: string): Promise<HeldFolder> {
    return HeldFolder.#open(this.#at(name), constants.O_DIRECTORY | constants.O_NOFOLLOW);
  }

  /** Opens a folder in this one and makes it where it is missing; `sync` makes that durable. */
  async openOrMake(name: string): Promise<HeldFolder> {
    try {
      return await this.open(name);
    } catch (error) {
      if (!isCode(error, "ENOENT")) throw error;
    }
    try {
      await mkdir(this.#at(name));
    } catch (error) {
      if (!isCode(error, "EEXIST")) throw error;
    }
    return this.open(name);
  }

  static async #open(path: string, flags: number): Promise<HeldFolder> {
    const handle = await open(path, constants.O_RDONLY | flags);
    try {
      return new HeldFolder(handle, path, await handle.stat({ bigint: true }));
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Stays the same as long as the folder exists, also when the machine starts again. */
  get identity(): string {
    return `${this.#stat.ino.toString(36)}.${this.#stat.birthtimeNs.toString(36)}`;
  }

  /** Tells folders of this process apart, also those of different disks. */
  get key(): string {
    return `${this.#stat.dev.toString(36)}.${this.identity}`;
  }

  /** What is there under a name, not followed; nothing when nothing is. */
  async look(name: string): Promise<BigIntStats | undefined> {
    try {
      return await lstat(this.#at(name), { bigint: true });
    } catch (error) {
      if (isCode(error, "ENOENT")) return undefined;
      throw error;
    }
  }

  createFile(name: string): Promise<FileHandle> {
    return open(
      this.#at(name),
      constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
      0o666,
    );
  }

  /** Opens a file that is there, to go on writing it. */
  reopenFile(name: string): Promise<FileHandle> {
    return open(this.#at(name), constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  }

  openFile(name: string): Promise<FileHandle> {
    return open(this.#at(name), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  }

  /** Moves a file into another folder, in place of a file that has the name there. */
  replace(name: string, into: HeldFolder, newName: string): Promise<void> {
    return rename(this.#at(name), into.#at(newName));
  }

  /** Gives a file a second name. Fails with EEXIST where that name is taken. */
  link(name: string, into: HeldFolder, newName: string): Promise<void> {
    return link(this.#at(name), into.#at(newName));
  }

  /** Deletes a file's name; one that is gone is no failure. */
  async unlink(name: string): Promise<void> {
    await unlink(this.#at(name)).catch((error: unknown) => {
      if (!isCode(error, "ENOENT")) throw error;
    });
  }

  /** Deletes a folder in this one if it is empty. */
  async removeEmpty(name: string): Promise<boolean> {
    try {
      await rmdir(this.#at(name));
      return true;
    } catch (error) {
      if (isCode(error, "ENOTEMPTY", "EEXIST", "ENOENT", "EBUSY")) return false;
      throw error;
    }
  }

  /** Deletes a folder in this one with all that is in it; links in it are deleted, not followed. */
  removeWhole(name: string): Promise<void> {
    return rm(this.#at(name), { recursive: true, force: true });
  }

  async *names(): AsyncGenerator<string> {
    for await (const entry of await opendir(this.#path)) yield entry.name;
  }

  async freeBytes(): Promise<number> {
    const { bavail, bsize } = await statfs(this.#path);
    return bavail * bsize;
  }

  /** Makes names that were added, changed or deleted in this folder durable. */
  sync(): Promise<void> {
    return this.#handle.sync();
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  #at(name: string): string {
    return `${this.#path}/${name}`;
  }
}

const throughDescriptors = existsSync("/proc/self/fd");
