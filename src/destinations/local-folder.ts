import type { BigIntStats } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import type { Clock } from "#core/clock.ts";
import { Checksums } from "./checksums.ts";
import {
  type ByteSource,
  type Destination,
  DestinationError,
  type DestinationState,
  type PutOptions,
  type StoredObject,
  type Upload,
} from "./destination.ts";
import type { HeldFolder } from "./held-folder.ts";
import { isCode, toDestinationError } from "./local-failure.ts";
import { mirrorKey, type ObjectKey, segmentsOf } from "./object-key.ts";
import { OpenFolders } from "./open-folders.ts";
import { append, openToRead, readBack, reckonUp } from "./whole-file.ts";

export interface LocalFolderOptions {
  /** The roots that the operator opened for writing: name → absolute path. */
  roots: ReadonlyMap<string, string>;
  root: string;
  /** The name of the workspace's own folder in the root: its slug. */
  workspace: string;
  /** Where below `<root>/<workspace>/`, with `/` between the names; empty for right there. */
  folder: string;
  /** What `check` said when the destination was chosen: another place than that is `unavailable`. */
  identity?: string;
  clock: Clock;
  /**
   * Asked in the very moment before an object is given a name or loses it; throws when the caller may not do that any
   * more. Bytes that were long under way then come to nothing.
   */
  mayChange?: () => void;
}

// No object key begins with a dot, so what is ours never lies in the way of an object.
const TEMPORARY = [".hawser", "temporary"] as const;
/** How temporary files begin that somebody may go on with. */
const UPLOADED = "upload-";
const REMOVED = [".hawser", "removed"] as const;
const DAY_MS = 24 * 60 * 60 * 1000;
const PLACING_TRIES = 5;
/** Ways to keep apart what was removed on one day under one name. */
const MOST_ROUNDS = 1_000;

/** Objects as files below `<root>/<workspace>/<folder>/` (SR-85). */
export function localFolderDestination(options: LocalFolderOptions): Destination {
  return new LocalFolder(options);
}

class LocalFolder implements Destination {
  readonly #options: LocalFolderOptions;
  readonly #base: readonly string[];
  readonly #label: string;
  readonly #folders: OpenFolders;
  readonly #mayChange: () => void;

  constructor(options: LocalFolderOptions) {
    this.#options = options;
    this.#mayChange = options.mayChange ?? (() => {});
    this.#folders = new OpenFolders(options);
    const names = options.folder.split("/").filter((name) => name !== "");
    this.#base = segmentsOf(mirrorKey([options.workspace, ...names]));
    this.#label = [options.root, ...names].join("/");
  }

  check(): Promise<DestinationState> {
    return this.#ours(async () => {
      this.#folders.forget();
      const identity = await this.#folders.in([], async (root) => root.identity);
      const probe = crypto.randomUUID();
      await this.#in(TEMPORARY, async (temporary) => {
        try {
          await write(temporary, probe, text(probe), {});
          const found = await readBack(temporary, probe);
          if (found?.size !== probe.length) throw new DestinationError("unavailable", `${this.#label} forgets at once`);
        } finally {
          await temporary.unlink(probe);
        }
      });
      const freeBytes = await this.#in([], (base) => base.freeBytes());
      return { identity, freeBytes };
    });
  }

  put(key: ObjectKey, source: ByteSource, options: PutOptions): Promise<StoredObject> {
    const { upload } = options;
    return this.#ours(() =>
      this.#in(TEMPORARY, (temporary) =>
        upload
          ? this.#putSlowly(temporary, key, source, { ...options, upload })
          : this.#putAtOnce(temporary, key, source, options),
      ),
    );
  }

  async #putAtOnce(
    temporary: HeldFolder,
    key: ObjectKey,
    source: ByteSource,
    options: PutOptions,
  ): Promise<StoredObject> {
    const name = crypto.randomUUID();
    try {
      const stored = await write(temporary, name, source, options);
      await this.#place(temporary, name, key);
      return stored;
    } catch (error) {
      // What cannot be deleted now is collected later.
      await temporary.unlink(name).catch(() => {});
      throw error;
    }
  }

  /** The temporary file outlives the process, and who it is stands in what is saved. */
  async #putSlowly(
    temporary: HeldFolder,
    key: ObjectKey,
    source: ByteSource,
    options: PutOptions & { upload: Upload },
  ): Promise<StoredObject> {
    const { upload, signal } = options;
    const begun = readBegun(upload.state);
    const fits = begun?.key === key && begun.version === upload.version;
    if (begun && !fits) await temporary.unlink(begun.name);
    if (fits && begun.whole) {
      if (isThatFile(await this.#at(key, (parent, name) => parent.look(name)), begun)) return begun.whole;
      if (isThatFile(await temporary.look(begun.name), begun)) {
        await this.#place(temporary, begun.name, key);
        return begun.whole;
      }
    }
    const checksums = Checksums.open(options);
    const found = fits ? await this.#goOn(temporary, begun, checksums, signal) : undefined;
    const name = found ? (begun?.name ?? "") : `${UPLOADED}${crypto.randomUUID()}`;
    const file = found ?? (await temporary.createFile(name));
    let isKept = found !== undefined;
    try {
      const { ino, birthtimeNs } = await file.stat({ bigint: true });
      const begin: Begun = { key, version: upload.version, name, size: 0, file: identityOf({ ino, birthtimeNs }) };
      await append(file, await source.open(checksums.size), {
        checksums,
        signal,
        // A process that was halted meanwhile would write into what its successor goes on with.
        mayWrite: this.#mayChange,
        every: upload.every,
        onDurable: async (size) => {
          await this.#folders.sync(temporary);
          await upload.save({ ...begin, size });
          isKept = true;
        },
      });
      const whole = checksums.end();
      if (isKept) await upload.save({ ...begin, size: whole.size, whole });
      await this.#place(temporary, name, key);
      return whole;
    } catch (error) {
      const isOfNoUse = error instanceof DestinationError || isCode(error, "ENOSPC", "EDQUOT");
      if (!isKept || isOfNoUse) await temporary.unlink(name).catch(() => {});
      throw error;
    } finally {
      await file.close();
    }
  }

  /** The file of an earlier try, cut to what is known to be durable of it and reckoned up again. */
  async #goOn(
    temporary: HeldFolder,
    begun: Begun,
    checksums: Checksums,
    signal: AbortSignal,
  ): Promise<FileHandle | undefined> {
    const stat = await temporary.look(begun.name);
    if (!isThatFile(stat, begun) || stat.size < begun.size) return undefined;
    const file = await temporary.reopenFile(begun.name);
    try {
      await file.truncate(begun.size);
      if ((await reckonUp(file, checksums, { size: begun.size, signal })) === begun.size) return file;
      throw new DestinationError("unavailable", `${this.#label} gives other bytes than it was given`);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  move(from: ObjectKey, to: ObjectKey): Promise<void> {
    return this.#ours(async () => {
      await this.#retryWhenPruned(() => this.#move(from, to));
      await this.#prune(from);
    });
  }

  remove(key: ObjectKey): Promise<void> {
    return this.#ours(async () => {
      const day = this.#options.clock.now().toISOString().slice(0, 10);
      const gone = await this.#at(key, async (parent, name) => {
        if (!(await parent.look(name))?.isFile()) return false;
        for (let round = 1; ; round++) {
          // An object that is removed, stored again and removed again on one day is kept twice; so is one below a name
          // that an object of its own had earlier that day.
          const [kept, keptName] = split([...REMOVED, day, String(round), ...segmentsOf(key)]);
          const keep = this.#in(kept, async (removed) => {
            if (await removed.look(keptName)) return false;
            this.#mayChange();
            await parent.replace(name, removed, keptName);
            await this.#folders.sync(removed);
            return true;
          });
          const done = await keep.catch((error: unknown) => {
            if (isCode(error, "ENOTDIR") && round < MOST_ROUNDS) return false;
            throw error;
          });
          if (done) break;
        }
        await this.#folders.sync(parent);
        return true;
      });
      if (gone) await this.#prune(key);
    });
  }

  verify(key: ObjectKey, signal: AbortSignal): Promise<StoredObject | undefined> {
    return this.#ours(() => this.#at(key, (parent, name) => readBack(parent, name, signal)));
  }

  read(key: ObjectKey): Promise<{ size: number; bytes: ReadableStream<Uint8Array> } | undefined> {
    return this.#ours(() => this.#at(key, openToRead));
  }

  collectTemporaries(olderThan: Date): Promise<number> {
    return this.#ours(() =>
      this.#in(TEMPORARY, async (temporary) => {
        let count = 0;
        const aDayAgo = this.#options.clock.now().getTime() - DAY_MS;
        for await (const name of temporary.names()) {
          const stat = await temporary.look(name);
          const before = name.startsWith(UPLOADED) ? Math.min(aDayAgo, olderThan.getTime()) : olderThan.getTime();
          if (!stat || stat.mtimeMs >= before) continue;
          await temporary.unlink(name);
          count++;
        }
        return count;
      }),
    );
  }

  collectRemoved(before: Date): Promise<number> {
    return this.#ours(() =>
      this.#in(REMOVED, async (removed) => {
        let count = 0;
        for await (const name of removed.names()) {
          const day = /^\d{4}-\d{2}-\d{2}$/.test(name) ? Date.parse(name) : Number.NaN;
          if (!(day + DAY_MS <= before.getTime())) continue;
          await removed.removeWhole(name);
          count++;
        }
        return count;
      }),
    );
  }

  /** Puts a finished temporary file in its place and makes that durable. */
  #place(temporary: HeldFolder, name: string, key: ObjectKey): Promise<void> {
    return this.#retryWhenPruned(async () => {
      const [folders, last] = split(segmentsOf(key));
      await this.#in(folders, async (parent) => {
        if ((await parent.look(last))?.isFile() === false) throw this.#obstructed(last);
        this.#mayChange();
        await temporary.replace(name, parent, last);
        await this.#folders.sync(parent);
      });
    });
  }

  async #move(from: ObjectKey, to: ObjectKey): Promise<void> {
    const [folders, last] = split(segmentsOf(to));
    const moved = await this.#at(from, async (source, name) => {
      const stat = await source.look(name);
      if (!stat) return false;
      if (!stat.isFile()) throw this.#obstructed(name);
      await this.#in(folders, async (target) => {
        const there = await target.look(last);
        const same = there?.ino === stat.ino && there.dev === stat.dev;
        if (there && !same) throw this.#obstructed(last);
        this.#mayChange();
        if (same && stat.nlink === 1n) {
          // One file under two spellings of its name: a file system that does not tell them apart.
          await source.replace(name, target, last);
          return this.#folders.sync(target);
        }
        if (!same && !(await linkWherePossible(source, name, target, last))) await source.replace(name, target, last);
        await this.#folders.sync(target);
        this.#mayChange();
        await source.unlink(name);
        await this.#folders.sync(source);
      });
      return true;
    });
    if (moved) return;
    const arrived = await this.#at(to, (parent, name) => parent.look(name));
    if (!arrived?.isFile()) throw new DestinationError("missing", `${this.#label} does not have ${from}`);
  }

  /** Deletes the folders above an object that are empty now. */
  async #prune(key: ObjectKey): Promise<void> {
    const folders = segmentsOf(key).slice(0, -1);
    while (folders.length > 0) {
      const removed = await this.#at(folders.join("/") as ObjectKey, (parent, name) => parent.removeEmpty(name));
      if (!removed) return;
      folders.pop();
    }
  }

  /** A folder that was empty may be deleted just before a file is put into it. */
  async #retryWhenPruned(work: () => Promise<void>): Promise<void> {
    for (let left = PLACING_TRIES; ; left--) {
      try {
        return await work();
      } catch (error) {
        if (left === 1 || !isCode(error, "ENOENT")) throw error;
        this.#folders.forget();
      }
    }
  }

  /** Works in the folder that an object lies in; answers nothing when there is no such folder. */
  #at<T>(key: ObjectKey, work: (parent: HeldFolder, name: string) => Promise<T>): Promise<T | undefined> {
    const [folders, last] = split(segmentsOf(key));
    return this.#folders.ifThere([...this.#base, ...folders], (parent) => work(parent, last));
  }

  #in<T>(names: readonly string[], work: (folder: HeldFolder) => Promise<T>): Promise<T> {
    return this.#folders.in([...this.#base, ...names], work);
  }

  /** Marks what fails in the work as the destination's failure. */
  async #ours<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw toDestinationError(error, this.#label);
    }
  }

  #obstructed(name: string): DestinationError {
    return new DestinationError("obstructed", `In ${this.#label}, something that is not ours has the name ${name}`);
  }
}

/** Not every file system knows hard links. Where it does, a name that has just been taken is not replaced. */
async function linkWherePossible(from: HeldFolder, name: string, to: HeldFolder, newName: string): Promise<boolean> {
  try {
    await from.link(name, to, newName);
    return true;
  } catch (error) {
    if (isCode(error, "EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK")) return false;
    throw error;
  }
}

/** Writes a new file to the end. Its bytes are durable then, and its name once the folder is. */
async function write(
  folder: HeldFolder,
  name: string,
  source: ByteSource,
  options: Partial<PutOptions>,
): Promise<StoredObject> {
  options.signal?.throwIfAborted();
  const checksums = Checksums.open(options);
  const file = await folder.createFile(name);
  try {
    await append(file, await source.open(0), { checksums, signal: options.signal });
    return checksums.end();
  } finally {
    await file.close();
  }
}

const text = (content: string): ByteSource => ({ open: async () => new Blob([content]).stream() });

/** What is saved of an upload: so much of the temporary file is durable. */
interface Begun {
  key: string;
  version: string;
  name: string;
  /** Which file has the name. It keeps that when it is put into its place. */
  file: string;
  size: number;
  /** All of it. */
  whole?: StoredObject;
}

function readBegun(state: unknown): Begun | undefined {
  if (typeof state !== "object" || state === null) return undefined;
  const { key, version, name, file, size, whole } = state as Partial<Record<keyof Begun, unknown>>;
  const isOurs = typeof name === "string" && name.startsWith(UPLOADED) && !name.includes("/");
  if (!isOurs || typeof key !== "string" || typeof version !== "string" || typeof file !== "string") return undefined;
  if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0) return undefined;
  const told = whole as Partial<StoredObject> | undefined;
  const isWhole = typeof told?.size === "number" && typeof told.sha256 === "string";
  return { key, version, name, file, size, ...(isWhole && { whole: told as StoredObject }) };
}

const identityOf = ({ ino, birthtimeNs }: Pick<BigIntStats, "ino" | "birthtimeNs">): string =>
  `${ino.toString(36)}.${birthtimeNs.toString(36)}`;

const isThatFile = (stat: BigIntStats | undefined, begun: Begun): stat is BigIntStats =>
  stat?.isFile() === true &&
  identityOf(stat) === begun.file &&
  (begun.whole === undefined || Number(stat.size) === begun.whole.size);

function split(names: readonly string[]): [folders: string[], last: string] {
  const last = names.at(-1);
  if (last === undefined) throw new Error("an object key without a name");
  return [names.slice(0, -1), last];
}
