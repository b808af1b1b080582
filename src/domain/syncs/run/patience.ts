import { setTimeout as wait } from "node:timers/promises";
import { nextMove, ProviderError } from "#core/errors.ts";

const TRIES = 5;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 60_000;

/** When to try again after the n-th failure (from 1), in milliseconds; nothing when it makes no sense. Full jitter (SR-80). */
export function waitBeforeRetry(failure: unknown, failures: number, now: Date, random: number): number | undefined {
  if (!(failure instanceof ProviderError) || nextMove[failure.kind] !== "retry" || failures >= TRIES) return undefined;
  if (failure.retryAt) {
    const until = failure.retryAt.getTime() - now.getTime();
    return until <= LONGEST_WAIT_MS ? Math.max(0, until) : undefined;
  }
  return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1)) * random;
}

/** Does a repeatable thing until it works or waiting makes no sense any more. */
export const patiently =
  (signal: AbortSignal) =>
  async <T>(work: () => Promise<T>): Promise<T> => {
    for (let failures = 1; ; failures++) {
      try {
        return await work();
      } catch (failure) {
        const pause = waitBeforeRetry(failure, failures, new Date(), Math.random());
        if (pause === undefined) throw failure;
        await wait(pause, undefined, { signal });
      }
    }
  };
