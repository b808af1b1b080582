import { expect, it } from "vitest";
import { nextCheckIn } from "./next-check.ts";

const HOUR = 60 * 60;

it("looks every six hours, every hour after a failure, and never at what waits for a person", () => {
  expect([0, 0.5, 1].map((chance) => nextCheckIn("active", chance))).toEqual([5.4 * HOUR, 6 * HOUR, 6.6 * HOUR]);
  expect(nextCheckIn("error", 0.5)).toBe(HOUR);
  expect([nextCheckIn("needs_authorization", 0.5), nextCheckIn("inactive", 0.5)]).toEqual([undefined, undefined]);
});
