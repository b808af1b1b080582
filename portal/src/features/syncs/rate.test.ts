import { expect, it } from "vitest";
import { rateOf, speedLine } from "./rate.ts";

it("has no rate from a single figure", () => {
  expect(rateOf([{ at: 1000, files: 5, bytes: 10 }])).toBeUndefined();
});

it("takes the pace of the last fifteen seconds, not of the slow beginning", () => {
  const samples = [
    { at: 0, files: 0, bytes: 0 },
    { at: 60_000, files: 10, bytes: 100 },
    { at: 70_000, files: 110, bytes: 1100 },
  ];
  expect(rateOf(samples)).toEqual({ filesPerSecond: 10, bytesPerSecond: 100 });
});

it("draws one point a second, however often figures arrive", () => {
  const samples = [0, 250, 500, 750, 1000, 1250, 2000].map((at) => ({ at, files: at / 100, bytes: 0 }));
  expect(speedLine(samples)).toEqual([10, 10]);
});
