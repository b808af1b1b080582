import type { LiveEvent } from "../../src/api/contract/syncs.ts";
import { HawserError } from "./error.ts";

export type { LiveEvent };

export interface LiveOptions {
  signal?: AbortSignal | undefined;
  /** Told whenever the connection is made or lost, so that a page can say how old its figures are. */
  onState?: ((state: "connected" | "lost") => void) | undefined;
}

const firstWaitMs = 500;
const longestWaitMs = 30_000;

/**
 * Events as they happen, for as long as somebody listens. A lost connection is taken up again by itself, and followed
 * by a `resync`: what happened in between is not repeated, so everything shown has to be fetched again.
 * Ends when the signal says so; throws a HawserError when the server refuses (401, 403, 404).
 */
export async function* readLive(
  open: (signal: AbortSignal | undefined) => Promise<Response>,
  { signal, onState }: LiveOptions,
): AsyncGenerator<LiveEvent> {
  let waitMs = firstWaitMs;
  let hadOne = false;
  while (!signal?.aborted) {
    try {
      const answer = await open(signal);
      onState?.("connected");
      if (hadOne) yield { type: "resync" };
      hadOne = true;
      waitMs = firstWaitMs;
      if (answer.body) yield* eventsIn(answer.body);
    } catch (error) {
      if (signal?.aborted) return;
      if (error instanceof HawserError && error.status >= 400 && error.status < 500 && error.status !== 429)
        throw error;
      if (error instanceof HawserError && error.retryAfterS) waitMs = Math.max(waitMs, error.retryAfterS * 1000);
    }
    if (signal?.aborted) return;
    onState?.("lost");
    // A random share keeps a thousand open pages from coming back in the same instant.
    await pause(waitMs * (0.5 + Math.random() / 2), signal);
    waitMs = Math.min(longestWaitMs, waitMs * 2);
  }
}

/** The `data:` of each event of a stream (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
async function* eventsIn(body: ReadableStream<Uint8Array>): AsyncGenerator<LiveEvent> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  let data: string[] = [];
  try {
    while (true) {
      const { value, done } = await reader.read();
      if (done) return;
      const lines = (rest + decoder.decode(value, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const ended of lines) {
        const line = ended.endsWith("\r") ? ended.slice(0, -1) : ended;
        if (line.startsWith("data:")) data.push(line.slice(5).trimStart());
        else if (line === "" && data.length > 0) {
          const event: unknown = JSON.parse(data.join("\n"));
          data = [];
          if (isLiveEvent(event)) yield event;
        }
      }
    }
  } finally {
    // Also when the listener walks away: without it the connection would stay open.
    await reader.cancel().catch(() => {});
  }
}

/** Kinds that this client does not know yet are left out rather than handed on as something they are not. */
function isLiveEvent(value: unknown): value is LiveEvent {
  if (typeof value !== "object" || value === null || !("type" in value)) return false;
  return value.type === "sync_run" || value.type === "changed" || value.type === "resync";
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    }
    signal?.addEventListener("abort", done);
  });
}
