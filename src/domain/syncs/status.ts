import type { RunStatus } from "./sync.ts";

export type SyncStatus =
  | "running"
  | "queued"
  | "paused"
  | "held"
  | "failed"
  | "done_with_failures"
  | "active"
  | "inactive"
  | "needs_authorization";

/**
 * The one word for a sync. What happens just now comes first, then what only a person can end, then how it went last.
 */
export function syncStatus(sync: {
  enabled: boolean;
  connectionStatus: string;
  heldRemovals: number;
  /** Its settings or its schedule cannot be used. */
  unusable: boolean;
  openRun: RunStatus | undefined;
  lastRun: RunStatus | undefined;
}): SyncStatus {
  if (sync.openRun === "running" || sync.openRun === "queued") return sync.openRun;
  if (sync.connectionStatus === "needs_authorization") return "needs_authorization";
  if (sync.heldRemovals > 0) return "held";
  if (!sync.enabled || sync.openRun === "paused") return "paused";
  if (sync.unusable || sync.connectionStatus === "error" || sync.lastRun === "failed") return "failed";
  if (sync.lastRun === "done_with_failures") return "done_with_failures";
  if (sync.connectionStatus === "inactive" || sync.lastRun === undefined) return "inactive";
  return "active";
}
