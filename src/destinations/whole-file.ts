import type { FileHandle } from "node:fs/promises";
import { Checksums } from "./checksums.ts";
import { type StoredObject, UPLOAD_CHUNK } from "./destination.ts";
import type { HeldFolder } from "./held-folder.ts";

const READ_AT_ONCE = 1024 * 1024;
/** Of a file that is handed on. */
const GIVEN_AT_ONCE = 128 * 1024;
/** Gathered before it is written: far fewer calls, and little memory. */
const WRITE_AT_ONCE = 1024 * 1024;

export interface Appending {
  checksums: Checksums;
  signal?: AbortSignal | undefined;
  /** Asked before each write; throws where writing is no longer ours to do. */
  mayWrite?: () => void;
  /** `UPLOAD_CHUNK` unless said. */
  every?: number | undefined;
  /** So many bytes of the file are durable now. */
  onDurable?: (size: number) => Promise<void>;
}

/**
 * Writes what comes behind what the file has, reckoning it up while it passes, and makes it durable. The next bytes are
 * fetched while those before are written.
 */
export async function append(
  file: FileHandle,
  bytes: AsyncIterable<Uint8Array>,
  { checksums, signal, mayWrite, every = UPLOAD_CHUNK, onDurable }: Appending,
): Promise<void> {
  // What is being made durable and what is written meanwhile are together what a killed process has to send again.
  const syncEvery = every / 2;
  let gathered: Uint8Array[] = [];
  let length = 0;
  let place = checksums.size;
  let synced = place;
  let writing: Promise<void> = Promise.resolve();
  let syncing: Promise<void> = Promise.resolve();
  const write = async (): Promise<void> => {
    const [chunks, at] = [gathered, place];
    place += length;
    [gathered, length] = [[], 0];
    await writing;
    mayWrite?.();
    writing = writeWhole(file, chunks, at);
    // Whoever waits for it next is told.
    writing.catch(() => {});
  };
  const sync = async (): Promise<void> => {
    await Promise.all([writing, syncing]);
    const size = place;
    synced = size;
    syncing = file.datasync().then(() => onDurable?.(size));
    syncing.catch(() => {});
  };

  try {
    for await (const chunk of bytes) {
      signal?.throwIfAborted();
      checksums.update(chunk);
      gathered.push(chunk);
      length += chunk.length;
      if (length < WRITE_AT_ONCE) continue;
      await write();
      if (onDurable && place - synced >= syncEvery) await sync();
    }
    await write();
  } finally {
    await Promise.all([writing, syncing]);
  }
  await file.datasync();
}

/** Reads the first `size` bytes of a file, or all that there is. Answers how many there were. */
export async function reckonUp(
  file: FileHandle,
  checksums: Checksums,
  { size = Number.POSITIVE_INFINITY, signal }: { size?: number; signal?: AbortSignal | undefined },
): Promise<number> {
  const chunk = new Uint8Array(READ_AT_ONCE);
  for (let at = 0; ; ) {
    signal?.throwIfAborted();
    const { bytesRead } = await file.read(chunk, 0, Math.min(chunk.length, size - at), at);
    if (bytesRead === 0) return at;
    checksums.update(chunk.subarray(0, bytesRead));
    at += bytesRead;
    if (at >= size) return at;
  }
}

/** Reads a file to the end; nothing when there is none of that name. */
export async function readBack(
  folder: HeldFolder,
  name: string,
  signal?: AbortSignal,
): Promise<StoredObject | undefined> {
  if (!(await folder.look(name))?.isFile()) return undefined;
  const file = await folder.openFile(name);
  try {
    const checksums = Checksums.open({});
    await reckonUp(file, checksums, { signal });
    return checksums.end();
  } finally {
    await file.close();
  }
}

/** A file to be read once, from its beginning; nothing when there is none of that name. */
export async function openToRead(
  folder: HeldFolder,
  name: string,
): Promise<{ size: number; bytes: ReadableStream<Uint8Array> } | undefined> {
  if (!(await folder.look(name))?.isFile()) return undefined;
  const file = await folder.openFile(name);
  const { size } = await file.stat();
  const bytes = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { bytesRead, buffer } = await file.read(new Uint8Array(GIVEN_AT_ONCE), 0, GIVEN_AT_ONCE, null);
          if (bytesRead > 0) return controller.enqueue(buffer.subarray(0, bytesRead));
          controller.close();
        } catch (error) {
          controller.error(error);
        }
        await file.close();
      },
      cancel: () => file.close(),
    },
    { highWaterMark: 0 },
  );
  return { size, bytes };
}

async function writeWhole(file: FileHandle, chunks: Uint8Array[], place: number): Promise<void> {
  let left = chunks;
  for (let at = place; left.length > 0; ) {
    const { bytesWritten } = await file.writev(left, at);
    at += bytesWritten;
    left = behind(left, bytesWritten);
  }
}

/** What of these chunks comes behind so many bytes. */
function behind(chunks: readonly Uint8Array[], bytes: number): Uint8Array[] {
  let skip = bytes;
  return chunks.flatMap((chunk) => {
    const skipped = Math.min(skip, chunk.length);
    skip -= skipped;
    return skipped < chunk.length ? [chunk.subarray(skipped)] : [];
  });
}
