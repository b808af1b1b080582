/** Reading a file: Graph gives an address that needs no credential, for a short while. It is neither kept nor told. */
import { ProviderError } from "#core/errors.ts";
import { covers } from "#provider-kit/covers.ts";
import type { HttpStream } from "#provider-kit/http.ts";
import type { Call, FileContent, RemoteRef } from "#provider-kit/provider.ts";
import { readOn } from "#provider-kit/read-on.ts";
import { ITEM, type Item, itemReply } from "./api.ts";
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
  const item = await call.http.json({ url: `${url}?$select=${ITEM},content.downloadUrl` }, itemReply);
  const file = toRemoteFile(item, undefined);
  if (file.isFolder || file.unreadable)
    throw new ProviderError("rejected", `${file.name} has no bytes that can be read`);
  const mediaType = file.mediaType ?? "application/octet-stream";
  if (from > 0 && file.size !== undefined && from >= file.size) {
    return { bytes: new Blob([]).stream(), mediaType, size: 0, version: file.version };
  }
  const opened = await open(call, addresses, `${url}/content`, item, from);
  const total = lengthOf(opened.headers);
  const isRest = opened.status === 206;
  if (isRest) checkRange(opened, from);
  const size = total === undefined || isRest ? total : Math.max(0, total - from);
  return {
    // A host may answer with all of the file although it was asked for the rest.
    bytes: readOn(opened.body, { skip: isRest ? 0 : from, signal: call.signal }),
    mediaType,
    ...(size !== undefined && { size }),
    ...(isStill(item, opened.headers) && { version: file.version }),
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
  const headers: Record<string, string> = from > 0 ? { range: `bytes=${from}-` } : {};
  const link = item["@microsoft.graph.downloadUrl"];
  if (!link || !URL.canParse(link) || !covers(addresses, new URL(link))) return http.stream({ url: content, headers });
  return http.stream({ url: link, unsigned: true, headers }).catch((error: unknown) => {
    // It says nothing of the connection, nor of the file: the next try gets another address.
    const isOver =
      error instanceof ProviderError && ["reauthorize", "forbidden", "not-found", "cursor-lost"].includes(error.kind);
    if (!isOver) throw error;
    throw new ProviderError("unavailable", "Microsoft did not accept the address that it had given for the download", {
      cause: error,
    });
  });
}

function checkRange({ headers }: HttpStream, from: number): void {
  const first = /^bytes (\d+)-/.exec(headers.get("content-range") ?? "")?.[1];
  if (first === undefined || Number(first) !== from) {
    throw new ProviderError("unexpected-reply", "Microsoft sent another part of the file than it was asked for");
  }
}

function lengthOf(headers: Headers): number | undefined {
  const length = headers.get("content-length");
  return length !== null && /^\d{1,15}$/.test(length) ? Number(length) : undefined;
}

/** The bytes come with the tag of what they are of. Without it, or with another one, the file may have changed in between. */
const isStill = (item: Item, headers: Headers): boolean => Boolean(item.eTag) && headers.get("etag") === item.eTag;
