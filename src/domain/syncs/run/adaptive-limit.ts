/**
 * How many copies of one connection may be under way: more as long as more brings more, far fewer as soon as the other
 * side pushes back (additive increase, multiplicative decrease). Plain values in, plain values out.
 */
export interface AdaptiveLimit {
  readonly limit: number;
  /** Nothing new begins before this moment: the other side said so. */
  readonly restUntil: number;
  /** A copy has come to its end. */
  done(now: number, bytes: number): void;
  /** The other side said that it is too much, or failed under it. */
  pushedBack(now: number, until?: number): void;
}

export interface AdaptiveBounds {
  first: number;
  most: number;
}

const WINDOW_MS = 200;
/** What starting a copy costs, in bytes that could have been sent meanwhile. */
const START_COST = 256 * 1024;
const BETTER = 1.05;
const WORSE = 0.85;
/** One overload brings many refusals at once. */
const ONE_OVERLOAD_MS = 1_000;
const CALM_MS = 3_000;
const LEFT_AFTER_PUSH = 0.7;
/** Behind the doubling, a try is so much of the limit more. */
const STEP = 4;
/** After a try that brought nothing, so many windows pass until the next one. */
const WINDOWS_BETWEEN_TRIES = 10;
/** A window in which more brought no more is made so many times as long before it is believed. */
const LONGEST_WINDOW = 3;

export function adaptiveLimit({ first, most }: AdaptiveBounds, now: number): AdaptiveLimit {
  let limit = Math.max(1, Math.min(first, most));
  let restUntil = 0;
  /** Until the first window that did not bring more. */
  let isDoubling = true;
  let windowFrom = now;
  /** In usual windows. */
  let length = 1;
  let copies = 0;
  let amount = 0;
  let before: { limit: number; rate: number } | undefined;
  let pushedAt = Number.NEGATIVE_INFINITY;
  let windowsUntilTry = 0;

  const closeWindow = (at: number): void => {
    const rate = amount / (at - windowFrom);
    const isCalm = at - pushedAt >= CALM_MS;
    const disappoints = isCalm && before !== undefined && limit > before.limit && rate < before.rate * BETTER;
    if (disappoints && length < LONGEST_WINDOW) {
      length += 1;
      return;
    }
    [windowFrom, copies, amount, length] = [at, 0, 0, 1];
    if (!isCalm) {
      before = { limit, rate };
      return;
    }
    if (disappoints && before) {
      // More did not bring more: back to what was as good, and there we stay for a while.
      if (!isDoubling || rate < before.rate * WORSE) limit = before.limit;
      isDoubling = false;
      windowsUntilTry = WINDOWS_BETWEEN_TRIES;
      before = { limit, rate: Math.max(rate, before.rate) };
      return;
    }
    before = { limit, rate };
    if (windowsUntilTry > 0) windowsUntilTry--;
    else limit = Math.min(most, isDoubling ? limit * 2 : limit + Math.max(1, Math.floor(limit / STEP)));
  };

  return {
    get limit() {
      return limit;
    },
    get restUntil() {
      return restUntil;
    },
    done(at, bytes) {
      copies += 1;
      amount += START_COST + bytes;
      if (at - windowFrom >= WINDOW_MS * length && copies >= limit * length) closeWindow(at);
    },
    pushedBack(at, until) {
      if (until !== undefined) restUntil = Math.max(restUntil, until);
      if (at - pushedAt < ONE_OVERLOAD_MS) return;
      pushedAt = at;
      isDoubling = false;
      before = undefined;
      windowsUntilTry = 0;
      limit = Math.max(1, Math.floor(limit * LEFT_AFTER_PUSH));
      [windowFrom, copies, amount, length] = [at, 0, 0, 1];
    },
  };
}
