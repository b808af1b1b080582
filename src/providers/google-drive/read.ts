import { ProviderError } from "#core/errors.ts";
import type { HttpStream } from "#provider-kit/http.ts";
import type { Call, FileContent, RemoteRef } from "#provider-kit/provider.ts";
import { readOn } from "#provider-kit/read-on.ts";
import { exportLinksReply } from "./api.ts";
import type { Config } from "./config.ts";
import { resourceKeys, urlOf } from "./requests.ts";

/** The bytes of a file that has some, from `from` on. */
export async function readBytes(call: Call<Config>, ref: RemoteRef, from: number): Promise<FileContent> {
  const answer = await call.http.stream({
    url: urlOf(ref.id),
    query: { alt: "media", supportsAllDrives: true },
    headers: {
      ...resourceKeys(ref),
      // From one byte earlier: nothing can be asked for from the very end on, and there is always a byte to skip.
      ...(from > 0 && { range: `bytes=${from - 1}-` }),
    },
  });
  return toContent(call, answer, from === 0 ? 0 : await skipOf(answer, from));
}

/** How much of an answer lies before `from`: one byte where the range was kept, else all that is before it. */
async function skipOf({ status, headers, body }: HttpStream, from: number): Promise<number> {
  if (status === 200) return from;
  const start = /^bytes (\d+)-/.exec(headers.get("content-range") ?? "")?.[1];
  if (status === 206 && start === String(from - 1)) return 1;
  await body.cancel();
  throw new ProviderError("unexpected-reply", "Google Drive sent another part of the file than was asked for");
}

/** A document of Google's own in another format. It is made anew each time, so it can only be read from its beginning. */
export async function readExport(call: Call<Config>, ref: RemoteRef, as: string): Promise<FileContent> {
  const headers = resourceKeys(ref);
  try {
    const answer = await call.http.stream({ url: `${urlOf(ref.id)}/export`, query: { mimeType: as }, headers });
    return await documentIn(call, answer, as);
  } catch (refused) {
    if (!(refused instanceof ProviderError) || refused.kind !== "rejected") throw refused;
    // More than 10 MB is given by the link that the document has for this format, and by nothing else.
    const query = { fields: "exportLinks", supportsAllDrives: true };
    const { exportLinks = {} } = await call.http.json({ url: urlOf(ref.id), query, headers }, exportLinksReply);
    const link = Object.hasOwn(exportLinks, as) ? exportLinks[as] : undefined;
    if (link === undefined) throw refused;
    const answer = await call.http.stream({ url: link, headers }).catch((error: unknown) => {
      // The API has just accepted the same sign-in.
      if (!(error instanceof ProviderError) || error.kind !== "reauthorize") throw error;
      throw new ProviderError("forbidden", "Google does not give this document by its link", { cause: error });
    });
    return documentIn(call, answer, as);
  }
}

/** No hash tells a document from a page for people, such as one to sign in, that comes in its place as if all were well. */
async function documentIn(call: Call<Config>, answer: HttpStream, as: string): Promise<FileContent> {
  const content = toContent(call, answer);
  if (as === HTML || content.mediaType.toLowerCase() !== HTML) return content;
  await content.bytes.cancel();
  throw new ProviderError("unavailable", "Google sent a page for people in the place of the document");
}

const HTML = "text/html";

function toContent({ signal }: Call<Config>, { headers, body }: HttpStream, skip = 0): FileContent {
  const length = headers.get("content-length");
  const isWhole = length !== null && headers.get("content-encoding") === null;
  const [mediaType = ""] = (headers.get("content-type") ?? "").split(";");
  return {
    bytes: readOn(body, { skip, signal }),
    mediaType: mediaType.trim() || "application/octet-stream",
    ...(isWhole && { size: Number(length) - skip }),
  };
}
