import { ProviderError } from "#core/errors.ts";
import type { Cursor } from "#core/ids.ts";
import type { HttpRequest } from "#provider-kit/http.ts";
import type { Call, FirstCall, ObjectStore } from "#provider-kit/provider.ts";
import { bucketUrl, inPath } from "./address.ts";
import type { Config } from "./config.ts";
import { explainXml } from "./failure.ts";
import { begunReply, copiedPartReply, inXml, listReply, readXml, uploadsReply } from "./xml.ts";

const MB = 1024 * 1024;
const PART = 8 * MB;
const PART_OF_UNKNOWN = 32 * MB;
/** S3 takes 10,000. */
const MOST_PARTS = 9_000;
const MARK = "x-amz-meta-hawser";
const MOST_XML = 8 * MB;

type AnyCall = FirstCall<Config>;
type S3Store = ObjectStore<Config>;

export const store: S3Store = {
  names: { longest: 1024 },
  parts: {
    bytes: (size) => (size === undefined ? PART_OF_UNKNOWN : Math.max(PART, Math.ceil(size / MOST_PARTS / MB) * MB)),
    atOnce: 3,
    sizeFirst: false,
  },

  async put(call, name, { bytes, ...object }) {
    if (!(bytes instanceof Uint8Array)) throw new Error("S3 takes no stream of unknown length");
    const body = { bytes, mediaType: object.mediaType };
    return unlessThere(call, name, object.replace, (condition) =>
      send(call, { method: "PUT", url: at(call, name), headers: { [MARK]: object.mark, ...condition }, body }),
    );
  },

  async begin(call, name, { mediaType, mark }) {
    const headers = { [MARK]: mark, "content-type": mediaType };
    const request: HttpRequest = { method: "POST", url: at(call, name), query: { uploads: "" }, headers };
    return (await ask(call, request, begunReply)).InitiateMultipartUploadResult.UploadId;
  },

  async part(call, name, uploadId, { number, bytes }) {
    const { headers } = await send(call, {
      method: "PUT",
      url: at(call, name),
      query: { partNumber: number, uploadId },
      body: { bytes, mediaType: "application/octet-stream" },
    });
    const tag = headers.get("etag");
    if (!tag) throw new ProviderError("unexpected-reply", "S3 answered without the ETag of a part");
    return tag;
  },

  async complete(call, name, uploadId, { tags, replace }) {
    const parts = tags.map((tag, at) => `<Part><PartNumber>${at + 1}</PartNumber><ETag>${inXml(tag)}</ETag></Part>`);
    const text = `<CompleteMultipartUpload>${parts.join("")}</CompleteMultipartUpload>`;
    return unlessThere(call, name, replace, (condition) =>
      send(call, {
        method: "POST",
        url: at(call, name),
        query: { uploadId },
        headers: condition,
        body: { text, mediaType: "application/xml" },
      }),
    );
  },

  async abandon(call, name, uploadId) {
    await send(call, { method: "DELETE", url: at(call, name), query: { uploadId } }).catch(
      unless((error) => error.kind === "not-found" || isUnknown(error)),
    );
  },

  async unfinished(call, { prefix, cursor }) {
    const [keyMarker, uploadIdMarker] = cursor === undefined ? [] : (JSON.parse(cursor) as [string, string]);
    const query = {
      uploads: "",
      prefix,
      ...(keyMarker !== undefined && { "key-marker": keyMarker }),
      ...(uploadIdMarker !== undefined && { "upload-id-marker": uploadIdMarker }),
    };
    const reply = await ask(call, { url: at(call, ""), query }, uploadsReply).catch(unless(isUnknown));
    const result = reply?.ListMultipartUploadsResult;
    const { NextKeyMarker: nextKey, NextUploadIdMarker: nextUpload = "" } = result ?? {};
    return {
      items: (result?.Upload ?? []).map(({ Key, UploadId, Initiated }) => ({
        name: Key,
        upload: UploadId,
        begunAt: Initiated,
      })),
      ...(result?.IsTruncated && nextKey && { next: JSON.stringify([nextKey, nextUpload]) as Cursor }),
    };
  },

  async head(call, name) {
    const reply = await call.http
      .stream({ method: "HEAD", url: at(call, name), content: "step" })
      .catch(unless((error) => error.kind === "not-found"));
    if (!reply) return undefined;
    // It has none, and keeps its turn until it has been read.
    await reply.body.cancel();
    const mark = reply.headers.get(MARK);
    return { size: Number(reply.headers.get("content-length") ?? Number.NaN), ...(mark !== null && { mark }) };
  },

  async read(call, name) {
    const { headers, body } = await call.http.stream({ url: at(call, name) });
    const size = headers.get("content-length");
    return {
      bytes: body,
      mediaType: headers.get("content-type") ?? "application/octet-stream",
      ...(size !== null && { size: Number(size) }),
    };
  },

  async copy(call, from, to) {
    const source = `/${call.config.bucket}/${inPath(from)}`;
    try {
      await send(call, { method: "PUT", url: at(call, to), headers: { "x-amz-copy-source": source } });
      return "copied";
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      if (error.storage === "too-large") return "too-large";
      if (error.kind === "not-found") return "missing";
      throw error;
    }
  },

  async copyPart(call, name, uploadId, { number, from, start, end }) {
    const headers = {
      "x-amz-copy-source": `/${call.config.bucket}/${inPath(from)}`,
      "x-amz-copy-source-range": `bytes=${start}-${end - 1}`,
    };
    const query = { partNumber: number, uploadId };
    return (await ask(call, { method: "PUT", url: at(call, name), query, headers }, copiedPartReply)).CopyPartResult
      .ETag;
  },

  async remove(call, name) {
    await send(call, { method: "DELETE", url: at(call, name) }).catch(unless((error) => error.kind === "not-found"));
  },

  async list(call, { prefix, cursor }) {
    const query = { "list-type": 2, prefix, ...(cursor !== undefined && goingOn(cursor)) };
    const { IsTruncated, NextContinuationToken, Contents } = (await ask(call, { url: at(call, ""), query }, listReply))
      .ListBucketResult;
    const last = Contents.at(-1)?.Key;
    const place = NextContinuationToken ? `token ${NextContinuationToken}` : last && `key ${last}`;
    if (IsTruncated && !place) {
      throw new ProviderError("unexpected-reply", "S3 did not say where its list goes on");
    }
    return {
      items: Contents.map(({ Key, Size }) => ({ name: Key, size: Size })),
      ...(IsTruncated && { next: place as Cursor }),
    };
  },
};

/** Where a list goes on. A service that knows only the first version of lists tells no token, and goes on behind a key. */
function goingOn(cursor: Cursor): Record<string, string> {
  const [sort, ...words] = cursor.split(" ");
  const text = words.join(" ");
  return sort === "token" ? { "continuation-token": text } : { "start-after": text, marker: text };
}

/** The cheapest call that shows that the key is good and the bucket there. */
export async function look(call: AnyCall): Promise<void> {
  await ask(
    call,
    { url: at(call, ""), query: { "list-type": 2, "max-keys": 1, prefix: ".hawser/nothing" } },
    listReply,
  );
}

/** The bucket itself has no slash behind its name: with one, some services sign another path than we do. */
const at = ({ config }: AnyCall, name: string): string =>
  name === "" ? bucketUrl(config).slice(0, -1) : bucketUrl(config) + inPath(name);

/**
 * Stores only where nothing is yet. Not every service knows the condition; those that say so are asked first, those
 * that do not replace what is there.
 */
async function unlessThere(
  call: Call<Config>,
  name: string,
  replace: boolean,
  work: (condition: Record<string, string>) => Promise<unknown>,
): Promise<"stored" | "exists"> {
  try {
    await work(replace ? {} : { "if-none-match": "*" });
    return "stored";
  } catch (error) {
    if (replace || !(error instanceof ProviderError)) throw error;
    if (error.code === "PreconditionFailed") return "exists";
    if (!isUnknown(error)) throw error;
  }
  if (await store.head(call, name)) return "exists";
  await work({});
  return "stored";
}

const isUnknown = ({ code }: ProviderError): boolean => code === "NotImplemented" || code === "MethodNotAllowed";

/** S3 may answer 200 before it knows how things end, and an error in the body then. */
async function send(call: AnyCall, request: HttpRequest): Promise<{ headers: Headers; text: string }> {
  const { headers, body } = await call.http.stream({ ...request, content: "file" });
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > MOST_XML) throw new ProviderError("unexpected-reply", "S3 answered more than it ever should");
  }
  if (/<Error[\s>]/.test(text.slice(0, 1000))) {
    const { kind = "unavailable", message = "S3 answered that it failed", ...more } = explainXml(text) ?? {};
    throw new ProviderError(kind, message, more);
  }
  return { headers, text };
}

async function ask<T>(call: AnyCall, request: HttpRequest, shape: { parse(value: unknown): T }): Promise<T> {
  const { text } = await send(call, request);
  try {
    return shape.parse(readXml(text));
  } catch (cause) {
    throw new ProviderError("unexpected-reply", "S3 answered in a shape we do not know", { cause });
  }
}

/** Takes these failures for nothing, and passes on all others. */
const unless =
  (isNothing: (error: ProviderError) => boolean) =>
  (error: unknown): undefined => {
    if (error instanceof ProviderError && isNothing(error)) return undefined;
    throw error;
  };
