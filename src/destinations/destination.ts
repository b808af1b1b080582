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
  put(key: ObjectKey, source: ByteSource, options: PutOptions): Promise<StoredObject>;
  /** Gives an object another key without copying it. Fails with `obstructed` rather than replace another object. */
  move(from: ObjectKey, to: ObjectKey): Promise<void>;
  /** Takes an object away, but keeps its bytes until `collectRemoved`. What is not there is removed already. */
  remove(key: ObjectKey): Promise<void>;
  /** Reads an object again to the end; nothing when it is not there. */
  verify(key: ObjectKey, signal: AbortSignal): Promise<StoredObject | undefined>;
  /** The bytes of an object, to be read to the end or cancelled; nothing when it is not there. */
  read(key: ObjectKey): Promise<{ size: number; bytes: ReadableStream<Uint8Array> } | undefined>;
  /**
   * Deletes what unfinished `put`s left behind and nobody has written to since. Those with an `upload` are left alone for
   * a day at the least, so that somebody can go on with them. Answers how many there were.
   */
  collectTemporaries(olderThan: Date): Promise<number>;
  /** Deletes the bytes of objects that were removed before this moment, to the day. Answers how many days' worth. */
  collectRemoved(before: Date): Promise<number>;
}

/** One version of a file's bytes. */
export interface ByteSource {
  /** The bytes from `from` on. What has been opened is read to its end or let go. */
  open(from: number): Promise<AsyncIterable<Uint8Array>>;
}

export interface PutOptions {
  /** In bytes, when the source told it beforehand. */
  expectedSize?: number;
  expectedHash?: ExpectedHash;
  /** What people open it as, for destinations that keep that beside the bytes. */
  mediaType?: string;
  /** For large objects: how a later try goes on where this one is stopped. */
  upload?: Upload;
  signal: AbortSignal;
}

/** What the source says about the bytes: in hexadecimal, `quickxor` in base64. */
export interface ExpectedHash {
  algorithm: "md5" | "sha1" | "sha256" | "quickxor";
  value: string;
}

/** The memory of a `put` from one process to the next. */
export interface Upload {
  /** Differs whenever the bytes do: what was begun with another one is of no use any more. */
  version: string;
  /** What was saved last, by whichever process. */
  state: unknown;
  /** `UPLOAD_CHUNK` unless said. */
  every?: number;
  /** Keeps JSON. Called at the beginning, and every so many bytes or sooner; not for what is smaller. */
  save(state: unknown): Promise<void>;
}

/** Of a put that was stopped, so much at the most is sent again. */
export const UPLOAD_CHUNK = 64 * 1024 * 1024;

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
  /** Of a `mismatch` in the hash alone: the SHA-256 of what came. */
  readonly sha256: string | undefined;

  constructor(kind: DestinationFailure, message: string, options: { cause?: unknown; sha256?: string } = {}) {
    super(message, options);
    this.kind = kind;
    this.sha256 = options.sha256;
  }
}
