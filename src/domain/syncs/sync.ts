import type { ConnectionId, SyncId, SyncRunId } from "#core/ids.ts";
import type { Failure } from "#domain/connections/connection.ts";
import type { Quota } from "#outbound/quota.ts";
import type { Filters, MetadataRule } from "./selection.ts";

export type { Failure } from "#domain/connections/connection.ts";

export type Schedule =
  | { kind: "manual" }
  | { kind: "interval"; minutes: number }
  | { kind: "cron"; expression: string; zone: string };

/** A chosen folder. `locator` and `path` come from browsing and help to find and to show it. */
export interface FolderChoice {
  id: string;
  locator: string | null;
  path: string;
}

export type DestinationChoice =
  | { kind: "none" }
  | { kind: "local-folder"; root: string; folder: string; layout: "ids" | "mirror" }
  /** A folder in the bucket that a connection of the workspace leads to. */
  | { kind: "store"; connection_id: string; folder: string; layout: "ids" | "mirror" };

/** As it stands in a sync's row: `identity` tells the disk, or bucket, that was chosen from another one in its place. */
export type KeptDestination =
  | { kind: "none" }
  | (Exclude<DestinationChoice, { kind: "none" }> & { identity?: string | undefined });

/** What a person decides about a sync. */
export interface SyncSettings {
  name: string;
  description: string;
  tags: string[];
  enabled: boolean;
  folders: FolderChoice[];
  filters: Filters;
  maxFilesPerRun: number | null;
  rules: MetadataRule[];
  onDelete: "mark" | "remove" | "keep";
  /** Media types for documents without bytes of their own, most wanted first; none: the usual ones. */
  exports: string[];
  schedule: Schedule;
  handoff: HandoffChoice | null;
}

/** Who is told of stored files: a connection whose provider takes them. */
export interface HandoffChoice {
  connection_id: string;
}

export interface Sync extends SyncSettings {
  id: SyncId;
  connection: { id: ConnectionId; name: string; provider: string; status: string };
  drive: { id: string; name: string };
  destination: KeptDestination;
  /** Who is told of stored files, as it stands now. */
  receiver?: { name: string; status: string } | undefined;
  heldRemovals: number;
  heldSince?: Date | undefined;
  nextRunAt?: Date | undefined;
  scheduleFailure?: string | undefined;
  /** Why the settings in its row cannot be used, when they came from plain SQL and are not valid (SR-62). */
  unusable?: string | undefined;
  createdAt: Date;
  createdBy?: string | undefined;
  updatedAt: Date;
}

export type RunStatus = "queued" | "running" | "paused" | "done" | "done_with_failures" | "failed" | "cancelled";

export interface SyncRun {
  id: SyncRunId;
  sync: SyncId;
  trigger: "manual" | "schedule" | "push" | "retry" | "removals";
  status: RunStatus;
  phase: "listing" | "sweeping" | "copying" | "finished";
  counts: RunCounts;
  stoppedAtMaximum: boolean;
  /** When the source last said “not so fast”, and until when it asked to be left alone. */
  slowed?: { at: Date; until?: Date | undefined } | undefined;
  /** Requests to the source. */
  requests: number;
  /** What is left of what may be asked of the source, while the run works and as far as that is known. */
  quota?: Quota | undefined;
  failure?: Failure | undefined;
  createdAt: Date;
  createdBy?: string | undefined;
  scheduledFor?: Date | undefined;
  startedAt?: Date | undefined;
  listedAt?: Date | undefined;
  finishedAt?: Date | undefined;
  updatedAt: Date;
}

/** found = created + updated + moved + unchanged + skipped + failed + remaining, at any moment. */
export interface RunCounts {
  found: number;
  created: number;
  updated: number;
  moved: number;
  unchanged: number;
  skipped: number;
  failed: number;
  remaining: number;
  deleted: number;
  held: number;
  folders: number;
  folders_failed: number;
  bytes: number;
  remaining_bytes: number;
}

export interface Totals {
  files: number;
  bytes: number;
  stored: number;
  indexed: number;
  waiting: number;
  failed: number;
  skipped: number;
  removed: number;
}
