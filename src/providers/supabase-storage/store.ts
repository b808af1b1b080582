import { ProviderError } from "#core/errors.ts";
import type { Cursor } from "#core/ids.ts";
import type { Call, NewObject, ObjectStore } from "#provider-kit/provider.ts";
import { inPath, storageUrl } from "./address.ts";
import { infoReply, listReply, storedReply } from "./api.ts";
import type { Config } from "./config.ts";
import { beginUpload, endUpload, offsetOf, sendChunk } from "./tus.ts";

/** Every chunk of a resumable upload but the last has exactly this many bytes. */
const CHUNK = 6 * 1024 * 1024;

export const store: ObjectStore<Config> = {
  // It takes 1,024 bytes, of which some are its own.
  names: { allowed: /^[A-Za-z0-9_/!.*'() &$@=;:+,?-]$/, longest: 800 },
  parts: { bytes: () => CHUNK, atOnce: 1, sizeFirst: true },

  async put(call, name, { bytes, mediaType, mark, replace }) {
    try {
      await call.http.json(
        {
          method: "POST",
          url: at(call, "object", name),
          headers: {
            "x-upsert": String(replace),
            "x-metadata": new TextEncoder().encode(JSON.stringify({ hawser: mark })).toBase64(),
            "cache-control": "no-cache",
          },
          body: { bytes, mediaType: plainType(mediaType) },
          // With its mark, a second sending finds the first.
          ...(bytes instanceof Uint8Array && { repeatable: true }),
        },
        storedReply,
      );
      return "stored";
    } catch (error) {
      if (error instanceof ProviderError && isTaken(error)) return "exists";
      throw error;
    }
  },

  begin(call, name, { size, mediaType, mark, replace }) {
    if (size === undefined) throw new Error("a resumable upload is begun with its size");
    const { bucket } = call.config;
    return beginUpload(call, {
      bucket,
      name,
      size,
      mediaType: plainType(mediaType),
      metadata: { hawser: mark },
      replace,
    });
  },
  async part(call, _name, upload, { start, bytes }) {
    await sendChunk(call, upload, start, bytes);
    return "";
  },
  received: (call, _name, upload) => offsetOf(call, upload),
  // With its last byte it is there.
  complete: async () => "stored",
  abandon: (call, _name, upload) => endUpload(call, upload),

  async head(call, name) {
    try {
      const { size, metadata } = await call.http.json({ url: at(call, "object/info", name) }, infoReply);
      const mark = metadata?.hawser;
      return { size, ...(typeof mark === "string" && { mark }) };
    } catch (error) {
      if (error instanceof ProviderError && error.kind === "not-found") return undefined;
      throw error;
    }
  },

  async read(call, name) {
    const { headers, body } = await call.http.stream({ url: at(call, "object/authenticated", name) });
    const size = headers.get("content-length");
    return {
      bytes: body,
      mediaType: headers.get("content-type") ?? "application/octet-stream",
      ...(size !== null && { size: Number(size) }),
    };
  },

  async copy(call, from, to) {
    const json = { bucketId: call.config.bucket, sourceKey: from, destinationKey: to };
    try {
      await call.http.json(
        {
          method: "POST",
          url: `${storageUrl(call.config)}/object/copy`,
          headers: { "x-upsert": "true" },
          body: { json },
          repeatable: true,
        },
        storedReply,
      );
      return "copied";
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      if (error.kind === "not-found") return "missing";
      if (error.storage === "too-large") return "too-large";
      throw error;
    }
  },

  async remove(call, name) {
    const { body } = await call.http.stream({
      method: "DELETE",
      url: bucketAt(call, "object"),
      body: { json: { prefixes: [name] } },
      content: "step",
    });
    await body.cancel();
  },

  async list(call, { prefix, cursor }) {
    const json = { prefix, limit: 1000, with_delimiter: false, ...(cursor !== undefined && { cursor }) };
    const { objects, hasNext, nextCursor } = await call.http.json(
      { method: "POST", url: bucketAt(call, "object/list-v2"), body: { json }, repeatable: true },
      listReply,
    );
    if (hasNext && !nextCursor) {
      throw new ProviderError("unexpected-reply", "Supabase did not say where its list goes on");
    }
    return {
      items: objects.map(({ name, key, metadata }) => ({ name: key ?? name, size: metadata?.size ?? 0 })),
      ...(hasNext && nextCursor && { next: nextCursor as Cursor }),
    };
  },
};

const bucketAt = ({ config }: Call<Config>, what: string): string =>
  `${storageUrl(config)}/${what}/${encodeURIComponent(config.bucket)}`;

const at = (call: Call<Config>, what: string, name: string): string => `${bucketAt(call, what)}/${inPath(name)}`;

/** A raw body of a form's type would be taken apart as a form. */
const plainType = (mediaType: NewObject["mediaType"]): string =>
  /^multipart\//i.test(mediaType) ? "application/octet-stream" : mediaType;

const isTaken = ({ code }: ProviderError): boolean => code === "KeyAlreadyExists" || code === "ResourceAlreadyExists";
