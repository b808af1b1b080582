/** Reading a file: Graph gives an address that needs no credential, for a short while. It is neither kept nor told. */
import { ProviderError } from "#core/errors.ts";
import { covers } from "#provider-kit/covers.ts";
import type { HttpStream } from "#provider-kit/http.ts";
import type { Call, FileContent, RemoteRef } from "#provider-kit/provider.ts";
import { readOn } from "#provider-kit/read-on.ts";
import { type Item, itemReply } from "./api.ts";
import type { Config } from "./config.ts";
import { toRemoteFile } from "./remote-file.ts";

export async function readFile(
  call: Call<Config>,
  addresses: readonly string[],
  { drive, id }: RemoteRef,
  { from = 0, as }: { from?: number; as?: string } = {},
): Promise<FileContent> {
  if (as !== undefined) throw new ProviderError("rejected", `Microsoft is not asked to turn files into ${as}`);
  const url = `v1.0/drives/${encodeURIComponent(drive)}/items/${encodeURIComponent(id)}`;
  // Whole: where properties are chosen, the address of the bytes is not sure to come along.
  const item = await call.http.json({ url }, itemReply);
  const file = toRemoteFile(item, undefined);
  if (file.isFolder || file.unreadable) {
    throw new ProviderError("rejected", `${file.name} has no bytes that can be read`);
  }
  const opened = await open(call, addresses, `${url}/content`, item, from);
  const refusal = isPage(item, opened.headers) ? notAccepted() : isOtherPart(opened, from) ? otherPart() : undefined;
  if (refusal) {
    await opened.body.cancel();
    throw refusal;
  }
  // A host may send all of a file whatever part is asked for.
  const skip = from > 0 && opened.status === 206 ? 1 : from;
  const length = lengthOf(opened.headers);
  return {
    bytes: readOn(opened.body, { skip, signal: call.signal }),
    mediaType: file.mediaType ?? "application/octet-stream",
    ...(length !== undefined && { size: Math.max(0, length - skip) }),
    ...(isStill(item, opened.headers) && { version: file.version, ...(file.hash && { hash: file.hash }) }),
  };
}

/** From a host that we know without the credential; else by way of the API, which redirects, and outbound drops it there. */
async function open(
  { http }: Call<Config>,
  addresses: readonly string[],
  content: string,
  item: Item,
  from: number,
): Promise<HttpStream> {
  // From one byte earlier: nothing can be asked for from the very end on, and there is always a byte to skip.
  const headers: Record<string, string> = from > 0 ? { range: `bytes=${from - 1}-` } : {};
  const link = item["@microsoft.graph.downloadUrl"];
  if (!link || !URL.canParse(link) || !covers(addresses, new URL(link))) return http.stream({ url: content, headers });
  return http.stream({ url: link, unsigned: true, headers }).catch((error: unknown) => {
    // It says nothing of the connection, nor of the file: the next try gets another address.
    const isOver =
      error instanceof ProviderError && ["reauthorize", "forbidden", "not-found", "cursor-lost"].includes(error.kind);
    throw isOver ? notAccepted(error) : error;
  });
}

const notAccepted = (cause?: unknown) =>
  new ProviderError("unavailable", "Microsoft did not accept the address that it had given for the download", {
    cause,
  });

/** A page for people in the place of a file, with a status that says that all is well. */
const isPage = ({ file }: Item, headers: Headers): boolean =>
  isHtml(headers.get("content-type")) && !isHtml(file?.mimeType);

const isHtml = (type: string | null | undefined): boolean =>
  /^(?:text\/html|application\/xhtml\+xml)\b/i.test(type ?? "");

function isOtherPart({ status, headers }: HttpStream, from: number): boolean {
  const first = /^bytes (\d+)-/.exec(headers.get("content-range") ?? "")?.[1];
  return from > 0 && status === 206 && first !== String(from - 1);
}

const otherPart = () =>
  new ProviderError("unexpected-reply", "Microsoft sent another part of the file than it was asked for");

function lengthOf(headers: Headers): number | undefined {
  const length = headers.get("content-length");
  return length !== null && /^\d{1,15}$/.test(length) ? Number(length) : undefined;
}

/** The bytes come with the tag of what they are of. Without it, or with another one, the file may have changed in between. */
const isStill = (item: Item, headers: Headers): boolean => Boolean(item.eTag) && headers.get("etag") === item.eTag;
