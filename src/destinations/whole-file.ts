import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { DestinationError, type PutOptions, type StoredObject } from "./destination.ts";
import type { HeldFolder } from "./held-folder.ts";

const CHUNK = 256 * 1024;

/**
 * Writes a new file to the end, hashing what passes, and makes its bytes durable. Its name is durable only once the
 * folder is. Fails with `mismatch` when the bytes are not those that were announced.
 */
export async function writeNew(
  folder: HeldFolder,
  name: string,
  bytes: AsyncIterator<Uint8Array>,
  { expectedSize, expectedHash, signal }: Partial<PutOptions>,
): Promise<StoredObject> {
  signal?.throwIfAborted();
  const sha256 = createHash("sha256");
  const announced =
    expectedHash && expectedHash.algorithm !== "sha256" ? createHash(expectedHash.algorithm) : undefined;
  const file = await folder.createFile(name);
  let size = 0;
  try {
    for (let next = await bytes.next(); !next.done; next = await bytes.next()) {
      signal?.throwIfAborted();
      const chunk = next.value;
      size += chunk.length;
      if (expectedSize !== undefined && size > expectedSize) break;
      sha256.update(chunk);
      announced?.update(chunk);
      await writeWhole(file, chunk);
    }
    if (expectedSize !== undefined && size !== expectedSize) {
      const came = size > expectedSize ? "More" : `Only ${size}`;
      throw new DestinationError("mismatch", `${came} bytes came where ${expectedSize} were announced`);
    }
    const digest = sha256.digest("hex");
    if (expectedHash && (announced?.digest("hex") ?? digest) !== expectedHash.value.toLowerCase()) {
      throw new DestinationError("mismatch", `The bytes do not have the ${expectedHash.algorithm} that was announced`);
    }
    await file.datasync();
    return { size, sha256: digest };
  } finally {
    await file.close();
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
    const sha256 = createHash("sha256");
    const chunk = new Uint8Array(CHUNK);
    for (let size = 0; ; ) {
      signal?.throwIfAborted();
      const { bytesRead } = await file.read(chunk, 0, CHUNK, size);
      if (bytesRead === 0) return { size, sha256: sha256.digest("hex") };
      sha256.update(chunk.subarray(0, bytesRead));
      size += bytesRead;
    }
  } finally {
    await file.close();
  }
}

async function writeWhole(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.length; ) {
    const { bytesWritten } = await file.write(chunk, at, chunk.length - at);
    at += bytesWritten;
  }
}
