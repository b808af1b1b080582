/** Reads whole answers, for those who expect small ones; the size limit was set by the request. */
import type { Parser } from "#core/schema.ts";
import type { OutboundResponse } from "./client.ts";
import { parseJson } from "./json.ts";
import { OutboundError } from "./outbound-error.ts";

export async function readBytes(response: Pick<OutboundResponse, "body">): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  for await (const chunk of response.body) chunks.push(chunk);
  const [first] = chunks;
  return chunks.length === 1 && first ? first : Uint8Array.from(Buffer.concat(chunks));
}

export async function readText(response: Pick<OutboundResponse, "body">): Promise<string> {
  return new TextDecoder().decode(await readBytes(response));
}

/** Throws OutboundError `bad-answer` for what is no JSON within the limits, or not of the shape asked for. */
export async function readJson<T>(response: Pick<OutboundResponse, "body">, shape: Parser<T>): Promise<T> {
  const text = await readText(response);
  try {
    return shape.parse(parseJson(text));
  } catch (cause) {
    throw new OutboundError("bad-answer", "The answer is not of the shape that was expected.", { cause });
  }
}
