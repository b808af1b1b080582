import type { SyncRun } from "./contract.ts";

export interface RunProgress {
  /** Files this run must bring or move, and how many of them it has dealt with. */
  toDo: number;
  done: number;
  /** 0…1; undefined while the source is still being listed, because the whole is not known. */
  share: number | undefined;
  /** Files a second since the run began; undefined before there is anything to measure. */
  perSecond: number | undefined;
  bytesPerSecond: number | undefined;
  /** Milliseconds; undefined while there is no forecast. */
  left: number | undefined;
}

/** Below this a rate is chance. */
const measurableMs = 2000;

/** How far a run is, from its counts alone. */
export function progressOf(run: SyncRun): RunProgress {
  const { created, updated, moved, failed, remaining, bytes } = run.counts;
  const toDo = created + updated + moved + failed + remaining;
  const done = toDo - remaining;
  const elapsed = run.started_at ? Date.parse(run.updated_at) - Date.parse(run.started_at) : 0;
  const measurable = elapsed >= measurableMs && done > 0;
  const perSecond = measurable ? done / (elapsed / 1000) : undefined;
  const listed = run.phase === "copying" || run.phase === "finished";
  return {
    toDo,
    done,
    share: listed ? (toDo === 0 ? 1 : done / toDo) : undefined,
    perSecond,
    bytesPerSecond: measurable ? bytes / (elapsed / 1000) : undefined,
    left: listed && perSecond && run.status === "running" ? (remaining / perSecond) * 1000 : undefined,
  };
}
