const heartbeatMs = 15_000;

export interface EventStreamOptions {
  /** Aborted when the stream has to end. */
  signal: AbortSignal;
  /** Asked at every heartbeat: may the client still hear this? Then the stream ends (SR-51). */
  mayStay(): Promise<boolean>;
  /** Called when the stream is over, for whatever reason. */
  ended(failure?: unknown): void;
}

/** Items as server-sent events: one `data` line of JSON each, and a comment every 15 seconds. */
export function toEventStream(items: AsyncIterable<unknown>, options: EventStreamOptions): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const iterator = items[Symbol.asyncIterator]();
  let heartbeat: NodeJS.Timeout | undefined;
  let over = false;
  let tell: ReadableStreamDefaultController<Uint8Array> | undefined;

  const end = (failure?: unknown) => {
    if (over) return;
    over = true;
    clearInterval(heartbeat);
    options.signal.removeEventListener("abort", onAbort);
    // The iterator may be waiting for its next item; it hears of the end through its own signal.
    Promise.resolve(iterator.return?.()).catch(() => {});
    try {
      tell?.close();
    } catch {
      // The client has closed it already.
    }
    options.ended(failure);
  };
  const onAbort = () => end();

  return new ReadableStream<Uint8Array>({
    start(controller) {
      tell = controller;
      if (options.signal.aborted) return end();
      options.signal.addEventListener("abort", onAbort);
      controller.enqueue(encoder.encode("retry: 2000\n\n"));
      heartbeat = setInterval(() => {
        options.mayStay().then(
          (may) => {
            if (over) return;
            if (may) controller.enqueue(encoder.encode(": alive\n\n"));
            else end();
          },
          (failure: unknown) => end(failure),
        );
      }, heartbeatMs);
    },
    async pull(controller) {
      try {
        const { done, value } = await iterator.next();
        if (over) return;
        if (done) end();
        else controller.enqueue(encoder.encode(`data: ${JSON.stringify(value)}\n\n`));
      } catch (failure) {
        end(options.signal.aborted ? undefined : failure);
      }
    },
    cancel: () => end(),
  });
}
