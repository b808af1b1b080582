import { expect, it } from "vitest";
import { nextAttemptIn } from "./next-attempt.ts";

const minute = 60_000;
const hour = 60 * minute;

it("SR-69 waits longer after each failure, a fifth more or less, and gives up within three days", () => {
  const plan = Array.from({ length: 11 }, (_, failures) => nextAttemptIn(failures + 1, { chance: 0.5 }));
  expect(plan.map((ms) => ms && ms / 1000)).toEqual([
    5,
    30,
    120,
    600,
    1800,
    7200,
    21_600,
    43_200,
    86_400,
    undefined,
    undefined,
  ]);
  expect([0, 1].map((chance) => nextAttemptIn(1, { chance }))).toEqual([4_000, 6_000]);
  const longest = plan.reduce<number>(
    (sum, _, at) => sum + (nextAttemptIn(at + 1, { chance: 1, askedMs: hour }) ?? 0),
    0,
  );
  expect(longest).toBeLessThan(72 * hour);
});

it("does not come back before it was asked to, and not sooner than planned either", () => {
  expect(nextAttemptIn(1, { chance: 0.5, askedMs: 10 * minute })).toBe(10 * minute);
  expect(nextAttemptIn(6, { chance: 0.5, askedMs: minute })).toBe(2 * hour);
});
