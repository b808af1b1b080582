import { QueryClient } from "@tanstack/react-query";
import { expect, it } from "vitest";
import type { LiveEvent, SyncRun } from "../lib/contract.ts";
import { keys } from "../lib/query.ts";
import { apply } from "./live-updates.ts";

const finished = { id: "run", finished_at: "2026-11-03T14:05:00Z" } as SyncRun;

it("takes the pages of files for outdated when a run of their sync has ended, and not before", () => {
  const outdatedBy = (run: SyncRun) => {
    const outdated: string[] = [];
    const event: LiveEvent = { type: "sync_run", sync_id: "sync", run };
    apply(new QueryClient(), "workspace", event, (key) => outdated.push(JSON.stringify(key)));
    return outdated;
  };
  const files = JSON.stringify(keys.files("workspace", "sync"));
  expect(outdatedBy(finished)).toContain(files);
  expect(outdatedBy({ ...finished, finished_at: null })).not.toContain(files);
});
