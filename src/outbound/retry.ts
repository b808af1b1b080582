/** When a call is tried again (SR-80). Plain values in, plain values out. */

const maxTries = 5;
const baseMs = 1_000;
const capMs = 60_000;
/** A longer wait is not sat out but left to the schedule. */
export const longestWaitMs = 15 * 60_000;

const retryable = new Set([408, 425, 429, 500, 502, 503, 504]);

/** What came of a try, as far as a repeat depends on it. */
export type Outcome =
  | { kind: "answered"; status: number; retryAfterMs?: number }
  /** Nothing of the request reached the other side. */
  | { kind: "not-sent" }
  /** It may have arrived: timed out, cut off, unreadable. Whether it took effect is for SR-81 to find out. */
  | { kind: "unknown" };

export type Decision =
  | { next: "done" }
  | { next: "again"; inMs: number }
  /** The other side wants a longer pause than anybody should wait for. */
  | { next: "later"; inMs: number };

/**
 * What to do after try number `tries` (1 for the first). `repeatable`: sending it twice is harmless, by its method, by a
 * key, or by design. `chance` is a random number from 0 to 1 (full jitter). `most` tries are five unless said.
 */
export function decideRetry(
  outcome: Outcome,
  about: { tries: number; repeatable: boolean; chance: number; most?: number },
): Decision {
  const mayHelp = outcome.kind === "not-sent" || (outcome.kind === "answered" && retryable.has(outcome.status));
  if (!mayHelp || !about.repeatable || about.tries >= (about.most ?? maxTries)) return { next: "done" };
  const jitterMs = about.chance * Math.min(capMs, baseMs * 2 ** (about.tries - 1));
  const askedMs = outcome.kind === "answered" ? (outcome.retryAfterMs ?? 0) : 0;
  if (askedMs > longestWaitMs) return { next: "later", inMs: askedMs };
  // Jitter on top: all who were told the same moment would come back together.
  return { next: "again", inMs: Math.round(askedMs + jitterMs) };
}

const failing = new Set([500, 502, 503, 504]);

/** Whether an outcome tells against the host itself. A 429 does not: the host is well, and only wants us slower. */
export function isHostFailure(outcome: Outcome): boolean {
  return outcome.kind !== "answered" || failing.has(outcome.status);
}

/** Milliseconds from a Retry-After header: seconds or a date. `undefined` when it is neither, or the past. */
export function readRetryAfter(text: string | null, now: Date): number | undefined {
  if (text === null) return undefined;
  const ms = /^\s*\d+\s*$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now.getTime();
  return ms > 0 && Number.isSafeInteger(ms) ? ms : undefined;
}
