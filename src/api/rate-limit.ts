import { AppError } from "#core/errors.ts";

/** Counts calls in this process; each process has limits of its own (SR-70). */
export interface RateLimiter {
  /** Takes one call from a bucket that is refilled evenly. @throws AppError `too_many_requests` */
  take(bucket: string, perMinute: number): void;
}

const mostBuckets = 50_000;

export function createRateLimiter(now: () => number = () => performance.now()): RateLimiter {
  const buckets = new Map<string, { left: number; at: number; perMinute: number }>();

  // A bucket that has had a minute to fill up is like a new one.
  const forgetFull = (at: number) => {
    for (const [name, bucket] of buckets) if (at - bucket.at >= 60_000) buckets.delete(name);
    // Still too many: somebody comes from very many places. Those seen first are forgotten first.
    for (const name of buckets.keys()) {
      if (buckets.size < mostBuckets) break;
      buckets.delete(name);
    }
  };

  return {
    take(name, perMinute) {
      const at = now();
      const before = buckets.get(name);
      if (!before && buckets.size >= mostBuckets) forgetFull(at);
      const refilled = before ? before.left + ((at - before.at) / 60_000) * perMinute : perMinute;
      const left = Math.min(perMinute, refilled);
      if (left < 1) {
        const retryAfterS = Math.max(1, Math.ceil(((1 - left) / perMinute) * 60));
        throw new AppError("too_many_requests", "Too many requests. Wait a moment.", { retryAfterS });
      }
      buckets.set(name, { left: left - 1, at, perMinute });
    },
  };
}
