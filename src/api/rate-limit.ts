import { AppError } from "#core/errors.ts";

/** Counts calls in this process; each process has limits of its own (SR-70). */
export interface RateLimiter {
  /** Takes one call from a bucket that is refilled evenly. @throws AppError `too_many_requests` */
  take(bucket: string, perMinute: number): void;
}

const mostBuckets = 50_000;

export function createRateLimiter(now: () => number = () => performance.now()): RateLimiter {
  // In the order of their last use.
  const buckets = new Map<string, { left: number; at: number }>();

  // When somebody comes from very many places, those that were quiet the longest are forgotten, many at a time.
  const forgetSome = () => {
    for (const name of [...buckets.keys()].slice(0, mostBuckets / 10)) buckets.delete(name);
  };

  return {
    take(name, perMinute) {
      const at = now();
      const before = buckets.get(name);
      if (!before && buckets.size >= mostBuckets) forgetSome();
      const refilled = before ? before.left + ((at - before.at) / 60_000) * perMinute : perMinute;
      const left = Math.min(perMinute, refilled);
      if (left < 1) {
        const retryAfterS = Math.max(1, Math.ceil(((1 - left) / perMinute) * 60));
        throw new AppError("too_many_requests", "Too many requests. Wait a moment.", { retryAfterS });
      }
      buckets.delete(name);
      buckets.set(name, { left: left - 1, at });
    },
  };
}
