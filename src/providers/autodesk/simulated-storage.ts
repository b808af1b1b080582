/** `/oss/v2`, which gives addresses of objects, and `/storage`, the host that they lead to. */
import { hmacOf } from "#provider-kit/hmac.ts";
import { hashesOf, sizeOf, streamOf } from "#provider-kit/sim/content.ts";
import type { ApiCall } from "#provider-kit/sim/service.ts";
import { reason, xml } from "./simulated-refusals.ts";
import type { AutodeskState } from "./simulated-state.ts";
import type { AutodeskTree } from "./simulated-tree.ts";

/** Signs the addresses of downloads; they are good for minutes only, so that a restart may end them. */
const key = "pretend-storage-key";

export class SimulatedStorage {
  readonly #tree: AutodeskTree;
  readonly #state: AutodeskState;
  readonly #base: string;

  constructor(about: { tree: AutodeskTree; state: AutodeskState; base: string }) {
    this.#tree = about.tree;
    this.#state = about.state;
    this.#base = about.base;
  }

  /** `/oss/v2/buckets/{bucket}/objects/{key}/{what}` */
  address({ url, now, request }: ApiCall, [, , , bucket = "", , object = "", what]: readonly string[]): Response {
    const found = this.#tree.objectOf(bucket, object);
    if (!found?.version.content) return reason(404, "Object not found");
    const { content } = found.version;
    const size = sizeOf(content);
    const { sha1 } = this.#state.storage;
    if (what === "details") {
      const objectId = `urn:adsk.objects:os.object:${bucket}/${object}`;
      return Response.json({ bucketKey: bucket, objectId, objectKey: object, size, ...(sha1 && hashOf(content)) });
    }
    if (what !== "signeds3download") return reason(404, "Not found");
    const minutes = Number(url.searchParams.get("minutesExpiration") ?? 2);
    if (!Number.isInteger(minutes) || minutes < 1 || minutes > 60)
      return reason(400, "minutesExpiration is from 1 to 60");
    const etag = `"${object}"`;
    if (request.headers.get("if-none-match") === etag) return new Response(null, { status: 304 });
    const expires = now.getTime() + minutes * 60_000;
    const at = (part = "") => this.#signed(bucket, object, expires, part);
    const { assembling } = this.#tree.oddities.get(found.node) ?? {};
    if (assembling === "chunked" && url.searchParams.get("public-resource-fallback") !== "true") {
      return Response.json({ status: "chunked", urls: this.#parts(size, at), params: {}, size });
    }
    const status = assembling === undefined ? "complete" : "fallback";
    return Response.json({
      status,
      url: at(),
      params: {},
      size,
      ...(sha1 && status === "complete" && hashOf(content)),
    });
  }

  #parts(size: number, at: (part: string) => string): Record<string, string> {
    const { partBytes } = this.#state.storage;
    const parts: [string, string][] = [];
    for (let from = 0; from < size; from += partBytes) {
      const part = `${from}-${Math.min(size, from + partBytes) - 1}`;
      // Not in their order.
      parts.unshift([part, at(part)]);
    }
    return Object.fromEntries(parts);
  }

  #signed(bucket: string, object: string, expires: number, part: string): string {
    const origin = this.#state.storage.origin ?? `${this.#base}/storage`;
    const query = new URLSearchParams({ Expires: String(expires), ...(part && { part }) });
    query.set("Signature", signatureOf(bucket, object, expires, part));
    return `${origin}/${bucket}/${object}?${query}`;
  }

  /** `/storage/{bucket}/{key}`: by the address alone. */
  async download({ request, url, now }: ApiCall, [, bucket = "", object = ""]: readonly string[]): Promise<Response> {
    if (request.headers.has("authorization")) {
      return xml(400, "InvalidArgument", "Only one auth mechanism allowed");
    }
    const { searchParams: query } = url;
    const [expires, part] = [Number(query.get("Expires")), query.get("part") ?? ""];
    if (query.get("Signature") !== signatureOf(bucket, object, expires, part)) {
      return xml(403, "SignatureDoesNotMatch", "The request signature we calculated does not match");
    }
    if (now.getTime() >= expires) return xml(403, "AccessDenied", "Request has expired");
    const found = this.#tree.objectOf(bucket, object);
    if (!found?.version.content) return xml(404, "NoSuchKey", "The specified key does not exist.");
    const { content } = found.version;
    const [begin, last] = part === "" ? [0, sizeOf(content) - 1] : part.split("-").map(Number);
    const size = (last ?? 0) + 1 - (begin ?? 0);
    const headers = { "content-type": "application/octet-stream", "accept-ranges": "bytes", etag: `"${object}"` };
    const from = this.#state.storage.withoutRanges ? undefined : rangeIn(request);
    if (from === undefined) {
      const body = streamOf(content, begin, (begin ?? 0) + size);
      return new Response(body, { headers: { ...headers, "content-length": String(size) } });
    }
    const to = Math.min(from.to ?? size - 1, size - 1);
    if (from.from >= size) return xml(416, "InvalidRange", "The requested range is not satisfiable");
    const body = streamOf(content, (begin ?? 0) + from.from, (begin ?? 0) + to + 1);
    return new Response(body, {
      status: 206,
      headers: {
        ...headers,
        "content-length": String(to + 1 - from.from),
        "content-range": `bytes ${from.from}-${to}/${size}`,
      },
    });
  }
}

const hashOf = (content: Parameters<typeof hashesOf>[0]): { sha1: string } => ({ sha1: hashesOf(content).sha1 });

const signatureOf = (...parts: (string | number)[]): string => hmacOf("sha256", key, parts.join("\n"));

function rangeIn({ headers }: Request): { from: number; to: number | undefined } | undefined {
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(headers.get("range") ?? "") ?? [];
  return from === undefined ? undefined : { from: Number(from), to: to ? Number(to) : undefined };
}
