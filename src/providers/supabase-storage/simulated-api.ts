import type { ApiCall } from "#provider-kit/sim/service.ts";
import { type Bucket, isKey, type Refusal, refusals, type SimulatedStorage, type Stored } from "./simulated-storage.ts";
import { answerTus, readObject } from "./simulated-tus.ts";

export interface Project {
  storage: SimulatedStorage;
  /** What opens everything. */
  secretKey: string;
}

/** The storage API of a project, below `/storage/v1`. */
export async function answer(project: Project, call: ApiCall): Promise<Response> {
  const path = /^\/storage\/v1\/(.*)$/.exec(call.path)?.[1];
  if (path === undefined) return Response.json({ message: "no Route matched with those values" }, { status: 404 });
  const parts = path.split("/").map(decodeURIComponent);
  const [what, ...rest] = parts;
  const { storage, secretKey } = project;
  const token = call.url.searchParams.get("token");
  if (what === "object" && rest[0] === "sign" && call.request.method === "GET")
    return readSigned(storage, rest.slice(1), token);
  if (what === "object" && rest[0] === "public") return readPublic(storage, rest.slice(1), call);
  const isKnown = call.request.headers.get("authorization") === `Bearer ${secretKey}`;
  if (!isKnown) return refuse(refusals.jwt);
  if (what === "upload" && rest[0] === "resumable") return answerTus(storage, call, rest[1]);
  if (what === "bucket") return answerBucket(storage, call, rest);
  if (what === "object") return answerObject(storage, call, rest);
  return Response.json({ message: "Route not found", error: "Not Found", statusCode: "404" }, { status: 404 });
}

async function answerBucket(storage: SimulatedStorage, { request }: ApiCall, [id, act]: string[]): Promise<Response> {
  const { method } = request;
  if (id === undefined) {
    if (method === "GET") return Response.json([...storage.buckets.values()].map(toBucket));
    const body = await readJson(request);
    const name = String(body.name ?? body.id ?? "");
    if (storage.buckets.has(name)) return refuse(refusals.bucketExists);
    const { file_size_limit: limit, allowed_mime_types: types } = body;
    storage.add(name, {
      isPublic: body.public === true,
      ...(typeof limit === "number" && { sizeLimit: limit }),
      ...(Array.isArray(types) && { mediaTypes: types.map(String) }),
    });
    return Response.json({ name });
  }
  const bucket = storage.buckets.get(id);
  if (!bucket) return refuse(refusals.noBucket);
  if (act === "empty") {
    bucket.objects.clear();
    return Response.json({ message: "Successfully emptied" });
  }
  if (method === "DELETE") {
    if (bucket.objects.size > 0) return refuse(refusals.notEmpty);
    storage.buckets.delete(id);
    return Response.json({ message: "Successfully deleted" });
  }
  return Response.json(toBucket(bucket));
}

async function answerObject(storage: SimulatedStorage, call: ApiCall, parts: string[]): Promise<Response> {
  const { request } = call;
  const { method } = request;
  const [first = "", ...rest] = parts;
  if (first === "copy" || first === "move") return copyOrMove(storage, call, first);
  if (first === "list" || first === "list-v2") {
    const bucket = storage.buckets.get(rest[0] ?? "");
    if (!bucket) return refuse(refusals.noBucket);
    const body = await readJson(request);
    return Response.json(first === "list" ? listFolder(bucket, body) : listAll(bucket, body));
  }
  if (first === "sign" && method === "POST") return sign(storage, rest);
  const isRead = first === "authenticated" || first === "info";
  const [id = "", ...names] = isRead ? rest : parts;
  const bucket = storage.buckets.get(id);
  if (!bucket) return refuse(refusals.noBucket);
  const name = names.join("/");
  if (method === "DELETE") return removeObjects(bucket, name, request);
  if (method === "POST" || method === "PUT") return upload(storage, bucket, name, call);
  const object = bucket.objects.get(name);
  if (!object) return refuse(refusals.noKey);
  return first === "info" ? Response.json(toInfo(bucket, name, object)) : read(object, request);
}

async function upload(storage: SimulatedStorage, bucket: Bucket, name: string, call: ApiCall): Promise<Response> {
  const { request, now } = call;
  if (!isKey(name)) return refuse({ ...refusals.key, message: `Invalid key: ${name}` });
  const given = await readUpload(request);
  const no = storage.refusal(bucket, given.bytes.length, given.mediaType);
  if (no) return refuse(no);
  const replaces = request.method === "PUT" || request.headers.get("x-upsert") === "true";
  if (!replaces && bucket.objects.has(name)) return refuse(refusals.duplicate);
  const { id } = storage.store(bucket, name, { ...given, at: now });
  return Response.json({ Id: id, Key: `${bucket.name}/${name}` });
}

/** Raw, or a form with the file in it. */
async function readUpload(request: Request): Promise<Omit<Stored, "id" | "version" | "at">> {
  const type = request.headers.get("content-type") ?? "application/octet-stream";
  const cacheControl = request.headers.get("cache-control") ?? "no-cache";
  if (!type.startsWith("multipart/form-data")) {
    const metadata = readObject(Buffer.from(request.headers.get("x-metadata") ?? "", "base64").toString() || "{}");
    return { bytes: new Uint8Array(await request.arrayBuffer()), mediaType: type, cacheControl, metadata };
  }
  const form = await request.formData();
  const file = [...form.values()].find((value): value is File => typeof value !== "string");
  const text = (name: string) => {
    const value = form.get(name);
    return typeof value === "string" ? value : undefined;
  };
  return {
    bytes: new Uint8Array((await file?.arrayBuffer()) ?? new ArrayBuffer(0)),
    mediaType: text("contentType") ?? (file?.type || "application/octet-stream"),
    cacheControl: `max-age=${text("cacheControl") ?? "3600"}`,
    metadata: readObject(text("metadata")),
  };
}

async function copyOrMove(
  storage: SimulatedStorage,
  { request, now }: ApiCall,
  what: "copy" | "move",
): Promise<Response> {
  const body = await readJson(request);
  const bucket = storage.buckets.get(String(body.bucketId));
  const target = storage.buckets.get(String(body.destinationBucket ?? body.bucketId));
  if (!bucket || !target) return refuse(refusals.noBucket);
  const [from, to] = [String(body.sourceKey), String(body.destinationKey)];
  const object = bucket.objects.get(from);
  if (!object) return refuse(refusals.noKey);
  if (!isKey(to)) return refuse(refusals.key);
  if (target.objects.has(to) && request.headers.get("x-upsert") !== "true") return refuse(refusals.duplicate);
  const no = storage.refusal(target, what === "copy" ? object.bytes.length : 0, object.mediaType);
  if (no) return refuse(no);
  const { id } = storage.store(target, to, { ...object, at: now });
  if (what === "move") bucket.objects.delete(from);
  return Response.json(what === "copy" ? { Id: id, Key: `${target.name}/${to}` } : { message: "Successfully moved" });
}

async function removeObjects(bucket: Bucket, name: string, request: Request): Promise<Response> {
  if (name !== "") {
    return bucket.objects.delete(name) ? Response.json({ message: "Successfully deleted" }) : refuse(refusals.noKey);
  }
  const { prefixes } = await readJson(request);
  const names = Array.isArray(prefixes) ? prefixes.map(String) : [];
  if (names.length === 0 || names.length > 1000) return refuse(refusals.request);
  const gone = names.flatMap((one) => {
    const object = bucket.objects.get(one);
    bucket.objects.delete(one);
    return object ? [{ ...toInfo(bucket, one, object), name: one }] : [];
  });
  return Response.json(gone);
}

/** One level; folders have no id. */
function listFolder(bucket: Bucket, body: Record<string, unknown>): unknown[] {
  const given = String(body.prefix ?? "").replace(/^\/+|\/+$/g, "");
  const prefix = given === "" ? "" : `${given}/`;
  const seen = new Map<string, unknown>();
  for (const [name, object] of bucket.objects) {
    if (!name.startsWith(prefix)) continue;
    const [own = "", ...below] = name.slice(prefix.length).split("/");
    if (below.length > 0) seen.set(own, { name: own, id: null, updated_at: null, created_at: null, metadata: null });
    else seen.set(own, { ...toListed(object), name: own });
  }
  const from = Number(body.offset ?? 0);
  const most = Number(body.limit ?? 100);
  return [...seen.entries()]
    .sort(byName)
    .slice(from, from + most)
    .map(([, entry]) => entry);
}

function listAll(bucket: Bucket, body: Record<string, unknown>): unknown {
  const prefix = String(body.prefix ?? "");
  const after = typeof body.cursor === "string" ? Buffer.from(body.cursor, "base64").toString() : "";
  const most = Number(body.limit ?? 1000);
  const found = [...bucket.objects].filter(([name]) => name.startsWith(prefix) && name > after).sort(byName);
  const objects = found.slice(0, most).map(([name, object]) => ({ ...toListed(object), name, key: name }));
  const hasNext = found.length > most;
  const next = objects.at(-1)?.name ?? "";
  return { hasNext, folders: [], objects, ...(hasNext && { nextCursor: Buffer.from(next).toString("base64") }) };
}

function sign(storage: SimulatedStorage, [id = "", ...names]: string[]): Response {
  const bucket = storage.buckets.get(id);
  if (!bucket) return refuse(refusals.noBucket);
  const name = names.join("/");
  if (!bucket.objects.has(name)) return refuse(refusals.noKey);
  // Relative to the base, without /storage/v1.
  return Response.json({ signedURL: `/object/sign/${id}/${name}?token=${tokenFor(id, name)}` });
}

function readSigned(storage: SimulatedStorage, [id = "", ...names]: string[], token: string | null): Response {
  const name = names.join("/");
  if (token !== tokenFor(id, name)) return refuse(refusals.signature);
  const object = storage.buckets.get(id)?.objects.get(name);
  return object ? read(object) : refuse(refusals.noKey);
}

function readPublic(storage: SimulatedStorage, [id = "", ...names]: string[], { request }: ApiCall): Response {
  const bucket = storage.buckets.get(id);
  if (!bucket?.isPublic) return refuse(refusals.noBucket);
  const object = bucket.objects.get(names.join("/"));
  return object ? read(object, request) : refuse(refusals.noKey);
}

function read({ bytes, mediaType, cacheControl, version }: Stored, request?: Request): Response {
  const headers = {
    "content-type": mediaType,
    "cache-control": cacheControl,
    etag: `"${version}"`,
    "accept-ranges": "bytes",
  };
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(request?.headers.get("range") ?? "") ?? [];
  if (first === undefined) {
    const body = request?.method === "HEAD" ? null : bytes.slice();
    return new Response(body, { status: 200, headers: { ...headers, "content-length": String(bytes.length) } });
  }
  const end = last ? Math.min(Number(last) + 1, bytes.length) : bytes.length;
  const range = `bytes ${first}-${end - 1}/${bytes.length}`;
  return new Response(bytes.slice(Number(first), end), {
    status: 206,
    headers: { ...headers, "content-range": range },
  });
}

const tokenFor = (bucket: string, name: string): string => Buffer.from(`read ${bucket}/${name}`).toString("base64url");

const toBucket = ({ name, isPublic, sizeLimit, mediaTypes }: Bucket) => ({
  id: name,
  name,
  public: isPublic,
  file_size_limit: sizeLimit ?? null,
  allowed_mime_types: mediaTypes ?? null,
});

const toListed = ({ id, at, bytes, mediaType, cacheControl }: Stored) => ({
  id,
  updated_at: at.toISOString(),
  created_at: at.toISOString(),
  last_accessed_at: at.toISOString(),
  metadata: { size: bytes.length, mimetype: mediaType, cacheControl, contentLength: bytes.length, httpStatusCode: 200 },
});

const toInfo = (bucket: Bucket, name: string, object: Stored) => ({
  id: object.id,
  version: String(object.version),
  name,
  bucket_id: bucket.name,
  size: object.bytes.length,
  content_type: object.mediaType,
  cache_control: object.cacheControl,
  etag: `"${object.version}"`,
  metadata: object.metadata,
  last_modified: object.at.toISOString(),
  created_at: object.at.toISOString(),
});

const byName = ([one]: [string, unknown], [other]: [string, unknown]): number => (one < other ? -1 : 1);

async function readJson(request: Request): Promise<Record<string, unknown>> {
  return readObject(await request.text());
}

/** Nearly everything is a 400. */
const refuse = (refusal: Refusal): Response => {
  const real = Number(refusal.statusCode);
  return Response.json(refusal, { status: real === 429 || real === 503 || real >= 500 ? real : 400 });
};
