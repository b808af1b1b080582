import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { toEventStream } from "./sse.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** An iterable that says nothing until it is told to, and knows when it was left. */
function aSource() {
  const leaving = Promise.withResolvers<IteratorResult<unknown>>();
  const source = { left: false, pushed: [] as unknown[] };
  const items: AsyncIterable<unknown> = {
    [Symbol.asyncIterator]: () => ({
      next: async () => (source.pushed.length > 0 ? { value: source.pushed.shift() } : leaving.promise),
      return: async () => {
        source.left = true;
        leaving.resolve({ value: undefined, done: true });
        return { value: undefined, done: true };
      },
    }),
  };
  return { source, items };
}

function aStream(options: { mayStay?: () => Promise<boolean>; signal?: AbortSignal; events?: unknown[] } = {}) {
  const { source, items } = aSource();
  source.pushed.push(...(options.events ?? []));
  const ended = vi.fn();
  const stream = toEventStream(items, {
    signal: options.signal ?? new AbortController().signal,
    mayStay: options.mayStay ?? (async () => true),
    ended,
  });
  const reader = stream.getReader();
  const read = async () => {
    const { done, value } = await reader.read();
    return done ? undefined : new TextDecoder().decode(value);
  };
  return { source, ended, reader, read };
}

describe("server-sent events", () => {
  it("are one line of JSON each", async () => {
    const { read } = aStream({ events: [{ type: "resync" }, { text: "two\nlines" }] });
    expect(await read()).toBe("retry: 2000\n\n");
    expect(await read()).toBe('data: {"type":"resync"}\n\n');
    expect(await read()).toBe('data: {"text":"two\\nlines"}\n\n');
  });

  it("SR-51 ask every 15 seconds whether the client may stay, and end when it may not", async () => {
    let member = true;
    const { read, source, ended } = aStream({ mayStay: async () => member });
    await read();
    await vi.advanceTimersByTimeAsync(15_000);
    expect(await read()).toBe(": alive\n\n");
    member = false;
    await vi.advanceTimersByTimeAsync(15_000);
    expect(await read()).toBeUndefined();
    expect(source.left).toBe(true);
    expect(ended).toHaveBeenCalledExactlyOnceWith(undefined);
  });

  it("SR-78 end when it cannot be told whether the client may stay", async () => {
    const lost = new Error("the database is away");
    const { read, ended } = aStream({ mayStay: () => Promise.reject(lost) });
    await read();
    await vi.advanceTimersByTimeAsync(15_000);
    expect(await read()).toBeUndefined();
    expect(ended).toHaveBeenCalledExactlyOnceWith(lost);
  });

  it("SR-97 end with the signal, and with the client", async () => {
    const stopping = new AbortController();
    const one = aStream({ signal: stopping.signal });
    await one.read();
    stopping.abort();
    expect(await one.read()).toBeUndefined();
    expect(one.source.left).toBe(true);

    const other = aStream();
    await other.read();
    await other.reader.cancel();
    expect(other.source.left).toBe(true);
    expect(other.ended).toHaveBeenCalledOnce();
    expect(vi.getTimerCount()).toBe(0);
  });
});
