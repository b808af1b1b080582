/** Bytes and exports of the pretend Drive. */
import { type Content, sizeOf, streamOf } from "#provider-kit/sim/content.ts";
import { type DocumentKind, documentBytes } from "#provider-kit/sim/documents.ts";
import type { SimNode } from "#provider-kit/sim/tree.ts";
import { DriveRefusal } from "./simulated-failure.ts";
import type { Viewer, World } from "./simulated-world.ts";

const google = (name: string) => `application/vnd.google-apps.${name}`;
const office = (name: string) => `application/vnd.openxmlformats-officedocument.${name}`;
const openDocument = (name: string) => `application/vnd.oasis.opendocument.${name}`;

/** `about.exportFormats`, with what an export link calls each of them. */
export const exportFormats: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  [google("document")]: {
    [office("wordprocessingml.document")]: "docx",
    [openDocument("text")]: "odt",
    "application/rtf": "rtf",
    "application/pdf": "pdf",
    "text/plain": "txt",
    "application/zip": "zip",
    "application/epub+zip": "epub",
    "text/html": "html",
    "text/markdown": "markdown",
  },
  [google("spreadsheet")]: {
    [office("spreadsheetml.sheet")]: "xlsx",
    [openDocument("spreadsheet")]: "ods",
    "application/x-vnd.oasis.opendocument.spreadsheet": "ods",
    "application/pdf": "pdf",
    "application/zip": "zip",
    "text/csv": "csv",
    "text/tab-separated-values": "tsv",
  },
  [google("presentation")]: {
    [office("presentationml.presentation")]: "pptx",
    [openDocument("presentation")]: "odp",
    "application/pdf": "pdf",
    "text/plain": "txt",
  },
  [google("drawing")]: {
    "application/pdf": "pdf",
    "image/jpeg": "jpeg",
    "image/png": "png",
    "image/svg+xml": "svg",
  },
  [google("script")]: { "application/vnd.google-apps.script+json": "json" },
  [google("form")]: { "application/zip": "zip" },
  [google("jam")]: { "application/pdf": "pdf" },
};

/** Of an export through the API; links give more. */
const MOST_EXPORTED = 10 * 1024 * 1024;

/** `alt=media`. */
export function download(world: World, node: SimNode, viewer: Viewer, request: Request, url: URL): Response {
  const mimeType = world.mimeType(node);
  if (mimeType.startsWith(google(""))) {
    const text = "Only files with binary content can be downloaded. Use Export with Docs Editors files.";
    throw new DriveRefusal(403, "fileNotDownloadable", text, { location: "alt" });
  }
  refuseBarred(world, node, viewer, url);
  const content: Content = node.content ?? { kind: "bytes", bytes: new Uint8Array() };
  const size = sizeOf(content);
  const range = readRange(request.headers.get("range"), size);
  const headers = { "content-type": mimeType, "accept-ranges": "bytes" };
  if (!range) return new Response(streamOf(content), { headers: { ...headers, "content-length": String(size) } });
  const { from, to } = range;
  return new Response(streamOf(content, from, to), {
    status: 206,
    headers: {
      ...headers,
      "content-length": String(to - from),
      "content-range": `bytes ${from}-${to - 1}/${size}`,
    },
  });
}

function refuseBarred(world: World, node: SimNode, viewer: Viewer, url: URL): void {
  const { abusive, noDownload, worn } = world.about(node);
  const mayHaveIt = world.owns(node, viewer.account) && url.searchParams.get("acknowledgeAbuse") === "true";
  if (abusive && !mayHaveIt) {
    const text = "This file has been identified as malware or spam and cannot be downloaded.";
    throw new DriveRefusal(403, "cannotDownloadAbusiveFile", text);
  }
  if (noDownload) throw new DriveRefusal(403, "cannotDownloadFile", "This file cannot be downloaded by the user.");
  if (worn) {
    throw new DriveRefusal(403, "downloadQuotaExceeded", "The download quota for this file has been exceeded.");
  }
}

/** RFC 9110 14.1.2, one range only. Of a file with nothing in it there is no range. */
function readRange(header: string | null, size: number): { from: number; to: number } | undefined {
  const [, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/.exec(header ?? "") ?? [];
  if (first === "" && last === "") return undefined;
  const from = first === "" ? Math.max(0, size - Number(last)) : Number(first);
  const to = first === "" || last === "" ? size : Math.min(size, Number(last) + 1);
  if (from >= size || from >= to) {
    throw new DriveRefusal(416, "requestedRangeNotSatisfiable", "Request range not satisfiable", {
      location: "Range",
      locationType: "header",
    });
  }
  return { from, to };
}

/** `files.export`, and through a link what is larger than it gives. */
export function exported(world: World, node: SimNode, as: string | null, limited: boolean): Response {
  if (as === null || as === "") {
    throw new DriveRefusal(400, "required", "Required parameter: mimeType", { location: "mimeType" });
  }
  const formats = exportFormats[world.mimeType(node)];
  if (!formats) {
    throw new DriveRefusal(403, "fileNotExportable", "Export only supports Docs Editors files.");
  }
  const format = Object.hasOwn(formats, as) ? formats[as] : undefined;
  if (format === undefined) {
    throw new DriveRefusal(400, "badRequest", "The requested conversion is not supported.");
  }
  if (world.about(node).noDownload) {
    throw new DriveRefusal(403, "cannotDownloadFile", "This file cannot be downloaded by the user.");
  }
  const least = world.about(node).exportSize ?? 0;
  if (limited && least > MOST_EXPORTED) {
    throw new DriveRefusal(403, "exportSizeLimitExceeded", "This file is too large to be exported.");
  }
  const head = madeAnew(format, seedOf(node.content));
  const rest: Content = { kind: "noise", seed: 1, size: Math.max(0, least - head.length) };
  // Its length is not known before it is made.
  return new Response(joined(head, rest), { headers: { "content-type": as } });
}

/** The type that an export link's format stands for. */
export const typeOfFormat = (world: World, node: SimNode, format: string | null): string | null =>
  Object.entries(exportFormats[world.mimeType(node)] ?? {}).find(([, name]) => name === format)?.[0] ?? null;

function seedOf(content: Content | undefined): number {
  if (content?.kind !== "bytes") return content?.seed ?? 0;
  return content.bytes.reduce((sum, byte) => (sum * 31 + byte) % 1_000_003, content.bytes.length);
}

const kinds: Readonly<Record<string, DocumentKind>> = {
  docx: "docx",
  zip: "docx",
  epub: "docx",
  odt: "docx",
  pptx: "docx",
  odp: "docx",
  xlsx: "xlsx",
  ods: "xlsx",
  pdf: "pdf",
  csv: "csv",
  tsv: "csv",
  png: "png",
  jpeg: "png",
};

let made = 0;

/** Exporting the same twice gives different bytes, which open all the same: a comment at the end is another one. */
function madeAnew(format: string, seed: number): Uint8Array {
  const kind = kinds[format] ?? "txt";
  const bytes = documentBytes(kind, seed);
  made += 1;
  if (kind === "pdf") return Buffer.concat([bytes, Buffer.from(`% export ${made}\n`)]);
  if (kind !== "docx" && kind !== "xlsx") return bytes;
  const comment = Buffer.from(`export ${made}`);
  const archive = Buffer.concat([bytes, comment]);
  // The length of the comment is the last thing in a ZIP archive without one.
  archive.writeUInt16LE(comment.length, bytes.length - 2);
  return archive;
}

function joined(head: Uint8Array, rest: Content): ReadableStream<Uint8Array> {
  const more = streamOf(rest).getReader();
  let isFirst = true;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (isFirst) {
          isFirst = false;
          return controller.enqueue(head);
        }
        const { done, value } = await more.read();
        return done ? controller.close() : controller.enqueue(value);
      },
    },
    { highWaterMark: 0 },
  );
}
