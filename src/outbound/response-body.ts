/** The body of an answer: counted, decompressed once, cut at its limit (SR-20). */
import { pipeline, type Readable } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { OutboundError } from "./outbound-error.ts";

export interface BodyRules {
  /** From Content-Length; the bytes on the wire must be as many. */
  expectedBytes?: number | undefined;
  /** From Content-Encoding. */
  encoding?: string | undefined;
  /** After decompression. */
  maxBytes?: number | undefined;
  /** Turns what the transport threw into what the caller gets. */
  explain(error: unknown): unknown;
  /** Called once, when the body has ended, failed or was cancelled. */
  ended(): void;
}

/** Throws OutboundError `bad-answer` at once for an encoding we do not take: more than one, or an unknown one. */
export function readBody(raw: Readable, rules: BodyRules): ReadableStream<Uint8Array<ArrayBuffer>> {
  const decoder = decoderFor(rules.encoding);
  const counted = countBytes(raw, rules.expectedBytes);
  // The callback is there because pipeline wants one; failures come out of the iteration below.
  const decoded = decoder ? pipeline(counted, decoder, () => {}) : counted;
  const chunks = limitBytes(decoded, rules.maxBytes);
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          const { done, value } = await chunks.next();
          if (!done) return controller.enqueue(value);
          controller.close();
        } catch (error) {
          raw.destroy();
          controller.error(rules.explain(error));
        }
        rules.ended();
      },
      cancel() {
        raw.destroy();
        decoder?.destroy();
        rules.ended();
      },
    },
    { highWaterMark: 0 },
  );
}

function decoderFor(encoding: string | undefined) {
  switch (encoding?.trim().toLowerCase() ?? "") {
    case "":
    case "identity":
      return undefined;
    case "gzip":
    case "x-gzip":
      return createGunzip();
    case "br":
      return createBrotliDecompress();
    case "deflate":
      return createInflate();
    default:
      throw new OutboundError("bad-answer", "The answer is compressed in a way that is not accepted.");
  }
}

async function* countBytes(raw: Readable, expected: number | undefined): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let received = 0;
  for await (const chunk of raw as AsyncIterable<Uint8Array<ArrayBuffer>>) {
    received += chunk.byteLength;
    yield chunk;
  }
  if (expected !== undefined && received !== expected) {
    throw new OutboundError("cut-off", "The answer is not as long as it said it would be.");
  }
}

async function* limitBytes(
  chunks: AsyncIterable<Uint8Array<ArrayBuffer>>,
  maxBytes = Number.POSITIVE_INFINITY,
): AsyncGenerator<Uint8Array<ArrayBuffer>, undefined> {
  let given = 0;
  for await (const chunk of chunks) {
    given += chunk.byteLength;
    if (given > maxBytes) throw new OutboundError("too-large", `The answer is larger than ${maxBytes} bytes.`);
    yield chunk;
  }
}
