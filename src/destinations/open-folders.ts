import { DestinationError } from "./destination.ts";
import { HeldFolder } from "./held-folder.ts";
import { isCode } from "./local-failure.ts";
import { SharedSync } from "./shared-sync.ts";

/** Long enough for the files of one folder to follow one another, short enough to notice soon that a disk is gone. */
const SHARED_FOR_MS = 1000;
const MOST_SHARED = 64;
const MOST_KNOWN_DURABLE = 100_000;

type Missing = "make" | "fail";

interface Shared {
  folder: Promise<HeldFolder>;
  /** How many work in it, and one for being offered to others. */
  users: number;
  offered: boolean;
  until: number;
}

/** Opens folders below a root. Pieces of work that come together share what they open and what they make durable. */
export class OpenFolders {
  readonly #root: { roots: ReadonlyMap<string, string>; root: string; identity?: string };
  readonly #shared = new Map<string, Shared>();
  readonly #syncs = new SharedSync();
  /** Folders whose own entry in the folder above is known to be durable. */
  readonly #durable = new Set<string>();

  constructor(root: { roots: ReadonlyMap<string, string>; root: string; identity?: string }) {
    this.#root = root;
  }

  /** Works in a folder, which is made, durably, where it is missing. */
  in<T>(names: readonly string[], work: (folder: HeldFolder) => Promise<T>): Promise<T> {
    return this.#share(names, "make", work);
  }

  /** Works in a folder if it is there. */
  async ifThere<T>(names: readonly string[], work: (folder: HeldFolder) => Promise<T>): Promise<T | undefined> {
    let found = false;
    try {
      return await this.#share(names, "fail", (folder) => {
        found = true;
        return work(folder);
      });
    } catch (error) {
      if (!found && isCode(error, "ENOENT")) return undefined;
      throw error;
    }
  }

  /** Makes what was added to a folder or taken from it before this call durable. */
  sync(folder: HeldFolder): Promise<void> {
    return this.#syncs.run(folder.key, () => folder.sync());
  }

  /** Opens everything afresh from now on. */
  forget(): void {
    for (const [key, shared] of this.#shared) this.#withdraw(key, shared);
  }

  async #share<T>(names: readonly string[], missing: Missing, work: (folder: HeldFolder) => Promise<T>): Promise<T> {
    const shared = this.#take(names, missing);
    try {
      return await work(await shared.folder);
    } finally {
      this.#release(shared);
    }
  }

  #take(names: readonly string[], missing: Missing): Shared {
    const key = `${missing}/${names.join("/")}`;
    const now = performance.now();
    const known = this.#shared.get(key);
    if (known && now < known.until) {
      known.users++;
      return known;
    }
    if (known) this.#withdraw(key, known);
    const shared: Shared = { folder: this.#open(names, missing), users: 2, offered: true, until: now + SHARED_FOR_MS };
    this.#shared.set(key, shared);
    shared.folder.catch(() => this.#withdraw(key, shared));
    setTimeout(() => this.#withdraw(key, shared), SHARED_FOR_MS).unref();
    if (this.#shared.size > MOST_SHARED) {
      for (const [oldest, other] of this.#shared.entries().take(1)) this.#withdraw(oldest, other);
    }
    return shared;
  }

  #withdraw(key: string, shared: Shared): void {
    if (!shared.offered) return;
    shared.offered = false;
    this.#shared.delete(key);
    this.#release(shared);
  }

  #release(shared: Shared): void {
    shared.users--;
    if (shared.users > 0) return;
    shared.folder.then(
      (folder) => folder.close(),
      () => {}, // It was never open; those who wanted it have the reason.
    );
  }

  #open(names: readonly string[], missing: Missing): Promise<HeldFolder> {
    const name = names.at(-1);
    if (name === undefined) return this.#openRoot();
    return this.#share(names.slice(0, -1), missing, (above) =>
      missing === "make" ? this.#openDurable(above, name) : above.open(name),
    );
  }

  async #openDurable(above: HeldFolder, name: string): Promise<HeldFolder> {
    const folder = await above.openOrMake(name);
    // Somebody may have made it a moment ago, or just before a crash: that it is there does not mean that it stays.
    if (!this.#durable.has(folder.key)) {
      await this.sync(above);
      if (this.#durable.size >= MOST_KNOWN_DURABLE) this.#durable.clear();
      this.#durable.add(folder.key);
    }
    return folder;
  }

  async #openRoot(): Promise<HeldFolder> {
    const { roots, root: name, identity } = this.#root;
    const path = roots.get(name);
    if (path === undefined) throw new DestinationError("unavailable", `${name} is no longer open to Hawser`);
    const root = await HeldFolder.openRoot(path).catch((error: unknown) => {
      if (!isCode(error, "ENOENT", "ENOTDIR")) throw error;
      throw new DestinationError("unavailable", `${name} is not there. Is its disk mounted?`, { cause: error });
    });
    if (identity === undefined || root.identity === identity) return root;
    await root.close();
    throw new DestinationError("unavailable", `${name} is another folder than the one chosen. Is its disk mounted?`);
  }
}
