import { expect, it } from "vitest";
import type { SyncRun } from "../../lib/contract.ts";
import { forecastOf, rateOf, speedLine } from "./rate.ts";

const copying = (remaining: number, remaining_bytes: number): SyncRun => {
  const none = { found: 0, created: 0, updated: 0, moved: 0, unchanged: 0, skipped: 0, failed: 0, deleted: 0, held: 0 };
  return {
    id: "r",
    sync_id: "s",
    trigger: "manual",
    status: "running",
    phase: "copying",
    counts: { ...none, remaining, remaining_bytes, folders: 0, folders_failed: 0, bytes: 0 },
    stopped_at_maximum: false,
    failure: null,
    created_at: "",
    created_by: null,
    scheduled_for: null,
    started_at: null,
    listed_at: null,
    finished_at: null,
    updated_at: "",
  };
};

it("has no rate, and so no forecast, from a single figure", () => {
  expect(rateOf([{ at: 1000, files: 5, bytes: 10 }])).toBeUndefined();
  expect(forecastOf(copying(100, 0), undefined)).toBeUndefined();
});

it("takes the pace of the last fifteen seconds, not of the slow beginning", () => {
  const samples = [
    { at: 0, files: 0, bytes: 0 },
    { at: 60_000, files: 10, bytes: 100 },
    { at: 70_000, files: 110, bytes: 1100 },
  ];
  expect(rateOf(samples)).toEqual({ filesPerSecond: 10, bytesPerSecond: 100 });
});

it("forecasts by bytes where a few large files are left", () => {
  const rate = { filesPerSecond: 10, bytesPerSecond: 1000 };
  expect(forecastOf(copying(10, 60_000), rate)).toBe(60_000);
  expect(forecastOf(copying(600, 1000), rate)).toBe(60_000);
});

it("draws one point a second, however often figures arrive", () => {
  const samples = [0, 250, 500, 750, 1000, 1250, 2000].map((at) => ({ at, files: at / 100, bytes: 0 }));
  expect(speedLine(samples)).toEqual([10, 10]);
});
