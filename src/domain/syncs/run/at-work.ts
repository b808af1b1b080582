import type { Database, WorkspaceTx } from "#db/database.ts";
import type { Destination } from "#destinations/destination.ts";
import type { ConnectionDeps } from "#domain/connections/open-connection.ts";
import type { Queue } from "#jobs/queue.ts";
import type { Call, Provider } from "#provider-kit/provider.ts";
import type { DestinationDeps } from "../open-destination.ts";
import type { CopyTurns } from "./copy-turns.ts";
import type { Lease } from "./lease.ts";
import type { SyncAtWork } from "./load-sync.ts";
import type { OpenRun } from "./run.ts";

export interface RunDeps extends ConnectionDeps, Omit<DestinationDeps, "clock"> {
  database: Database;
  queue: Queue;
  /** Names this process in leases. */
  holder: string;
  leaseSeconds: number;
  /** Shared by all runs of this process. */
  copyTurns: CopyTurns;
}

/** What the settings of a sync mean for what is seen of its files. */
export const handlingOf = ({ sync, destination }: Pick<RunAtWork, "sync" | "destination">) => ({
  /** Objects of files that the selection leaves out are taken away. */
  removeLeftOut: sync.onDelete === "remove" && destination !== undefined,
  mirror: sync.destination.kind !== "none" && sync.destination.layout === "mirror",
});

/** What the phases work with. */
export interface RunAtWork {
  readonly deps: RunDeps;
  readonly run: OpenRun;
  readonly sync: SyncAtWork;
  readonly lease: Lease;
  readonly signal: AbortSignal;
  readonly connection: { readonly provider: Provider; readonly call: Call };
  readonly destination: Destination | undefined;
  /** A transaction that commits only while the run is ours. */
  write<T>(work: (tx: WorkspaceTx) => Promise<T>): Promise<T>;
}
