import type { ApiCall } from "#provider-kit/sim/service.ts";
import { isKey, type Resumable, refusals, type SimulatedStorage } from "./simulated-storage.ts";

const CHUNK = 6 * 1024 * 1024;
const LIFE_MS = 24 * 60 * 60 * 1000;
const headers = { "tus-resumable": "1.0.0" };

/** Resumable uploads: real statuses, texts for errors, offsets that are held to. */
export async function answerTus(storage: SimulatedStorage, call: ApiCall, id: string | undefined): Promise<Response> {
  const { request, now, url } = call;
  if (request.headers.get("tus-resumable") !== "1.0.0") return refuse(412, "Tus-Resumable Required");
  if (id === undefined) return request.method === "POST" ? begin(storage, call) : refuse(405, "Method Not Allowed");
  const upload = storage.uploads.get(id);
  if (!upload) return refuse(404, "The file for this url was not found");
  if (upload.endsAt <= now.getTime()) return refuse(410, "The file for this url no longer exists");
  switch (request.method) {
    case "HEAD":
      return new Response(null, {
        status: 200,
        headers: {
          ...headers,
          "upload-offset": String(upload.offset),
          "upload-length": String(upload.size),
          "cache-control": "no-store",
        },
      });
    case "PATCH":
      return take(storage, id, upload, request, now);
    case "DELETE":
      storage.uploads.delete(id);
      return new Response(null, { status: 204, headers });
    default:
      return refuse(405, `Method Not Allowed at ${url.pathname}`);
  }
}

function begin(storage: SimulatedStorage, { request, now, url }: ApiCall): Response {
  const size = Number(request.headers.get("upload-length"));
  const described = readMetadata(request.headers.get("upload-metadata") ?? "");
  const bucket = storage.buckets.get(described.bucketName ?? "");
  const name = described.objectName ?? "";
  if (!bucket) return refuse(404, "Bucket not found");
  if (!Number.isSafeInteger(size) || size < 0)
    return refuse(400, "Upload-Length or Upload-Defer-Length header required");
  if (!isKey(name)) return refuse(400, `Invalid key: ${name}`);
  const mediaType = described.contentType ?? "application/octet-stream";
  const no = storage.refusal(bucket, size, mediaType);
  if (no) return refuse(Number(no.statusCode), no.message);
  const replace = request.headers.get("x-upsert") === "true";
  const id = Buffer.from(`${bucket.name}/${name}/${storage.nextId()}`).toString("base64url");
  storage.uploads.set(id, {
    bucket: bucket.name,
    name,
    size,
    mediaType,
    replace,
    metadata: readObject(described.metadata),
    received: [],
    offset: 0,
    endsAt: now.getTime() + LIFE_MS,
  });
  // The host that the service believes to have is often not the one that it is reached at.
  return new Response(null, {
    status: 201,
    headers: { ...headers, location: `http://storage:5000${url.pathname}/${id}` },
  });
}

async function take(
  storage: SimulatedStorage,
  id: string,
  upload: Resumable,
  request: Request,
  now: Date,
): Promise<Response> {
  if (request.headers.get("content-type") !== "application/offset+octet-stream")
    return refuse(415, "Invalid Content-Type");
  if (request.headers.get("upload-offset") !== String(upload.offset)) return refuse(409, "Upload-Offset conflict");
  const bytes = new Uint8Array(await request.arrayBuffer());
  const isLast = upload.offset + bytes.length === upload.size;
  if (bytes.length !== CHUNK && !isLast) return refuse(400, "Chunks have 6 MiB, except the last one");
  const bucket = storage.buckets.get(upload.bucket);
  if (!bucket) return refuse(404, "Bucket not found");
  const no = storage.refusal(bucket, upload.size, upload.mediaType);
  if (no) return refuse(Number(no.statusCode), no.message);
  upload.received.push(bytes);
  upload.offset += bytes.length;
  // It is found out when all bytes have come, and they are not forgotten for that.
  if (isLast && !upload.replace && bucket.objects.has(upload.name)) return refuse(409, refusals.duplicate.message);
  if (isLast) {
    storage.store(bucket, upload.name, {
      bytes: Buffer.concat(upload.received),
      mediaType: upload.mediaType,
      cacheControl: "no-cache",
      metadata: upload.metadata,
      at: now,
    });
    storage.uploads.delete(id);
  }
  return new Response(null, { status: 204, headers: { ...headers, "upload-offset": String(upload.offset) } });
}

function readMetadata(text: string): Record<string, string> {
  return Object.fromEntries(
    text.split(",").flatMap((pair) => {
      const [name, value = ""] = pair.trim().split(" ");
      return name ? [[name, Buffer.from(value, "base64").toString()]] : [];
    }),
  );
}

export function readObject(text: string | undefined): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text ?? "{}");
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

const refuse = (status: number, text: string): Response =>
  new Response(text, { status, headers: { ...headers, "content-type": "text/plain" } });
