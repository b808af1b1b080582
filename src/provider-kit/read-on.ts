import { ProviderError } from "#core/errors.ts";

/**
 * A file's bytes as they come, without the first `skip` of them, until `signal` stops it. The provider is asked for no
 * more than is read. One that ends within what is left out has become shorter.
 */
export function readOn(
  body: ReadableStream<Uint8Array>,
  { skip = 0, signal }: { skip?: number; signal: AbortSignal },
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let left = skip;
  let stopListening = () => {};
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const stop = () => {
          controller.error(signal.reason);
          // What the other side makes of it is of no use to anybody.
          reader.cancel(signal.reason).catch(() => {});
        };
        if (signal.aborted) return stop();
        stopListening = () => signal.removeEventListener("abort", stop);
        signal.addEventListener("abort", stop, { once: true });
      },
      async pull(controller) {
        try {
          for (;;) {
            const { done, value } = await reader.read();
            if (signal.aborted) return;
            if (done) {
              stopListening();
              if (left > 0) throw new ProviderError("unavailable", "The file ended before the place to go on from");
              return controller.close();
            }
            const leftOut = Math.min(left, value.length);
            left -= leftOut;
            if (leftOut === value.length) continue;
            return controller.enqueue(leftOut === 0 ? value : value.subarray(leftOut));
          }
        } catch (error) {
          stopListening();
          if (!signal.aborted) controller.error(error);
        }
      },
      cancel(reason) {
        stopListening();
        return reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}
