import type { ConnectionId, FileId, HandoffId, SyncId } from "#core/ids.ts";
import type { ConnectionDeps } from "#domain/connections/open-connection.ts";
import type { Queue } from "#jobs/queue.ts";
import type { DestinationDeps } from "../open-destination.ts";

export interface HandoffDeps extends ConnectionDeps, DestinationDeps {
  queue: Queue;
  /** A number from 0 to 1, by which attempts that fell due together drift apart. */
  random?: () => number;
}

export type HandoffState =
  /** Waits for its first or its next attempt. */
  | "queued"
  | "sending"
  | "delivered"
  /** The receiver does not take this document. */
  | "rejected"
  /** Given up after the last attempt of the plan; nobody took it. */
  | "failed"
  /** The file got another version, or went, before anybody was told. */
  | "outdated"
  /** The sync hands nothing over any more. */
  | "cancelled";

/** How many hand-offs a sync has of each kind; `unknown`: stored files that nobody has been told of. */
export type HandoffCounts = Record<HandoffState | "unknown", number>;

/** What a receiver is told of one version of one file, and what it has answered. */
export interface Handoff {
  id: HandoffId;
  sync: SyncId;
  file: { id: FileId; name: string; folder: string };
  version: string;
  connection: { id: ConnectionId; name: string };
  state: HandoffState;
  attempts: number;
  queuedAt: Date;
  lastSentAt: Date | undefined;
  nextAttemptAt: Date | undefined;
  answer: HandoffReply | undefined;
  result: HandoffResult | undefined;
}

/** What the receiver reported later of the document. */
export interface HandoffResult {
  at: string;
  ok: boolean;
  job?: string | undefined;
  reason?: string | undefined;
  body?: string | undefined;
}

/** The last thing that came back, as it is kept: redacted and bounded. */
export interface HandoffReply {
  at: string;
  /** Absent where no answer came. */
  status?: number | undefined;
  /** In words for people; absent where it was taken. */
  reason?: string | undefined;
  /** The beginning of what it said. */
  body?: string | undefined;
  job?: string | undefined;
  /** The receiver had it already: an answer to an earlier attempt was lost. */
  duplicate?: boolean | undefined;
}
