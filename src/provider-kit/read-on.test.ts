import { describe, expect, it } from "vitest";
import { readOn } from "./read-on.ts";

const chunks = (...texts: string[]): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start(controller) {
      for (const text of texts) controller.enqueue(new TextEncoder().encode(text));
      controller.close();
    },
  });
const { signal } = new AbortController();
const text = (stream: ReadableStream<Uint8Array>) => new Response(stream).text();

describe("reading on in a file", () => {
  it.each([
    [0, "hello world"],
    [3, "lo world"],
    [5, " world"],
    [6, "world"],
    [11, ""],
  ])("leaves out the first %i bytes, wherever chunks end", async (skip, rest) => {
    expect(await text(readOn(chunks("hel", "lo", " ", "world"), { skip, signal }))).toBe(rest);
  });

  it("fails where there are fewer bytes than are to be left out", async () => {
    await expect(text(readOn(chunks("hel", "lo"), { skip: 6, signal }))).rejects.toMatchObject({ kind: "unavailable" });
  });

  it("asks for nothing that is not read, and tells the source when nobody reads any more", async () => {
    let asked = 0;
    let cancelled: unknown;
    const source = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          asked += 1;
          controller.enqueue(new Uint8Array(1));
        },
        cancel(reason) {
          cancelled = reason;
        },
      },
      { highWaterMark: 0 },
    );
    const reader = readOn(source, { signal }).getReader();
    expect(asked).toBe(0);
    await reader.read();
    expect(asked).toBe(1);
    await reader.cancel("enough");
    expect(cancelled).toBe("enough");
  });

  it("ends with the signal's reason, also where the other side says nothing any more", async () => {
    const stop = new AbortController();
    const silent = new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(new Uint8Array(1)) });
    const reader = readOn(silent, { signal: stop.signal }).getReader();
    await reader.read();
    const waiting = reader.read();
    stop.abort(new Error("stopped"));
    await expect(waiting).rejects.toThrow("stopped");
    const late = readOn(chunks("x"), { signal: stop.signal });
    await expect(text(late)).rejects.toThrow("stopped");
  });
});
