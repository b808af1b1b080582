import { expect, it } from "vitest";
import { createRateLimiter } from "./rate-limit.ts";

it("SR-70 lets a burst of a minute's calls through, then one as often as they come back, each bucket for itself", () => {
  let now = 0;
  const limiter = createRateLimiter(() => now);
  const taken = (bucket: string) => {
    try {
      limiter.take(bucket, 60);
      return true;
    } catch {
      return false;
    }
  };
  expect(Array.from({ length: 61 }, () => taken("a")).filter(Boolean)).toHaveLength(60);
  expect(taken("b")).toBe(true);
  now += 999;
  expect(taken("a")).toBe(false);
  now += 1;
  expect(taken("a")).toBe(true);
  now += 3_600_000;
  expect(Array.from({ length: 61 }, () => taken("a")).filter(Boolean)).toHaveLength(60);
});

it("SR-70 says when to come back", () => {
  const limiter = createRateLimiter(() => 0);
  limiter.take("a", 1);
  expect(() => limiter.take("a", 1)).toThrow(expect.objectContaining({ code: "too_many_requests", retryAfterS: 60 }));
});

it("SR-70 stays small however many come", () => {
  let now = 0;
  const limiter = createRateLimiter(() => now++);
  for (let count = 0; count < 60_000; count++) limiter.take(`address ${count}`, 60);
  expect(() => limiter.take("one more", 60)).not.toThrow();
});
