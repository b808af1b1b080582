import { expect, it } from "vitest";
import { withQuietTimes } from "./usage-points.ts";

it("a usage has a point for each day, also for those on which nothing was used", () => {
  const usage = {
    from: "2026-02-01T00:00:00.000Z",
    hourly: false,
    points: [{ at: "2026-02-02T00:00:00.000Z", uses: 7, failures: 2 }],
    purposes: [],
  };
  const points = withQuietTimes(usage, new Date("2026-02-03T09:00:00Z"));
  expect(points.map(({ at, uses, failures }) => [at.toISOString().slice(0, 10), uses, failures])).toEqual([
    ["2026-02-01", 0, 0],
    ["2026-02-02", 7, 2],
    ["2026-02-03", 0, 0],
  ]);
});

it("within a few days the points are hours", () => {
  const usage = {
    from: "2026-02-01T00:00:00.000Z",
    hourly: true,
    points: [{ at: "2026-02-01T01:00:00.000Z", uses: 1, failures: 0 }],
    purposes: [],
  };
  expect(withQuietTimes(usage, new Date("2026-02-01T02:30:00Z")).map(({ uses }) => uses)).toEqual([0, 1, 0]);
});
