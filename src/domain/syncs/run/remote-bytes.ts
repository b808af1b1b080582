import { setTimeout as wait } from "node:timers/promises";
import { ProviderError } from "#core/errors.ts";
import { type ByteSource, DestinationError } from "#destinations/destination.ts";
import { OutboundError } from "#outbound/outbound-error.ts";
import type { Call, FileContent, FileSource, RemoteHash, RemoteRef } from "#provider-kit/provider.ts";
import { waitBeforeRetry } from "./patience.ts";
import { versionOfExport } from "./sighting.ts";

interface Place {
  files: FileSource;
  call: Call;
  ref: RemoteRef;
  as?: string;
  /** Hears of every failure that is got over. */
  stumbled?: (failure: ProviderError) => void;
}

const FAILURES_IN_A_ROW = 4;
/** So much has to come between two failures, or the second one counts as the next in a row. */
const PROGRESS = 1024 * 1024;

/**
 * One version of a remote file's bytes, from any byte on. A body that breaks off goes on where it broke, if the provider
 * still has the same version (SR-87).
 */
export class RemoteBytes implements ByteSource {
  readonly #place: Place;
  /** Opened already, at byte 0; nothing once somebody reads it. */
  #first: FileContent | undefined;
  /** Which version these bytes are of. */
  readonly version: string;
  /** Whether the provider vouches for that. Else they are if the file still has that version when they have been read. */
  readonly isVouchedFor: boolean;
  /** What the provider told with the bytes that they are, all together. */
  readonly hash: RemoteHash | undefined;
  readonly size: number | undefined;
  readonly mediaType: string;

  private constructor(place: Place, first: FileContent, version: string) {
    this.#place = place;
    this.#first = first;
    this.isVouchedFor = first.version !== undefined;
    this.version = version;
    this.hash = first.hash;
    this.size = first.size;
    this.mediaType = first.mediaType;
  }

  /** `version` is what the listing said, for a document that is exported together with what it becomes. */
  static async open(place: Place, version: string): Promise<RemoteBytes> {
    const { files, call, ref, as } = place;
    const first = await files.read(call, ref, as === undefined ? {} : { as });
    return new RemoteBytes(place, first, first.version === undefined ? version : versionOfExport(first.version, as));
  }

  async open(from: number): Promise<AsyncIterable<Uint8Array>> {
    if (from > 0) return this.#from(from, await this.#read(from));
    const first = this.#first ?? (await this.#read(0));
    this.#first = undefined;
    return this.#from(0, first);
  }

  /** Fails with `mismatch` when the file has another version by now. */
  async refuseIfChanged(): Promise<void> {
    const { files, call, ref, as } = this.#place;
    const { version } = await files.get(call, ref);
    if (versionOfExport(version, as) !== this.version) throw changedWhileRead();
  }

  /** Lets go what nobody has read. */
  async close(): Promise<void> {
    await this.#first?.bytes.cancel().catch(() => {});
    this.#first = undefined;
  }

  async *#from(from: number, opened: FileContent): AsyncGenerator<Uint8Array> {
    const { call, stumbled } = this.#place;
    let content: FileContent | undefined = opened;
    let at = from;
    let failures = 0;
    for (let brokeAt = from; ; ) {
      try {
        content ??= await this.#read(at);
        for await (const chunk of content.bytes) {
          at += chunk.length;
          yield chunk;
        }
        if (this.size === undefined || at >= this.size) return;
        throw new ProviderError("unavailable", "The file ended early");
      } catch (error) {
        call.signal.throwIfAborted();
        const failure = asBreak(error);
        if (!failure) throw error;
        // What is made anew each time has other bytes the next time: nobody goes on in the middle of it.
        if (this.#place.as !== undefined) throw failure;
        failures = at - brokeAt >= PROGRESS ? 1 : failures + 1;
        const pause = waitBeforeRetry(failure, failures, new Date(), Math.random());
        if (pause === undefined || failures >= FAILURES_IN_A_ROW) throw failure;
        stumbled?.(failure);
        brokeAt = at;
        content = undefined;
        await wait(pause, undefined, { signal: call.signal });
      }
    }
  }

  async #read(from: number): Promise<FileContent> {
    const { files, call, ref, as } = this.#place;
    if (!this.isVouchedFor) await this.refuseIfChanged();
    const content = await files.read(call, ref, { from, ...(as !== undefined && { as }) });
    const isSame = !this.isVouchedFor || versionOfExport(content.version ?? "", as) === this.version;
    const fits = this.size === undefined || content.size === undefined || from + content.size === this.size;
    if (isSame && fits) return content;
    await content.bytes.cancel().catch(() => {});
    throw changedWhileRead();
  }
}

/** The failure, if trying again from here may help. */
function asBreak(error: unknown): ProviderError | undefined {
  if (error instanceof ProviderError) return error;
  if (!(error instanceof OutboundError)) return undefined;
  return new ProviderError("unavailable", error.message, {
    cause: error,
    ...(error.retryAt && { retryAt: error.retryAt }),
  });
}

const changedWhileRead = () => new DestinationError("mismatch", "The file was changed while it was read");
