import { systemTimer, type Timer } from "./timer.ts";

const failuresUntilPause = 5;
const pauseMs = 30_000;
const windowMs = 10 * 60_000;
const retryShare = 0.1;
/** A host that is seldom called may be retried this often in a window, or its calls would never be. */
const retriesAlwaysAllowed = 10;

/** How a host has been doing, as seen from this process. */
export interface HostHealth {
  /** May it be called now? Whoever gets "yes" must report the outcome. `inMs`: when to ask again. */
  mayCall(host: string): { allowed: true } | { allowed: false; inMs: number };
  /** May this failure be retried, or would retries become more than a tenth of the host's calls? Counts it if so. */
  mayRetry(host: string): boolean;
  /** `unclear` when the call says nothing about the host, as one that was cancelled. */
  report(host: string, outcome: "well" | "failed" | "unclear"): void;
}

interface HostRecord {
  failuresInARow: number;
  /** Until then nobody calls; after it one call finds out. */
  pausedUntil: number;
  windowStart: number;
  calls: number;
  retries: number;
}

/**
 * The breaker and the retry budget of SR-80. `host` is any key: a workspace and a host, so that one workspace that
 * makes a shared host fail does not pause it for the others.
 */
export function createHostHealth(timer: Timer = systemTimer): HostHealth {
  const records = new Map<string, HostRecord>();

  const recordOf = (host: string): HostRecord => {
    const now = timer.now();
    let record = records.get(host);
    if (!record) {
      record = { failuresInARow: 0, pausedUntil: 0, windowStart: now, calls: 0, retries: 0 };
      if (records.size >= 10_000) forgetOld(now);
      records.set(host, record);
    }
    if (now - record.windowStart >= windowMs) Object.assign(record, { windowStart: now, calls: 0, retries: 0 });
    return record;
  };

  const forgetOld = (now: number): void => {
    for (const [host, { windowStart }] of records) if (now - windowStart >= windowMs) records.delete(host);
  };

  return {
    mayCall(host) {
      const record = recordOf(host);
      if (record.failuresInARow >= failuresUntilPause) {
        const leftMs = record.pausedUntil - timer.now();
        if (leftMs > 0) return { allowed: false, inMs: Math.ceil(leftMs) };
        // Half-open: one goes ahead. Should it never report, the next may after another pause.
        record.pausedUntil = timer.now() + pauseMs;
      }
      record.calls += 1;
      return { allowed: true };
    },
    mayRetry(host) {
      const record = recordOf(host);
      if (record.retries >= Math.max(retriesAlwaysAllowed, Math.floor(record.calls * retryShare))) return false;
      record.retries += 1;
      return true;
    },
    report(host, outcome) {
      const record = recordOf(host);
      if (outcome === "well") record.failuresInARow = 0;
      if (outcome !== "failed") return;
      record.failuresInARow += 1;
      if (record.failuresInARow >= failuresUntilPause) record.pausedUntil = timer.now() + pauseMs;
    },
  };
}
