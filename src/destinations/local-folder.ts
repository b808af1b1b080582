import type { Clock } from "#core/clock.ts";
import {
  type Destination,
  DestinationError,
  type DestinationState,
  type PutOptions,
  type StoredObject,
} from "./destination.ts";
import type { HeldFolder } from "./held-folder.ts";
import { isCode, toDestinationError } from "./local-failure.ts";
import { mirrorKey, type ObjectKey, segmentsOf } from "./object-key.ts";
import { OpenFolders } from "./open-folders.ts";
import { readBack, writeNew } from "./whole-file.ts";

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
          await writeNew(temporary, probe, oneChunk(probe), {});
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

  put(key: ObjectKey, bytes: AsyncIterable<Uint8Array>, options: PutOptions): Promise<StoredObject> {
    const name = crypto.randomUUID();
    const source = bytes[Symbol.asyncIterator]();
    const store = () =>
      this.#in(TEMPORARY, async (temporary) => {
        try {
          const stored = await writeNew(temporary, name, source, options);
          await this.#place(temporary, name, key);
          return stored;
        } catch (error) {
          // What cannot be deleted now is collected later.
          await temporary.unlink(name).catch(() => {});
          throw error;
        }
      });
    // A source that nobody got to reading is let go too.
    return this.#ours(store).finally(() => source.return?.());
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

  collectTemporaries(olderThan: Date): Promise<number> {
    return this.#ours(() =>
      this.#in(TEMPORARY, async (temporary) => {
        let count = 0;
        for await (const name of temporary.names()) {
          const stat = await temporary.look(name);
          if (!stat || stat.mtimeMs >= olderThan.getTime()) continue;
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

async function* oneChunk(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
}

function split(names: readonly string[]): [folders: string[], last: string] {
  const last = names.at(-1);
  if (last === undefined) throw new Error("an object key without a name");
  return [names.slice(0, -1), last];
}
