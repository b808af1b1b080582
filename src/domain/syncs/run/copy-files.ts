import { setTimeout as wait } from "node:timers/promises";
import { ProviderError } from "#core/errors.ts";
import type { ConnectionId, FileId, RemoteId } from "#core/ids.ts";
import { type Destination, DestinationError } from "#destinations/destination.ts";
import type { ObjectKey } from "#destinations/object-key.ts";
import type { Call, FileSource, RemoteRef } from "#provider-kit/provider.ts";
import { idKeyOf } from "./object-keys.ts";
import { waitBeforeRetry } from "./patience.ts";
import type { CopyResult, FileAtWork } from "./work.ts";

/** The destination takes nothing more, whichever file it is: the run rests until it does (SR-91). */
export class DestinationResting extends Error {
  override readonly name = "DestinationResting";
  readonly reason: DestinationError;

  constructor(reason: DestinationError) {
    super(reason.message, { cause: reason });
    this.reason = reason;
  }
}

export interface CopyMeans {
  files: FileSource;
  call: Call;
  drive: RemoteId;
  connection: ConnectionId;
  destination: Destination;
  /** Claimed keys of the mirror layout; by ids when the layout has no entry for the file. */
  keys: ReadonlyMap<FileId, ObjectKey>;
  /** Notes another key than the one that was planned for a file, before anything is put there. */
  plan(file: FileAtWork, key: ObjectKey): Promise<void>;
}

const VERSIONS_TRIED = 3;

/**
 * Brings the present version of one file to the destination: source → hash → durable under its key. Doing it twice does
 * no harm. What is wrong with this file alone is the result; what stops everybody is thrown.
 * @throws DestinationResting, ProviderError (reauthorize, unavailable …)
 */
export async function copyFile(means: CopyMeans, file: FileAtWork): Promise<CopyResult> {
  for (let failures = 1; ; failures++) {
    try {
      return await copyOnce(means, file);
    } catch (failure) {
      means.call.signal.throwIfAborted();
      const pause =
        isChangedWhileRead(failure) && failures < VERSIONS_TRIED
          ? 100
          : waitBeforeRetry(failure, failures, new Date(), Math.random());
      if (pause === undefined) return giveUp(means, file, failure);
      await wait(pause, undefined, { signal: means.call.signal });
    }
  }
}

async function copyOnce(
  { files, call, drive, connection, destination, keys, plan }: CopyMeans,
  file: FileAtWork,
): Promise<CopyResult> {
  const ref: RemoteRef = { drive, id: file.remote_id, ...(file.locator !== null && { locator: file.locator }) };
  const content = await files.read(call, ref);
  // A provider that tells the version with the bytes vouches for the two belonging together (SR-87).
  const version = content.version ?? file.version;
  const key = keys.get(file.id) ?? idKeyOf(connection, file, version);
  if (version !== file.version && !keys.has(file.id)) await plan(file, key);
  const hash = version === file.version ? readHash(file.remote_hash) : undefined;
  const stored = await destination.put(key, content.bytes, {
    ...(content.size !== undefined && { expectedSize: content.size }),
    ...(hash && { expectedHash: hash }),
    signal: call.signal,
  });
  if (content.version === undefined && (await files.get(call, ref)).version !== version) {
    throw new DestinationError("mismatch", "The file was changed while it was read");
  }
  return { file, outcome: "stored", key, version, ...stored };
}

const isChangedWhileRead = (failure: unknown): boolean =>
  failure instanceof DestinationError && failure.kind === "mismatch";

async function giveUp(means: CopyMeans, file: FileAtWork, failure: unknown): Promise<CopyResult> {
  const at = new Date().toISOString();
  if (failure instanceof ProviderError) {
    if (failure.kind === "not-found") return { file, outcome: "vanished" };
    if (failure.kind === "reauthorize") throw failure;
    // Unavailable for this file, or for all? The account's own check tells.
    if (failure.kind === "unavailable" || failure.kind === "rate-limited") await means.files.drives(means.call);
    return { file, outcome: "failed", failure: { kind: failure.kind, message: failure.message, at } };
  }
  if (failure instanceof DestinationError) {
    if (failure.kind === "full" || failure.kind === "read-only") throw new DestinationResting(failure);
    if (failure.kind === "forbidden" || failure.kind === "unavailable") await stillThere(means.destination);
    return { file, outcome: "failed", failure: { kind: `destination_${failure.kind}`, message: failure.message, at } };
  }
  throw failure;
}

/** @throws DestinationResting when the trouble is the destination's and not one file's */
export async function stillThere(destination: Destination): Promise<string> {
  try {
    return (await destination.check()).identity;
  } catch (failure) {
    if (failure instanceof DestinationError) throw new DestinationResting(failure);
    throw failure;
  }
}

function readHash(text: string | null): { algorithm: "md5" | "sha1" | "sha256"; value: string } | undefined {
  const [algorithm, value] = text?.split(":") ?? [];
  if (value === undefined || (algorithm !== "md5" && algorithm !== "sha1" && algorithm !== "sha256")) return undefined;
  return { algorithm, value };
}
