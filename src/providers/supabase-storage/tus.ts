// Resumable uploads, as far as a store needs them: https://tus.io/protocols/resumable-upload (1.0.0)
import { ProviderError } from "#core/errors.ts";
import type { HttpRequest, HttpStream } from "#provider-kit/http.ts";
import type { Call } from "#provider-kit/provider.ts";
import { uploadUrl } from "./address.ts";
import type { Config } from "./config.ts";

const version = { "tus-resumable": "1.0.0" };

export interface Beginning {
  bucket: string;
  name: string;
  size: number;
  mediaType: string;
  metadata: Readonly<Record<string, string>>;
  replace: boolean;
}

/** Answers what the upload is called: the last part of its address. Its host is what some proxy thinks it is. */
export async function beginUpload(call: Call<Config>, beginning: Beginning): Promise<string> {
  const described = {
    bucketName: beginning.bucket,
    objectName: beginning.name,
    contentType: beginning.mediaType,
    metadata: JSON.stringify(beginning.metadata),
  };
  const headers = {
    ...version,
    "upload-length": String(beginning.size),
    "upload-metadata": Object.entries(described)
      .map(([name, value]) => `${name} ${inBase64(value)}`)
      .join(","),
    "x-upsert": String(beginning.replace),
  };
  const reply = await send(call, { method: "POST", url: `${uploadUrl(call.config)}/upload/resumable`, headers });
  const id = /\/([A-Za-z0-9_=-]+)$/.exec(reply.headers.get("location") ?? "")?.[1];
  if (id === undefined) throw new ProviderError("unexpected-reply", "Supabase did not say where the upload is");
  return id;
}

/** Sent twice, the second time is refused: whoever repeats it asks for the offset first. */
export async function sendChunk(call: Call<Config>, id: string, start: number, bytes: Uint8Array): Promise<void> {
  const { headers } = await send(call, {
    method: "PATCH",
    url: place(call, id),
    headers: { ...version, "upload-offset": String(start) },
    body: { bytes, mediaType: "application/offset+octet-stream" },
  });
  if (headers.get("upload-offset") !== String(start + bytes.length)) {
    throw new ProviderError("unavailable", "Supabase took less than was sent");
  }
}

export async function offsetOf(call: Call<Config>, id: string): Promise<number> {
  const { headers } = await send(call, { method: "HEAD", url: place(call, id), headers: version });
  const offset = headers.get("upload-offset") ?? "";
  if (!/^\d+$/.test(offset)) throw new ProviderError("unexpected-reply", "Supabase did not say how much it has");
  return Number(offset);
}

export async function endUpload(call: Call<Config>, id: string): Promise<void> {
  await send(call, { method: "DELETE", url: place(call, id), headers: version }).catch((error: unknown) => {
    // It is gone, or ends by itself within a day.
    if (!(error instanceof ProviderError) || !["not-found", "rejected"].includes(error.kind)) throw error;
  });
}

const place = ({ config }: Call<Config>, id: string): string => `${uploadUrl(config)}/upload/resumable/${id}`;

async function send(call: Call<Config>, request: HttpRequest): Promise<HttpStream> {
  const reply = await call.http.stream({ ...request, content: "file" });
  await reply.body.cancel();
  return reply;
}

const inBase64 = (text: string): string => new TextEncoder().encode(text).toBase64();
