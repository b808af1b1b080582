import { ProviderError } from "#core/errors.ts";
import { copyJson, type Json } from "#expressions/json.ts";
import type { HttpStream } from "../http.ts";

const MOST_BYTES = 10_485_760;
const DEEPEST = 128;

/** The body of an answer: JSON where it is JSON, null where there is none, else its text. */
export async function readReply({ headers, body }: HttpStream): Promise<Json> {
  const decoder = new TextDecoder();
  let text = "";
  let left = MOST_BYTES;
  for await (const chunk of body) {
    left -= chunk.length;
    if (left < 0) throw new ProviderError("unexpected-reply", "The answer is larger than 10 MiB");
    text += decoder.decode(chunk, { stream: true });
  }
  text += decoder.decode();
  return readText(text, headers.get("content-type"));
}

function readText(text: string, mediaType: string | null): Json {
  if (text.trim() === "") return null;
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    if (mediaType !== null && /[/+]json\b/i.test(mediaType)) {
      throw new ProviderError("unexpected-reply", "The answer says that it is JSON, and is not");
    }
    return text;
  }
  return asJson(parsed);
}

/** As expressions read it (SR-24). */
export const asJson = (parsed: unknown): Json =>
  copyJson(parsed, {
    depth: DEEPEST,
    size: MOST_BYTES,
    refuse: (why) => new ProviderError("unexpected-reply", `The answer cannot be read: ${why}`),
  });
