/** The host on which bytes lie: its addresses carry their own permission for a while, and a credential is an offence. */
import { bytesOf, type Content, sizeOf, streamOf } from "#provider-kit/sim/content.ts";
import type { SimNode, SimTree } from "#provider-kit/sim/tree.ts";
import { eTagOf, guidOf, mediaTypeOf } from "./simulated-item.ts";
import { type MicrosoftState, oddityOf } from "./simulated-microsoft.ts";

const PLACE = "/_layouts/15/download.aspx";

/** @param root what the host's addresses begin with */
export function downloadUrlOf(node: SimNode, root: string, until: number): string {
  const pass = Buffer.from(`${node.id} ${until}`).toString("base64url");
  return `${root}/download${PLACE}?UniqueId=${guidOf(node).toLowerCase()}&Translate=false&tempauth=v1.${pass}&ApiVersion=2.0`;
}

/** @param path below `/download` */
export function download(
  { tree, state }: { tree: SimTree; state: MicrosoftState },
  { request, url, path, now }: { request: Request; url: URL; path: string; now: Date },
): Response {
  if (path !== PLACE || request.method !== "GET") return new Response(null, { status: 404 });
  if (request.headers.has("authorization")) return no(401, "Authorization and tempauth exclude each other");
  const pass = /^v1\.([\w-]+)$/.exec(url.searchParams.get("tempauth") ?? "")?.[1] ?? "";
  const [id = "", until] = Buffer.from(pass, "base64url").toString().split(" ");
  const node = tree.get(id);
  if (!(Number(until) > now.getTime())) return no(401, "The address is no longer good");
  if (!node?.content || tree.isTrashed(node)) return no(404, "File not found");
  if (oddityOf(node).malware) {
    const headers = { "x-virus-infected": "Win32/Pretend" };
    return Response.json({ error: { code: "malwareDetected", message: "Malware" } }, { status: 403, headers });
  }
  const content: Content = oddityOf(node).labelled ? bytesOf(`labelled ${node.id} ${eTagOf(node)}`) : node.content;
  const size = sizeOf(content);
  const headers = { "content-type": mediaTypeOf(node.name), etag: eTagOf(node), "accept-ranges": "bytes" };
  const range = request.headers.get("range");
  if (range === null || state.ignoresRange) {
    return new Response(streamOf(content), { headers: { ...headers, "content-length": String(size) } });
  }
  const part = rangeIn(range, size);
  if (!part) return new Response(null, { status: 416, headers: { "content-range": `bytes */${size}` } });
  const [from, to] = part;
  return new Response(streamOf(content, from, to), {
    status: 206,
    headers: {
      ...headers,
      "content-length": String(to - from),
      "content-range": `bytes ${from}-${to - 1}/${size}`,
    },
  });
}

/** From the first byte to before the last one; nothing where there is no such part. */
function rangeIn(text: string, size: number): [number, number] | undefined {
  const [, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/.exec(text) ?? [];
  if (first === "" && last === "") return undefined;
  if (first === "") return [Math.max(0, size - Number(last)), size];
  const from = Number(first);
  const to = last === "" ? size : Math.min(size, Number(last) + 1);
  return from < to ? [from, to] : undefined;
}

const no = (status: number, text: string): Response =>
  new Response(`<html><body><h1>${text}</h1></body></html>`, { status, headers: { "content-type": "text/html" } });
