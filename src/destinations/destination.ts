import type { ObjectKey } from "./object-key.ts";

/**
 * A place that keeps the bytes of files. What a method has answered is durable: it survives the end of the process and
 * a power cut. Every method may be repeated after a crash in its middle. Failures are a `DestinationError`, except
 * those of the source of the bytes, which are passed on as they are.
 */
export interface Destination {
  /** Tries writing, reading and deleting for real. */
  check(): Promise<DestinationState>;
  /**
   * Stores an object whole or not at all; an older one under the same key is replaced in the same moment. Fails with
   * `mismatch` when length or hash are not the expected ones.
   */
  put(key: ObjectKey, bytes: AsyncIterable<Uint8Array>, options: PutOptions): Promise<StoredObject>;
  /** Gives an object another key without copying it. Fails with `obstructed` rather than replace another object. */
  move(from: ObjectKey, to: ObjectKey): Promise<void>;
  /** Takes an object away, but keeps its bytes until `collectRemoved`. What is not there is removed already. */
  remove(key: ObjectKey): Promise<void>;
  /** Reads an object again to the end; nothing when it is not there. */
  verify(key: ObjectKey, signal: AbortSignal): Promise<StoredObject | undefined>;
  /** Deletes what unfinished `put`s left behind and nobody has written to since. Answers how many there were. */
  collectTemporaries(olderThan: Date): Promise<number>;
  /** Deletes the bytes of objects that were removed before this moment, to the day. Answers how many days' worth. */
  collectRemoved(before: Date): Promise<number>;
}

export interface PutOptions {
  /** In bytes, when the source told it beforehand. */
  expectedSize?: number;
  /** What the source says about the bytes, in lower-case hexadecimal. */
  expectedHash?: { algorithm: "md5" | "sha1" | "sha256"; value: string };
  signal: AbortSignal;
}

export interface StoredObject {
  size: number;
  /** Our own, in lower-case hexadecimal. */
  sha256: string;
}

export interface DestinationState {
  /**
   * Which place this is. Handed in again when the destination is opened later, it tells the disk that was chosen from
   * the empty folder that a missing one leaves behind.
   */
  identity: string;
  freeBytes?: number;
}

export type DestinationFailure =
  /** Disk or quota: take no new work, go on by itself when there is space (SR-91). */
  | "full"
  | "read-only"
  | "forbidden"
  /** Not there just now: a disk that is not mounted, a network share that does not answer. */
  | "unavailable"
  /** Something that is not ours lies in the way: a link, a folder in place of a file, another object. */
  | "obstructed"
  /** The bytes are not those that were announced. */
  | "mismatch"
  /** There is no object to move. */
  | "missing";

/** The message is shown to people and names no path outside the destination. */
export class DestinationError extends Error {
  override readonly name = "DestinationError";
  readonly kind: DestinationFailure;

  constructor(kind: DestinationFailure, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.kind = kind;
  }
}
