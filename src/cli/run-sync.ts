import type { SyncRunId, WorkspaceId } from "#core/ids.ts";
import type { Caller } from "#domain/connections/connection.ts";
import { resumeSync, runSync } from "#domain/syncs/operate-sync.ts";
import { getRun } from "#domain/syncs/read-runs.ts";
import { listSyncs, type SyncOverview } from "#domain/syncs/read-syncs.ts";
import type { SyncRun } from "#domain/syncs/sync.ts";
import type { Rooms } from "../app.ts";
import { followRun, isAtRest, workOnRun } from "./follow-run.ts";
import { CommandFailed, Stopped } from "./outcome.ts";
import { isInteractive, type OutputOptions } from "./output.ts";
import { startBar } from "./progress.ts";
import type { OpenedRooms } from "./rooms.ts";
import { rateMeter, stepOf } from "./run-progress.ts";
import { everyPage } from "./workspaces.ts";

/** A sync by its name, in whatever case, or by its id. @throws CommandFailed */
export async function findSyncNamed(rooms: Rooms, workspace: WorkspaceId, name: string): Promise<SyncOverview> {
  for await (const sync of everyPage((page) => listSyncs(rooms, workspace, page))) {
    if (sync.id === name || sync.name.toLowerCase() === name.toLowerCase()) return sync;
  }
  throw new CommandFailed(`There is no sync "${name}". "hawser sync list" shows them.`);
}

/**
 * Starts a run, or joins the one that is open. It is followed to its end where that is wished for, and where no Hawser
 * process runs on the database: then it is worked on here.
 */
export async function runAndReport(
  opened: OpenedRooms,
  workspace: WorkspaceId,
  sync: SyncOverview,
  options: OutputOptions & { wait?: boolean },
): Promise<{ run: SyncRun; waited: boolean }> {
  const { rooms, actor, alone, signal } = opened;
  const wait = options.wait === true || alone;
  const run = await openOrStart(rooms, { workspace, actor }, sync, wait);
  if (!wait) return { run, waited: false };

  const over = new AbortController();
  const work = workOnRun(rooms, workspace, run.id, { alone, signal, over: over.signal });
  // Its failure is looked at below, after what it had to say about the run was shown.
  work.catch(() => {});
  await show(opened, workspace, run.id, options);
  over.abort();
  if (signal.aborted) {
    await work.catch(() => {});
    const ended = await getRun(rooms, workspace, run.id);
    if (!isAtRest(ended)) throw new Stopped(stoppedWords(sync.name, alone));
  } else {
    await work;
  }
  return { run: await getRun(rooms, workspace, run.id), waited: true };
}

/** A run that rests because its destination was full or away is taken up again, rather than refused as running. */
async function openOrStart(
  rooms: Rooms,
  who: Pick<Caller, "workspace" | "actor">,
  sync: SyncOverview,
  join: boolean,
): Promise<SyncRun> {
  const open = sync.enabled ? sync.openRun : undefined;
  if (open && isAtRest(open)) await resumeSync(rooms, who, sync.id);
  return open && (join || isAtRest(open)) ? open : runSync(rooms, who, sync.id);
}

const stoppedWords = (name: string, alone: boolean): string =>
  alone
    ? `Stopped. The run of ${name} goes on with the next "hawser sync run" or "hawser start".`
    : `Not waiting any longer. The run of ${name} goes on; "hawser sync watch" shows it.`;

async function show(
  { rooms, signal }: OpenedRooms,
  workspace: WorkspaceId,
  id: SyncRunId,
  options: OutputOptions,
): Promise<void> {
  const bar = startBar(isInteractive(options));
  const rate = rateMeter();
  try {
    for await (const run of followRun(rooms, workspace, id, signal)) bar.update(stepOf(run, rate(run.counts.bytes)));
  } finally {
    bar.stop();
  }
}
