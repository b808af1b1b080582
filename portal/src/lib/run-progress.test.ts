import { expect, it } from "vitest";
import type { SyncRun } from "./contract.ts";
import { progressOf } from "./run-progress.ts";

const none = { found: 0, created: 0, updated: 0, moved: 0, unchanged: 0, skipped: 0, failed: 0, remaining: 0 };

function aRun(change: Partial<Omit<SyncRun, "counts">> & { counts?: Partial<SyncRun["counts"]> } = {}): SyncRun {
  const { counts, ...rest } = change;
  return {
    id: "r",
    sync_id: "s",
    trigger: "manual",
    status: "running",
    phase: "copying",
    stopped_at_maximum: false,
    slowed: null,
    requests: 0,
    quota: null,
    failure: null,
    created_at: "2026-11-21T14:00:00Z",
    created_by: null,
    scheduled_for: null,
    started_at: "2026-11-21T14:00:00Z",
    listed_at: null,
    finished_at: null,
    updated_at: "2026-11-21T14:00:10Z",
    ...rest,
    counts: { ...none, deleted: 0, held: 0, folders: 0, folders_failed: 0, bytes: 0, remaining_bytes: 0, ...counts },
  };
}

it("counts only files that the run has to bring, not those that were unchanged", () => {
  const progress = progressOf(aRun({ counts: { unchanged: 4000, created: 60, failed: 20, remaining: 20 } }));
  expect(progress).toMatchObject({ toDo: 100, done: 80, share: 0.8, perSecond: 8, left: 2500 });
});

it("claims no share and no forecast while the source is still being listed", () => {
  const progress = progressOf(aRun({ phase: "listing", counts: { created: 50, remaining: 10 } }));
  expect(progress.share).toBeUndefined();
  expect(progress.left).toBeUndefined();
});

it("makes no forecast for a run that is paused", () => {
  expect(progressOf(aRun({ status: "paused", counts: { created: 50, remaining: 10 } })).left).toBeUndefined();
});

it("is complete when there was nothing to do", () => {
  expect(progressOf(aRun({ counts: { unchanged: 12_431 } })).share).toBe(1);
});
