import type { SyncId, SyncRunId } from "#core/ids.ts";
import type { RunCounts, SyncRun } from "../sync.ts";
import type { RequestMeter } from "./request-meter.ts";

/** What a process knows of the run it works on. */
export interface OpenRun {
  readonly id: SyncRunId;
  readonly sync: SyncId;
  readonly trigger: SyncRun["trigger"];
  /** The listing that this run makes, or goes on with. */
  readonly generation: number;
  readonly phase: SyncRun["phase"];
  /** Lists the source anew, or reads what has changed since the last listing. */
  readonly listing: "full" | "changes";
  readonly meter: RequestMeter;
}

/** Figures to be added to a run's. */
export type CountChange = Partial<RunCounts>;

/** Why a run ends, or rests, before its work does. */
export type Interruption =
  /** A person cancelled it. */
  | "cancelled"
  /** A person paused the sync; the run goes on from here later. */
  | "paused"
  /** This process stops; another one, or the next start, goes on from here. */
  | "stopping"
  /** Another process has it. */
  | "lease-lost";

export class Interrupted extends Error {
  override readonly name = "Interrupted";
  readonly by: Interruption;

  constructor(by: Interruption) {
    super(`the run was interrupted: ${by}`);
    this.by = by;
  }
}
