import { ProviderError } from "#core/errors.ts";
import type { HttpStream } from "#provider-kit/http.ts";
import type { Call, FileContent } from "#provider-kit/provider.ts";
import { readOn } from "#provider-kit/read-on.ts";
import { type Download, downloadReply } from "./api.ts";
import type { Config } from "./config.ts";
import { type Place, pathOf, storedObject } from "./ids.ts";

/** How long an address may wait for its turn before it is used. It is a secret: no longer than that. */
const ADDRESS_MINUTES = 10;

/**
 * The bytes of one version, from `from` on. They come from a storage host, by an address that is good for a few minutes
 * and carries its own permission: the credential does not go there.
 */
export async function openVersion(call: Call<Config>, { version, storage }: Place, from: number): Promise<FileContent> {
  const object = storedObject(storage);
  if (!object) throw new ProviderError("not-found", "This is not where Autodesk keeps files");
  const url = `oss/v2/${pathOf("buckets", object.bucket, "objects", object.key, "signeds3download")}`;
  const answer = await call.http
    .json({ url, query: { minutesExpiration: ADDRESS_MINUTES } }, downloadReply)
    .catch((error: unknown) => {
      // The version says that the object is there. One that has just been made may not be found yet.
      if (!(error instanceof ProviderError) || error.kind !== "not-found") throw error;
      throw new ProviderError("unavailable", "Autodesk does not find the bytes of this version yet");
    });
  const left = answer.size === undefined ? undefined : answer.size - from;
  if (left !== undefined && left < 0) throw new ProviderError("unexpected-reply", "The file is shorter than it was");
  const common = { version, ...(left !== undefined && { size: left }) };
  if (left === 0) return { ...common, mediaType: anyType, bytes: new Blob([]).stream() };
  if (answer.status === "chunked") {
    return { ...common, mediaType: anyType, bytes: readOn(inOrder(call, partsOf(answer), from), call) };
  }
  const opened = await openAt(call, answer.url, from);
  const { sha1 } = answer;
  return {
    ...common,
    ...(sha1 && { hash: { algorithm: "sha1", value: sha1.toLowerCase() } }),
    mediaType: opened.headers.get("content-type") ?? anyType,
    bytes: readOn(opened.body, call),
  };
}

const anyType = "application/octet-stream";

const ofAddress: ReadonlySet<string> = new Set(["reauthorize", "forbidden", "not-found"]);

/** A host that does not know of parts sends everything: then the beginning is left out here. */
async function openAt({ http, signal }: Call<Config>, url: string, from: number): Promise<HttpStream> {
  const opened = await http
    .stream({ url, unsigned: true, ...(from > 0 && { headers: { range: `bytes=${from}-` } }) })
    .catch((error: unknown) => {
      // It says nothing of the connection, nor of the file: the next try gets another address.
      if (!(error instanceof ProviderError) || !ofAddress.has(error.kind)) throw error;
      throw new ProviderError("unavailable", "Autodesk's storage did not accept the address of the download");
    });
  if (from === 0 && opened.status === 200) return opened;
  if (from > 0 && opened.status === 200) return { ...opened, body: readOn(opened.body, { skip: from, signal }) };
  const range = opened.headers.get("content-range") ?? "";
  if (from > 0 && opened.status === 206 && range.startsWith(`bytes ${from}-`)) return opened;
  await opened.body.cancel();
  throw new ProviderError("unexpected-reply", "Autodesk's storage answered with another part than was asked for");
}

interface Part {
  url: string;
  start: number;
  /** Behind its last byte. */
  end: number;
}

/** The parts of an object that is still being put together, which have to make up all of it. */
function partsOf({ urls, size }: Extract<Download, { status: "chunked" }>): Part[] {
  const parts = Object.entries(urls)
    .map(([range, url]): Part => {
      const [start, last] = range.split("-").map(Number);
      return { url, start: start ?? Number.NaN, end: (last ?? Number.NaN) + 1 };
    })
    .toSorted((a, b) => a.start - b.start);
  const follows = parts.every(({ start, end }, n) => start === (parts[n - 1]?.end ?? 0) && end > start);
  if (follows && parts.at(-1)?.end === size) return parts;
  throw new ProviderError("unexpected-reply", "Autodesk told parts of a file that do not make up all of it");
}

/** One part after the other, each asked for when the one before has ended. */
function inOrder(call: Call<Config>, parts: readonly Part[], from: number): ReadableStream<Uint8Array> {
  async function* read(): AsyncGenerator<Uint8Array, undefined> {
    for (const { url, start, end } of parts) {
      if (end <= from) continue;
      const skipped = Math.max(0, from - start);
      let left = end - start - skipped;
      const { body } = await openAt(call, url, skipped);
      for await (const chunk of body) {
        left -= chunk.length;
        if (left >= 0) yield chunk;
      }
      if (left !== 0)
        throw new ProviderError("unexpected-reply", "A part of the file has another length than was told");
    }
  }
  const chunks = read();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await chunks.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await chunks.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}
