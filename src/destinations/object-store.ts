import type { Clock } from "#core/clock.ts";
import { Budget } from "./budget.ts";
import { ByteReader } from "./byte-reader.ts";
import { Checksums } from "./checksums.ts";
import {
  type ByteSource,
  type Destination,
  DestinationError,
  type DestinationState,
  type PutOptions,
  type StoredObject,
} from "./destination.ts";
import { mirrorKey, type ObjectKey, storeName } from "./object-key.ts";
import { SourceFailure, toldApart } from "./source-failure.ts";
import type { Store, StoreFailure } from "./store.ts";
import { type Begun, readBegun, StoreUploads } from "./store-upload.ts";

export interface ObjectStoreOptions {
  store: Store;
  /** What people know the place by: “Archive/Documents”. */
  label: string;
  /** Where in the bucket, with `/` between the names; empty for right there. */
  folder: string;
  /** What `check` said when the destination was chosen: another bucket than that is `unavailable`. */
  identity?: string;
  clock: Clock;
  /** Asked in the very moment before an object is given a name or loses it; throws when that is not ours to do any more. */
  mayChange?: () => void;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const IDENTITY = ".hawser/identity";
const REMOVED = ".hawser/removed";
const PROBES = ".hawser/probe";
/** Room in a name for what stands before it when its object has been removed. */
const REMOVED_ROOM = `${REMOVED}/2026-01-01/12345678/`.length;
const MARK = /^hawser [0-9a-f-]{36}$/;
/** Bytes of files that wait for their turn to be sent. */
const MOST_HELD = 64 * 1024 * 1024;
/** Of a document that does not tell its length. */
const USUALLY_HELD = 4 * 1024 * 1024;
const DELETIONS_AT_ONCE = 8;
const COPIED_AT_ONCE = 1024 * 1024 * 1024;

/** Objects in a bucket, below a folder of it. What bears no mark of ours is left as it is. */
export function objectStoreDestination(options: ObjectStoreOptions): Destination {
  return new ObjectStoreDestination(options);
}

/** What the object of a key is called in the bucket. */
export const nameInStore = (names: Store["names"], folder: string, key: ObjectKey): string =>
  nameBelow(prefixOf(names, folder), names, key);

function prefixOf(names: Store["names"], folder: string): string {
  const [first, ...rest] = folder.split("/").filter((name) => name !== "");
  if (first === undefined) return "";
  return `${storeName(mirrorKey([first, ...rest]), { ...names, longest: Number.POSITIVE_INFINITY })}/`;
}

const nameBelow = (prefix: string, names: Store["names"], key: ObjectKey): string =>
  `${prefix}${storeName(key, { ...names, longest: names.longest - Buffer.byteLength(prefix) - REMOVED_ROOM })}`;

class ObjectStoreDestination implements Destination {
  readonly #options: ObjectStoreOptions;
  readonly #store: Store;
  readonly #prefix: string;
  readonly #held = new Budget(MOST_HELD);
  readonly #uploads: StoreUploads;
  readonly #mayChange: () => void;
  #ready: Promise<string> | undefined;

  constructor(options: ObjectStoreOptions) {
    this.#options = options;
    this.#store = options.store;
    this.#mayChange = options.mayChange ?? (() => {});
    this.#prefix = prefixOf(options.store.names, options.folder);
    this.#uploads = new StoreUploads({ store: options.store, mayChange: this.#mayChange });
  }

  check(): Promise<DestinationState> {
    return this.#ours(async () => {
      this.#ready = undefined;
      const identity = await this.#sameBucket();
      const name = `${this.#prefix}${PROBES}/${crypto.randomUUID()}`;
      await this.#putText(name, name);
      try {
        if ((await this.#readText(name)) !== name) throw this.#failure("unavailable", "forgets at once");
      } finally {
        await this.#store.remove(name);
      }
      return { identity };
    });
  }

  put(key: ObjectKey, from: ByteSource, options: PutOptions): Promise<StoredObject> {
    const source = toldApart(from);
    return this.#ours(async () => {
      await this.#sameBucket();
      const name = this.#nameOf(key);
      const begun = options.upload && readBegun(options.upload.state);
      if (begun) {
        const fits = begun.name === name && begun.version === options.upload?.version;
        const stored = fits ? await this.#goOn(begun, source, options) : undefined;
        if (stored) return stored;
        // What cannot be given up now is collected later.
        await this.#store.abandon(begun.name, begun.upload).catch(() => {});
      }
      return this.#putNew(name, source, options);
    });
  }

  async #putNew(name: string, source: ByteSource, options: PutOptions): Promise<StoredObject> {
    const { expectedSize, upload } = options;
    const mediaType = mediaTypeOf(options);
    const partBytes = this.#store.parts.bytes(expectedSize);
    const mark = `hawser ${crypto.randomUUID()}`;
    const about = { mediaType, mark };
    const reader = new ByteReader(await source.open(0));
    try {
      const isLarge = expectedSize !== undefined && expectedSize > partBytes;
      return await this.#held.with(isLarge ? this.#heldBy(partBytes) : (expectedSize ?? USUALLY_HELD), async () => {
        const first = await reader.read(partBytes);
        if (first.length < partBytes || first.length === expectedSize) {
          const checksums = Checksums.open(options);
          checksums.update(first);
          // One byte more than was announced is a mismatch, too.
          checksums.update(await reader.read(1));
          const stored = checksums.end();
          await this.#putWhole(name, { ...about, bytes: first }, options.signal);
          return stored;
        }
        if (this.#store.parts.sizeFirst && expectedSize === undefined) {
          return this.#putStream(name, about, { first, reader }, options);
        }
        const replace = await this.#mayReplace(name);
        const begun: Begun = {
          name,
          version: upload?.version ?? "",
          mark,
          upload: await this.#store.begin(name, {
            ...about,
            replace,
            ...(expectedSize !== undefined && { size: expectedSize }),
          }),
          partBytes,
          replace,
          size: 0,
          tags: [],
        };
        return this.#uploads.send(begun, { first, reader }, options);
      });
    } finally {
      await reader.close();
    }
  }

  /** Nothing when the earlier try cannot be gone on with. */
  async #goOn(begun: Begun, source: ByteSource, options: PutOptions): Promise<StoredObject | undefined> {
    if (begun.whole) {
      // It may have been completed by a process that died before it said so.
      const there = await this.#store.head(begun.name);
      if (there?.mark === begun.mark && there.size === begun.whole.size) return begun.whole;
    }
    try {
      return await this.#held.with(this.#heldBy(begun.partBytes), () => this.#uploads.goOn(begun, source, options));
    } catch (error) {
      if (this.#store.readFailure(error)?.kind !== "gone") throw error;
      return undefined;
    }
  }

  /** Parts that are under way, and the one that is read meanwhile. */
  #heldBy(partBytes: number): number {
    return partBytes * (this.#store.parts.atOnce + 1);
  }

  async #putWhole(
    name: string,
    object: { bytes: Uint8Array; mediaType: string; mark: string },
    signal: AbortSignal,
  ): Promise<void> {
    signal.throwIfAborted();
    this.#mayChange();
    if ((await this.#store.put(name, { ...object, replace: false })) === "stored") return;
    const there = await this.#store.head(name);
    // The answer to an earlier sending was lost.
    if (there?.mark === object.mark && there.size === object.bytes.length) return;
    if (there && !isOurs(there)) throw this.#obstructed(name);
    this.#mayChange();
    await this.#store.put(name, { ...object, replace: true });
  }

  /** Where the size has to be told beforehand and is not known: in one go, which cannot be gone on with. */
  async #putStream(
    name: string,
    about: { mediaType: string; mark: string },
    { first, reader }: { first: Uint8Array; reader: ByteReader },
    options: PutOptions,
  ): Promise<StoredObject> {
    const checksums = Checksums.open(options);
    let whole: StoredObject | undefined;
    let failure: { cause: unknown } | undefined;
    const pieces = (async function* () {
      try {
        checksums.update(first);
        yield first;
        for await (const piece of reader.rest()) {
          options.signal.throwIfAborted();
          checksums.update(piece);
          yield piece;
        }
        whole = checksums.end();
      } catch (cause) {
        // It breaks the request off, and nothing is stored.
        failure = { cause };
        throw cause;
      }
    })();
    const replace = await this.#mayReplace(name);
    this.#mayChange();
    const bytes = streamOf(pieces);
    const outcome = await this.#store.put(name, { ...about, bytes, replace }).catch((error: unknown) => {
      throw failure ? failure.cause : error;
    });
    if (outcome === "exists") throw this.#obstructed(name);
    if (!whole) throw this.#failure("unavailable", "answered before it had everything");
    return whole;
  }

  move(from: ObjectKey, to: ObjectKey): Promise<void> {
    return this.#ours(async () => {
      await this.#sameBucket();
      const [source, target] = [this.#nameOf(from), this.#nameOf(to)];
      if (source === target) {
        if (await this.#store.head(source)) return;
        throw this.#failure("missing", `does not have ${from}`);
      }
      const there = await this.#store.head(target);
      if (there) {
        const here = await this.#store.head(source);
        if (!isOurs(there) || (here && here.mark !== there.mark)) throw this.#obstructed(target);
        if (here) await this.#remove(source);
        return;
      }
      if (!(await this.#copy(source, target))) {
        throw this.#failure("missing", `does not have ${from}`);
      }
      await this.#remove(source);
    });
  }

  /** Copied to the day's own place first, so that its name is free while its bytes stay (SR-89). */
  remove(key: ObjectKey): Promise<void> {
    return this.#ours(async () => {
      await this.#sameBucket();
      const name = this.#nameOf(key);
      // Where something else lies, what was to be put there never was.
      const there = await this.#store.head(name);
      if (!there || !isOurs(there)) return;
      const day = this.#options.clock.now().toISOString().slice(0, 10);
      const kept = `${this.#prefix}${REMOVED}/${day}/${crypto.randomUUID().slice(0, 8)}/${name.slice(this.#prefix.length)}`;
      if (await this.#copy(name, kept)) await this.#remove(name);
    });
  }

  verify(key: ObjectKey, signal: AbortSignal): Promise<StoredObject | undefined> {
    return this.#ours(async () => {
      const content = await this.read(key);
      if (!content) return undefined;
      const checksums = Checksums.open({});
      for await (const chunk of content.bytes) {
        signal.throwIfAborted();
        checksums.update(chunk);
      }
      return checksums.end();
    });
  }

  read(key: ObjectKey): Promise<{ size: number; bytes: ReadableStream<Uint8Array> } | undefined> {
    return this.#ours(async () => {
      await this.#sameBucket();
      const name = this.#nameOf(key);
      const there = await this.#store.head(name);
      if (!there) return undefined;
      const { bytes } = await this.#store.read(name);
      return { size: there.size, bytes };
    });
  }

  collectTemporaries(olderThan: Date): Promise<number> {
    return this.#ours(async () => {
      const { unfinished } = this.#store;
      if (!unfinished) return 0;
      // Somebody may go on with them for a day.
      const before = Math.min(olderThan.getTime(), this.#options.clock.now().getTime() - DAY_MS);
      let count = 0;
      for (let cursor: string | undefined; ; ) {
        const page = await unfinished({ prefix: this.#prefix, ...(cursor !== undefined && { cursor }) });
        for (const { name, upload, begunAt } of page.items) {
          if (begunAt.getTime() >= before) continue;
          await this.#store.abandon(name, upload);
          count++;
        }
        if (page.next === undefined || page.next === cursor) return count;
        cursor = page.next;
      }
    });
  }

  collectRemoved(before: Date): Promise<number> {
    return this.#ours(async () => {
      const prefix = `${this.#prefix}${REMOVED}/`;
      const days = new Set<string>();
      for (let cursor: string | undefined; ; ) {
        const page = await this.#store.list({ prefix, ...(cursor !== undefined && { cursor }) });
        const old = page.items.filter(({ name }) => {
          const day = name.slice(prefix.length, prefix.length + 10);
          const isOld = /^\d{4}-\d{2}-\d{2}$/.test(day) && Date.parse(day) + DAY_MS <= before.getTime();
          if (isOld) days.add(day);
          return isOld;
        });
        for (let at = 0; at < old.length; at += DELETIONS_AT_ONCE) {
          await Promise.all(old.slice(at, at + DELETIONS_AT_ONCE).map(({ name }) => this.#remove(name)));
        }
        // They come by day: behind one that is kept there are none to be deleted.
        if (old.length < page.items.length || page.next === undefined || page.next === cursor) return days.size;
        cursor = page.next;
      }
    });
  }

  /** Sees once that this is the bucket that was chosen. Answers which one it is. */
  #sameBucket(): Promise<string> {
    this.#ready ??= this.#readIdentity();
    this.#ready.catch(() => {
      this.#ready = undefined;
    });
    return this.#ready;
  }

  async #readIdentity(): Promise<string> {
    const name = `${this.#prefix}${IDENTITY}`;
    const { identity } = this.#options;
    const found = await this.#readText(name);
    if (identity !== undefined && found !== identity) {
      throw this.#failure("unavailable", "is another place than the one chosen");
    }
    if (found !== undefined) return found;
    const made = crypto.randomUUID();
    this.#mayChange();
    await this.#store.put(name, { ...asText(made), replace: false });
    // Somebody else may have been first.
    return (await this.#readText(name)) ?? made;
  }

  /** Whether there is one of ours to be replaced. Fails where something lies there that is not. */
  async #mayReplace(name: string): Promise<boolean> {
    const there = await this.#store.head(name);
    if (there && !isOurs(there)) throw this.#obstructed(name);
    return there !== undefined;
  }

  /** False when there is nothing to copy. */
  async #copy(from: string, to: string): Promise<boolean> {
    this.#mayChange();
    const outcome = await this.#store.copy(from, to);
    if (outcome !== "too-large") return outcome === "copied";
    const there = await this.#store.head(from);
    if (!there || !this.#store.copyPart) throw this.#failure("unavailable", "does not copy objects of this size");
    const about = { mediaType: ANY_TYPE, mark: there.mark ?? "", replace: true };
    const upload = await this.#store.begin(to, { ...about, size: there.size });
    const tags: string[] = [];
    for (let start = 0; start < there.size; start += COPIED_AT_ONCE) {
      const end = Math.min(there.size, start + COPIED_AT_ONCE);
      tags.push(await this.#store.copyPart(to, upload, { number: tags.length + 1, from, start, end }));
    }
    await this.#store.complete(to, upload, { tags, replace: true });
    return true;
  }

  async #remove(name: string): Promise<void> {
    this.#mayChange();
    await this.#store.remove(name);
  }

  async #putText(name: string, text: string): Promise<void> {
    await this.#store.put(name, { ...asText(text), replace: true });
  }

  async #readText(name: string): Promise<string | undefined> {
    try {
      const { bytes } = await this.#store.read(name);
      return await new Response(bytes as ReadableStream<Uint8Array<ArrayBuffer>>).text();
    } catch (error) {
      if (this.#store.readFailure(error)?.kind === "gone") return undefined;
      throw error;
    }
  }

  #nameOf(key: ObjectKey): string {
    return nameBelow(this.#prefix, this.#store.names, key);
  }

  /** Marks what fails at the store as the destination's failure. */
  async #ours<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof SourceFailure) throw error.reason;
      const failure = this.#store.readFailure(error);
      if (!failure) throw error;
      throw new DestinationError(kindOf(failure), `${this.#options.label}: ${failure.message}`, { cause: error });
    }
  }

  #failure(kind: "unavailable" | "missing", words: string): DestinationError {
    return new DestinationError(kind, `${this.#options.label} ${words}`);
  }

  #obstructed(name: string): DestinationError {
    const shown = name.split("/").at(-1);
    return new DestinationError(
      "obstructed",
      `In ${this.#options.label}, something that is not ours has the name ${shown}`,
    );
  }
}

function streamOf(pieces: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await pieces.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await pieces.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}

const ANY_TYPE = "application/octet-stream";

/** What a source tells may be what anybody has written there: nothing that a header or a store could take. */
const mediaTypeOf = ({ mediaType = "" }: PutOptions): string =>
  /^[\w!#$&^.+-]{1,127}\/[\w!#$&^.+-]{1,127}(?: *;[\x20-\x7e]{1,255})?$/.test(mediaType) ? mediaType : ANY_TYPE;

const isOurs = ({ mark }: { mark?: string }): boolean => mark !== undefined && MARK.test(mark);

const asText = (text: string) => ({
  bytes: new TextEncoder().encode(text),
  mediaType: "text/plain",
  mark: `hawser ${crypto.randomUUID()}`,
});

/** That the bucket itself is not there is a matter of time, or of a person. */
const kindOf = ({ kind }: StoreFailure) => (kind === "gone" ? "unavailable" : kind);
