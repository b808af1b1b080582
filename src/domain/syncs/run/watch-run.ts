import type { Database } from "#db/database.ts";
import { type Lease, LeaseLost, renewLease } from "./lease.ts";
import { lockRun } from "./queries.ts";
import { Interrupted, type Interruption, type OpenRun } from "./run.ts";

const LOOK_EVERY_MS = 1_000;

export interface RunWatch {
  /** Aborted, with an Interrupted as its reason, when the run is to end or to rest. */
  readonly signal: AbortSignal;
  /**
   * Throws once the lease may have ended. By the clock, without asking anybody: a process that was halted for long (a
   * suspended machine) must not go on in what it was about to do before it has looked again.
   */
  stillOurs(): void;
  stop(): Promise<void>;
}

/**
 * Keeps the lease while a run works, and sees within a second when a person wants it to stop.
 * @param heldFrom when the lease was asked for, at the latest (`Date.now()`)
 */
export function watchRun(
  database: Database,
  lease: Lease,
  run: OpenRun,
  leaseSeconds: number,
  heldFrom: number,
  stopping: AbortSignal,
): RunWatch {
  const controller = new AbortController();
  const interrupt = (by: Interruption) => controller.abort(new Interrupted(by));
  const onStop = () => interrupt("stopping");
  stopping.addEventListener("abort", onStop, { once: true });
  if (stopping.aborted) onStop();
  let renewedAt = heldFrom;
  let looking = Promise.resolve();
  let stopped = false;

  const look = async () => {
    try {
      await database.asWorkspace({ workspace: lease.workspace }, async (tx) => {
        if (Date.now() - renewedAt > (leaseSeconds * 1000) / 3) {
          const asked = Date.now();
          await renewLease(tx, lease, leaseSeconds);
          renewedAt = asked;
        }
        const now = await lockRun(tx, run.id);
        if (!now || now.cancel_requested || now.status === "cancelled") interrupt("cancelled");
        else if (now.status === "paused") interrupt("paused");
      });
    } catch (failure) {
      if (failure instanceof LeaseLost) interrupt("lease-lost");
      // The database does not answer: go on until the lease has ended for certain, then somebody else may have it.
      else if (Date.now() - renewedAt > leaseSeconds * 1000) interrupt("lease-lost");
    }
  };
  const timer = setInterval(() => {
    looking = looking.then(() => (stopped ? undefined : look()));
  }, LOOK_EVERY_MS);

  return {
    signal: controller.signal,
    stillOurs() {
      if (Date.now() - renewedAt >= leaseSeconds * 1000) interrupt("lease-lost");
      controller.signal.throwIfAborted();
    },
    async stop() {
      stopped = true;
      clearInterval(timer);
      stopping.removeEventListener("abort", onStop);
      await looking;
    },
  };
}
