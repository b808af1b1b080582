import { expect, it } from "vitest";
import { syncStatus } from "./status.ts";

const calm = {
  enabled: true,
  connectionStatus: "active",
  heldRemovals: 0,
  unusable: false,
  openRun: undefined,
  lastRun: "done",
} as const;

it("is active once a run has gone well, and inactive before there was one", () => {
  expect(syncStatus(calm)).toBe("active");
  expect(syncStatus({ ...calm, lastRun: "cancelled" })).toBe("active");
  expect(syncStatus({ ...calm, lastRun: undefined })).toBe("inactive");
  expect(syncStatus({ ...calm, connectionStatus: "inactive" })).toBe("inactive");
});

it("says what happens now, whatever was before", () => {
  const broken = { ...calm, heldRemovals: 3, lastRun: "failed", unusable: true } as const;

  expect(syncStatus({ ...broken, openRun: "running" })).toBe("running");
  expect(syncStatus({ ...broken, openRun: "queued" })).toBe("queued");
});

it("names what waits for a person before how the last run went", () => {
  const failed = { ...calm, lastRun: "failed" } as const;

  expect(syncStatus({ ...failed, connectionStatus: "needs_authorization", heldRemovals: 3 })).toBe(
    "needs_authorization",
  );
  expect(syncStatus({ ...failed, heldRemovals: 3, enabled: false })).toBe("held");
  expect(syncStatus({ ...failed, enabled: false })).toBe("paused");
  expect(syncStatus({ ...failed, openRun: "paused" })).toBe("paused");
});

it("is failed when its last run, its connection, its settings or its schedule failed", () => {
  expect(syncStatus({ ...calm, lastRun: "failed" })).toBe("failed");
  expect(syncStatus({ ...calm, connectionStatus: "error" })).toBe("failed");
  expect(syncStatus({ ...calm, unusable: true })).toBe("failed");
  expect(syncStatus({ ...calm, lastRun: "done_with_failures" })).toBe("done_with_failures");
});
