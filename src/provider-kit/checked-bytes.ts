import { createHash } from "node:crypto";
import { ProviderError } from "#core/errors.ts";

/** Bytes as they come, which fail at their end where they are not those that this SHA-1 was told of. */
export function withSha1(bytes: ReadableStream<Uint8Array>, sha1: string): ReadableStream<Uint8Array> {
  const hash = createHash("sha1");
  return bytes.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        hash.update(chunk);
        controller.enqueue(chunk);
      },
      flush() {
        if (hash.digest("hex") === sha1.toLowerCase()) return;
        throw new ProviderError("unexpected-reply", "The bytes are not those that the provider told the SHA-1 of");
      },
    }),
  );
}
