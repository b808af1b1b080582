import { setTimeout as wait } from "node:timers/promises";
import { ProviderError } from "#core/errors.ts";
import type { ConnectionId, FileId, RemoteId } from "#core/ids.ts";
import {
  type Destination,
  DestinationError,
  type ExpectedHash,
  UPLOAD_CHUNK,
  type Upload,
} from "#destinations/destination.ts";
import type { ObjectKey } from "#destinations/object-key.ts";
import type { Call, FileSource, RemoteRef } from "#provider-kit/provider.ts";
import { idKeyOf } from "./object-keys.ts";
import { waitBeforeRetry } from "./patience.ts";
import { RemoteBytes } from "./remote-bytes.ts";
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
  /** What the destination remembers of the upload of a large file. */
  uploads: { find(file: FileAtWork): Promise<unknown>; keep(file: FileAtWork, state: unknown): Promise<void> };
  /** Hears of every failure after which the same is tried again. */
  stumbled?: (failure: ProviderError) => void;
}

const VERSIONS_TRIED = 3;
const TRIES_AT_DESTINATION = 3;

/**
 * Brings the present version of one file to the destination: source → hash → durable under its key. Doing it twice does
 * no harm. What is wrong with this file alone is the result; what stops everybody is thrown.
 * @throws DestinationResting, ProviderError (reauthorize, unavailable …)
 */
export async function copyFile(means: CopyMeans, file: FileAtWork): Promise<CopyResult> {
  const memory = await remembered(means, file);
  let came: string | undefined;
  let believed: ExpectedHash | undefined;
  // Each kind of failure has tries of its own.
  const failures = { changed: 0, other: 0 };
  for (;;) {
    try {
      const result = await copyOnce(means, file, memory, believed);
      return believed && result.outcome === "stored" ? { ...result, hashDiffers: true } : result;
    } catch (failure) {
      means.call.signal.throwIfAborted();
      const sha256 = failure instanceof DestinationError ? failure.sha256 : undefined;
      if (sha256 !== undefined) {
        const isTheSame = sha256 === came;
        believed = means.files.hashesMayDiffer && isTheSame ? { algorithm: "sha256", value: sha256 } : undefined;
        came = sha256;
      }
      failures[isChangedWhileRead(failure) ? "changed" : "other"] += 1;
      const pause = pauseAfter(failure, failures);
      const stumble = failure instanceof DestinationError ? failure.cause : failure;
      if (stumble instanceof ProviderError) means.stumbled?.(stumble);
      if (pause === undefined) return giveUp(means, file, failure);
      await wait(pause, undefined, { signal: means.call.signal });
    }
  }
}

type Memory = Omit<Upload, "version">;

/** What a small file would remember is sooner sent again, and what is made anew each time is sent from its beginning. */
async function remembered({ uploads }: CopyMeans, file: FileAtWork): Promise<Memory | undefined> {
  if (file.export_as !== null || (file.size !== null && file.size <= UPLOAD_CHUNK)) return undefined;
  const memory: Memory = {
    state: await uploads.find(file),
    async save(state) {
      await uploads.keep(file, state);
      memory.state = state;
    },
  };
  return memory;
}

/** `believed`: what came in place of what was announced, twice. */
async function copyOnce(
  means: CopyMeans,
  file: FileAtWork,
  memory: Memory | undefined,
  believed: ExpectedHash | undefined,
): Promise<CopyResult> {
  const { files, call, drive, connection, destination, keys, plan, stumbled } = means;
  const ref: RemoteRef = { drive, id: file.remote_id, ...(file.locator !== null && { locator: file.locator }) };
  const as = file.export_as ?? undefined;
  const place = { files, call, ref, ...(as !== undefined && { as }), ...(stumbled && { stumbled }) };
  const bytes = await RemoteBytes.open(place, file.version);
  try {
    // A provider that tells the version with the bytes vouches for the two belonging together (SR-87).
    const { version } = bytes;
    const key = keys.get(file.id) ?? idKeyOf(connection, file, version);
    if (version !== file.version && !keys.has(file.id)) await plan(file, key);
    // What the provider says of the file's own bytes is nothing to those that are made of it.
    const listed = version === file.version ? readHash(file.remote_hash) : undefined;
    const told = as === undefined && !believed ? (bytes.hash ?? listed) : undefined;
    const hash = believed ?? told;
    const stored = await destination.put(key, bytes, {
      ...(bytes.size !== undefined && { expectedSize: bytes.size }),
      ...(hash && { expectedHash: hash }),
      mediaType: bytes.mediaType,
      ...(memory && { upload: { version, state: memory.state, save: memory.save } }),
      signal: call.signal,
    });
    // Bytes with the hash of the listed version are that version's, whatever has become of the file since.
    if (!bytes.isVouchedFor && !told) await bytes.refuseIfChanged();
    return { file, outcome: "stored", key, version, ...stored };
  } finally {
    await bytes.close();
  }
}

function pauseAfter(failure: unknown, count: { changed: number; other: number }): number | undefined {
  if (isChangedWhileRead(failure)) return count.changed < VERSIONS_TRIED ? 100 : undefined;
  const failures = count.other;
  const now = new Date();
  if (!(failure instanceof DestinationError)) return waitBeforeRetry(failure, failures, now, Math.random());
  const { kind, cause } = failure;
  // Buckets fail now and then, as services do. A disk that is away is so for longer than anybody waits here.
  const mayPass = kind === "unavailable" && cause instanceof ProviderError && cause.kind !== "not-found";
  if (!mayPass || failures >= TRIES_AT_DESTINATION) return undefined;
  const { message, retryAt } = cause;
  // Whatever became of the first try: a put does no harm twice.
  const passing = new ProviderError("unavailable", message, retryAt ? { retryAt } : {});
  return waitBeforeRetry(passing, failures, now, Math.random());
}

const isChangedWhileRead = (failure: unknown): boolean =>
  failure instanceof DestinationError && failure.kind === "mismatch";

async function giveUp(means: CopyMeans, file: FileAtWork, failure: unknown): Promise<CopyResult> {
  const at = new Date().toISOString();
  if (failure instanceof ProviderError) {
    if (failure.kind === "not-found") return vanished(means, file);
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

/** What is to be known of a file that is not there any more: an earlier try may have replaced what was stored of it. */
async function vanished({ destination, call }: CopyMeans, file: FileAtWork): Promise<CopyResult> {
  const result = { file, outcome: "vanished" } as const;
  if (file.object_key === null || file.pending_key !== file.object_key) return result;
  try {
    const there = await destination.verify(file.object_key as ObjectKey, call.signal);
    return { ...result, found: there ? { sha256: there.sha256 } : "nothing" };
  } catch (failure) {
    if (failure instanceof DestinationError) return result;
    throw failure;
  }
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

function readHash(text: string | null): ExpectedHash | undefined {
  const [algorithm, value] = text?.split(":") ?? [];
  const known = algorithms.find((one) => one === algorithm);
  return known && value !== undefined ? { algorithm: known, value } : undefined;
}

const algorithms = ["md5", "sha1", "sha256", "quickxor"] as const;
