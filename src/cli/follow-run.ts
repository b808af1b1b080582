import type { SyncId, SyncRunId, WorkspaceId } from "#core/ids.ts";
import { getRun } from "#domain/syncs/read-runs.ts";
import { getSync } from "#domain/syncs/read-syncs.ts";
import { executeRun } from "#domain/syncs/run/execute-run.ts";
import type { SyncRun } from "#domain/syncs/sync.ts";
import type { Rooms } from "../app.ts";

/** Looked at even when nothing was heard: some poolers do not carry notices. */
const LOOK_EVERY_MS = 2_000;
/** A worker that lives takes a run within a moment. */
const TAKEN_WITHIN_MS = 3_000;

/** Over, or resting until somebody or something changes. */
export const isAtRest = ({ status }: SyncRun): boolean => status !== "queued" && status !== "running";

/** A run as it goes on, until it is at rest or `signal` is aborted. */
export async function* followRun(
  rooms: Rooms,
  workspace: WorkspaceId,
  id: SyncRunId,
  signal: AbortSignal,
): AsyncGenerator<SyncRun> {
  for await (const _ of news(rooms, workspace, signal)) {
    const run = await getRun(rooms, workspace, id);
    yield run;
    if (isAtRest(run)) return;
  }
}

/** The open run of a sync and all that come after it, each time they have changed, until `signal` is aborted. */
export async function* followSync(
  rooms: Rooms,
  workspace: WorkspaceId,
  id: SyncId,
  signal: AbortSignal,
): AsyncGenerator<SyncRun> {
  // What was over before is no news.
  let shown = [stateOf((await getSync(rooms, workspace, id)).lastRun)];
  for await (const _ of news(rooms, workspace, signal)) {
    const { lastRun, openRun } = await getSync(rooms, workspace, id);
    for (const run of [lastRun, openRun]) if (run && !shown.includes(stateOf(run))) yield run;
    shown = [stateOf(lastRun), stateOf(openRun)];
  }
}

const stateOf = (run: SyncRun | undefined): string =>
  run ? [run.id, run.status, run.phase, run.updatedAt.getTime()].join(" ") : "";

/** Comes round at once, then when something happened in the workspace, and every now and then without. */
async function* news(rooms: Rooms, workspace: WorkspaceId, signal: AbortSignal): AsyncGenerator<void> {
  let wake = () => {};
  const onNews = () => wake();
  const stop = await rooms.live.subscribe(workspace, onNews);
  signal.addEventListener("abort", onNews);
  try {
    while (!signal.aborted) {
      // Begun before looking: what happens while somebody looks is not missed.
      const woken = new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, LOOK_EVERY_MS);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      yield;
      await woken;
    }
  } finally {
    wake();
    signal.removeEventListener("abort", onNews);
    stop();
  }
}

/**
 * Works on a run in this process: at once where nobody else could, else when nobody has taken it in time. Whoever takes
 * it first has it; its lease sees to that. `over` tells that there is nothing left to do.
 */
export async function workOnRun(
  rooms: Rooms,
  workspace: WorkspaceId,
  id: SyncRunId,
  { alone, signal, over }: { alone: boolean; signal: AbortSignal; over: AbortSignal },
): Promise<void> {
  if (!alone) await passed(TAKEN_WITHIN_MS, AbortSignal.any([signal, over]));
  if (!signal.aborted && !over.aborted) await executeRun(rooms, workspace, id, signal);
}

function passed(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
