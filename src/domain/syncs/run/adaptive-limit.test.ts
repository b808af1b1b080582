import { expect, it } from "vitest";
import { type AdaptiveLimit, adaptiveLimit } from "./adaptive-limit.ts";

/** A service that does `capacity` copies at once as fast as one, and no more in all however many ask. */
function workOn(limit: AdaptiveLimit, service: { capacity: number; ms: number; refuses?: number }, forMs: number) {
  const { capacity, ms, refuses = Number.POSITIVE_INFINITY } = service;
  let now = 0;
  let copied = 0;
  let refused = 0;
  while (now < forMs) {
    const atOnce = limit.limit;
    now += ms * Math.max(1, atOnce / capacity);
    for (let n = 0; n < atOnce; n++) {
      if (n < refuses) {
        copied++;
        limit.done(now, 0);
      } else {
        refused++;
        limit.pushedBack(now);
      }
    }
  }
  return { copied, refused, now };
}

it("finds what a service can do within a second, and never goes beyond what it is allowed", () => {
  const limit = adaptiveLimit({ first: 8, most: 32 }, 0);
  workOn(limit, { capacity: 100, ms: 50 }, 1_000);
  expect(limit.limit).toBe(32);
});

it("stops near the number from which on more brings no more", () => {
  const limit = adaptiveLimit({ first: 4, most: 256 }, 0);
  workOn(limit, { capacity: 16, ms: 50 }, 20_000);
  expect(limit.limit).toBeGreaterThanOrEqual(16);
  expect(limit.limit).toBeLessThanOrEqual(40);
});

it("gives way at once when it is pushed back, once for one overload", () => {
  const limit = adaptiveLimit({ first: 16, most: 32 }, 0);
  for (let n = 0; n < 10; n++) limit.pushedBack(100 + n);
  expect(limit.limit).toBe(11);
  limit.pushedBack(5_000);
  expect(limit.limit).toBe(7);
  for (let at = 10_000; at < 20_000; at += 1_500) limit.pushedBack(at);
  expect(limit.limit).toBe(1);
});

it("comes back step by step, and lives with a service that refuses what is too much", () => {
  const limit = adaptiveLimit({ first: 8, most: 64 }, 0);
  const service = { capacity: 100, ms: 50, refuses: 10 };
  const { copied, refused, now } = workOn(limit, service, 120_000);
  expect(limit.limit).toBeGreaterThanOrEqual(4);
  expect(limit.limit).toBeLessThanOrEqual(11);
  expect(refused / copied).toBeLessThan(0.01);
  // The service would do ten at once at the most.
  expect(copied).toBeGreaterThan(0.6 * 10 * (now / service.ms));
});

it("rests until the moment that the service named, the latest of them", () => {
  const limit = adaptiveLimit({ first: 8, most: 32 }, 0);
  limit.pushedBack(100, 5_000);
  limit.pushedBack(101, 3_000);
  expect(limit.restUntil).toBe(5_000);
});

it("takes a few large files for as much work as many small ones", () => {
  const limit = adaptiveLimit({ first: 8, most: 64 }, 0);
  // Every second window has large files and fewer of them; the service is as busy as before.
  let now = 0;
  for (let round = 0; round < 40; round++) {
    now += 210;
    const large = round % 2 === 1;
    for (let n = 0; n < limit.limit; n++) limit.done(now, large ? 4_000_000 : 3_900_000);
  }
  expect(limit.limit).toBe(64);
});

it("does not believe a single bad window: one in which everything stood still for a moment", () => {
  const limit = adaptiveLimit({ first: 8, most: 32 }, 0);
  const service = { capacity: 100, ms: 50 };
  let now = 0;
  const work = (forMs: number) => {
    for (const end = now + forMs; now < end; ) {
      now += service.ms;
      for (let n = limit.limit; n > 0; n--) limit.done(now, 0);
    }
  };
  work(250);
  expect(limit.limit).toBe(16);
  now += 150;
  work(1_500);
  expect(limit.limit).toBe(32);
});
