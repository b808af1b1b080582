// Large objects: sent in parts, reckoned up while they pass, and gone on with where an earlier process stopped.
import { setTimeout as wait } from "node:timers/promises";
import { ByteReader } from "./byte-reader.ts";
import { Checksums, type SavableChecksums, type SavedChecksums } from "./checksums.ts";
import { type ByteSource, DestinationError, type PutOptions, type StoredObject, UPLOAD_CHUNK } from "./destination.ts";
import type { Store } from "./store.ts";

/** How far an upload has come, as it is kept. */
export interface Begun {
  name: string;
  version: string;
  mark: string;
  /** What the store calls it. */
  upload: string;
  partBytes: number;
  replace: boolean;
  /** Bytes that have been sent and acknowledged. */
  size: number;
  /** What the store answered to each part of them. */
  tags: readonly string[];
  /** What they add up to. */
  sums?: SavedChecksums;
  /** All is known of it, and only the last part may be missing. */
  whole?: StoredObject;
}

const TRIES = 4;
const FIRST_WAIT_MS = 500;

export class StoreUploads {
  readonly #store: Store;
  readonly #mayChange: () => void;

  constructor({ store, mayChange }: { store: Store; mayChange: () => void }) {
    this.#store = store;
    this.#mayChange = mayChange;
  }

  /** Sends what has just begun; its first part has been read. */
  async send(
    begun: Begun,
    { first, reader }: { first: Uint8Array; reader: ByteReader },
    options: PutOptions,
  ): Promise<StoredObject> {
    const checksums = await Checksums.openSavable(options);
    return this.#send(begun, { checksums, first, reader, received: 0, isKept: false }, options);
  }

  /**
   * Nothing where what was kept does not tell the hash that is wanted by now. Fails with `gone` where the store knows
   * nothing of it any more.
   */
  async goOn(begun: Begun, source: ByteSource, options: PutOptions): Promise<StoredObject | undefined> {
    const checksums = begun.sums && (await Checksums.goOn(options, begun.sums));
    if (!checksums) return undefined;
    // Where parts cannot be sent twice, those behind what was kept are only reckoned up.
    const received = (await this.#store.received?.(begun.name, begun.upload)) ?? 0;
    const reader = new ByteReader(await source.open(begun.size));
    try {
      const first = await reader.read(begun.partBytes);
      return await this.#send(begun, { checksums, first, reader, received, isKept: true }, options);
    } finally {
      await reader.close();
    }
  }

  async #send(
    begun: Begun,
    about: { checksums: SavableChecksums; first: Uint8Array; reader: ByteReader; received: number; isKept: boolean },
    { signal, upload, expectedSize = 0 }: PutOptions,
  ): Promise<StoredObject> {
    const { checksums, first, reader, received } = about;
    const { name, partBytes } = begun;
    const { atOnce } = this.#store.parts;
    const tags = [...begun.tags];
    const underWay = new Set<Promise<void>>();
    let failure: { cause: unknown } | undefined;
    const every = upload?.every ?? UPLOAD_CHUNK;
    let kept = begun.size;
    let { isKept } = about;

    const keep = async (progress: Pick<Begun, "size" | "tags"> & Partial<Begun>): Promise<void> => {
      if (!upload || (progress.size < every && expectedSize < every)) return;
      await upload.save({ ...begun, ...progress });
      kept = progress.size;
      isKept = true;
    };
    const settled = async (): Promise<void> => {
      await Promise.all(underWay);
      if (failure) throw failure.cause;
    };
    const launch = (number: number, start: number, bytes: Uint8Array): void => {
      const sending = this.#sendPart(begun, { number, start, bytes }, signal)
        .then(
          (tag) => {
            tags[number - 1] = tag;
          },
          (cause: unknown) => {
            failure ??= { cause };
          },
        )
        .finally(() => underWay.delete(sending));
      underWay.add(sending);
    };

    try {
      // Killed before its first chunk has gone, a large one would leave an upload that nobody knows of.
      if (!isKept) await keep({ size: 0, tags, sums: checksums.save() });
      let part = first;
      for (let start = begun.size; ; start += partBytes) {
        signal.throwIfAborted();
        if (failure) throw failure.cause;
        const sums = checksums.save();
        checksums.update(part);
        const next = part.length < partBytes ? nothing : await reader.read(partBytes);
        const isLast = next.length === 0;
        const whole = isLast ? checksums.end() : undefined;
        if (whole) {
          // Some stores show an object as soon as its last byte has come: by then all has to be right.
          await settled();
          await keep({ size: start, tags, sums, whole });
          this.#mayChange();
        }
        const number = start / partBytes + 1;
        if (start + part.length > received) launch(number, start, part);
        else tags[number - 1] = "";
        if (whole) {
          await settled();
          this.#mayChange();
          const outcome = await this.#complete(begun, tags, whole);
          if (outcome === "stored") return whole;
          throw new DestinationError("obstructed", "Something has been put there meanwhile");
        }
        if (start + part.length - kept >= every) {
          await settled();
          await keep({ size: start + part.length, tags, sums: checksums.save() });
        }
        while (underWay.size >= atOnce) await Promise.race(underWay);
        part = next;
      }
    } catch (error) {
      await Promise.all(underWay);
      if (!isKept || error instanceof DestinationError) {
        await this.#store.abandon(name, begun.upload).catch(() => {});
      }
      throw error;
    }
  }

  async #complete(begun: Begun, tags: readonly string[], whole: StoredObject): Promise<"stored" | "exists"> {
    const { name, upload, mark, replace } = begun;
    const look = async () => {
      const there = await this.#store.head(name);
      return there && (there.mark === mark && there.size === whole.size ? "stored" : "exists");
    };
    try {
      const outcome = await this.#store.complete(name, upload, { tags, replace });
      // With its last byte it should have become an object. That the store has this byte is no proof of it.
      if (!this.#store.received) return outcome;
    } catch (error) {
      if (!this.#store.readFailure(error)) throw error;
      // The answer may have been lost, and the upload be gone because it has become the object.
      if ((await look()) === "stored") return "stored";
      throw error;
    }
    const outcome = await look();
    if (outcome) return outcome;
    throw new DestinationError("unavailable", "The store has all bytes of an object, and does not have the object");
  }

  async #sendPart(
    { name, upload }: Begun,
    part: { number: number; start: number; bytes: Uint8Array },
    signal: AbortSignal,
  ): Promise<string> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#store.part(name, upload, part);
      } catch (error) {
        if (tries === TRIES || this.#store.readFailure(error)?.kind !== "unavailable") throw error;
        await wait(FIRST_WAIT_MS * 2 ** (tries - 1) * Math.random(), undefined, { signal });
        const received = await this.#store.received?.(name, upload);
        if (received === undefined || received === part.start) continue;
        if (received >= part.start + part.bytes.length) return "";
        throw error;
      }
    }
  }
}

const nothing = new Uint8Array(0);

export function readBegun(state: unknown): Begun | undefined {
  if (typeof state !== "object" || state === null) return undefined;
  const { name, version, mark, upload, partBytes, replace, size, tags, sums, whole } = state as Partial<
    Record<keyof Begun, unknown>
  >;
  if (![name, version, mark, upload].every((text) => typeof text === "string")) return undefined;
  if (![partBytes, size].every((count) => Number.isSafeInteger(count) && Number(count) >= 0)) return undefined;
  if (!Array.isArray(tags) || !tags.every((tag) => typeof tag === "string")) return undefined;
  if (!isSums(sums) || sums.size !== size || typeof replace !== "boolean") return undefined;
  if (whole !== undefined && !isStored(whole)) return undefined;
  return state as Begun;
}

const isSums = (value: unknown): value is SavedChecksums =>
  typeof value === "object" && value !== null && "hashes" in value && "size" in value;

const isStored = (value: unknown): value is StoredObject =>
  typeof value === "object" && value !== null && "sha256" in value && "size" in value;
