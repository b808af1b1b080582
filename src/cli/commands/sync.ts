import { toRunView, toSyncView } from "#api/views/sync.ts";
import { pauseSync, resumeSync } from "#domain/syncs/operate-sync.ts";
import { describePush } from "#domain/syncs/push/describe-push.ts";
import { listSyncs, type SyncOverview } from "#domain/syncs/read-syncs.ts";
import { followSync } from "../follow-run.ts";
import { bytesInWords, count, isInteractive, minuteOf, type OutputOptions, print, table } from "../output.ts";
import { startBar } from "../progress.ts";
import { withRooms } from "../rooms.ts";
import { endOf, rateMeter, stepOf } from "../run-progress.ts";
import { findSyncNamed, runAndReport } from "../run-sync.ts";
import { scheduleInWords } from "../sync-options.ts";
import { chooseWorkspace, everyPage } from "../workspaces.ts";

export interface SyncOptions extends OutputOptions {
  workspace?: string;
}

export const list = (options: SyncOptions): Promise<void> =>
  withRooms(async ({ rooms }) => {
    const workspace = await chooseWorkspace(rooms.database, options.workspace);
    const syncs = await Array.fromAsync(everyPage((page) => listSyncs(rooms, workspace.id, page)));
    print(options, { items: syncs.map((sync) => toSyncView(sync, describePush(rooms, sync))) }, () =>
      syncs.length === 0
        ? [`There is no sync in ${workspace.name} yet. "hawser sync add --help" shows how to make one.`]
        : table(["NAME", "STATUS", "FILES", "SIZE", "SCHEDULE", "NEXT RUN", "FROM", "TO"], syncs.map(rowOf), [
            "FILES",
            "SIZE",
          ]),
    );
  });

const rowOf = (sync: SyncOverview): string[] => [
  sync.name,
  sync.status.replaceAll("_", " "),
  count(sync.totals.files),
  bytesInWords(sync.totals.bytes),
  scheduleInWords(sync.schedule),
  sync.nextRunAt && sync.enabled ? minuteOf(sync.nextRunAt) : "-",
  sync.connection.name,
  placeOf(sync.destination),
];

function placeOf(destination: SyncOverview["destination"]): string {
  if (destination.kind === "none") return "-";
  return `${destination.kind === "store" ? "bucket" : destination.root}/${destination.folder}`;
}

export const run = (name: string, options: SyncOptions & { wait?: boolean }): Promise<void> =>
  withRooms(async (opened) => {
    const workspace = await chooseWorkspace(opened.rooms.database, options.workspace);
    const sync = await findSyncNamed(opened.rooms, workspace.id, name);
    const { run, waited } = await runAndReport(opened, workspace.id, sync, options);
    print(options, toRunView(run), () =>
      waited
        ? endOf(sync.name, run)
        : [`${sync.name} is queued: a Hawser process takes it up. "hawser sync watch" shows how it goes.`],
    );
    if (waited && run.status !== "done") process.exitCode = 1;
  });

/** Shows how the runs of a sync go, until it is interrupted. */
export const watch = (name: string, options: SyncOptions): Promise<void> =>
  withRooms(async ({ rooms, signal }) => {
    const { id: workspace } = await chooseWorkspace(rooms.database, options.workspace);
    const sync = await findSyncNamed(rooms, workspace, name);
    if (!options.json) console.error(`Watching ${sync.name}; Ctrl-C ends it.`);
    let drawn = startBar(false);
    let drawing: string | undefined;
    let rate = rateMeter();
    for await (const run of followSync(rooms, workspace, sync.id, signal)) {
      const open = run.status === "queued" || run.status === "running";
      if (options.json) console.log(JSON.stringify({ sync: sync.name, ...toRunView(run) }));
      else if (open && drawing !== run.id) {
        rate = rateMeter();
        drawing = run.id;
        drawn = startBar(isInteractive(options));
        if (!isInteractive(options)) console.log(endOf(sync.name, run).join("\n"));
      }
      drawn.update(stepOf(run, rate(run.counts.bytes)));
      if (open) continue;
      drawn.stop();
      drawn = startBar(false);
      drawing = undefined;
      if (!options.json) console.log(endOf(sync.name, run).join("\n"));
    }
    drawn.stop();
  });

export const pause = (name: string, options: SyncOptions): Promise<void> =>
  change(name, options, pauseSync, (sync) => `${sync.name} is paused: nothing runs until it is resumed.`);

export const resume = (name: string, options: SyncOptions): Promise<void> =>
  change(name, options, resumeSync, (sync) =>
    sync.nextRunAt ? `${sync.name} runs again, next at ${minuteOf(sync.nextRunAt)}.` : `${sync.name} is resumed.`,
  );

const change = (
  name: string,
  options: SyncOptions,
  how: typeof pauseSync,
  said: (sync: SyncOverview) => string,
): Promise<void> =>
  withRooms(async ({ rooms, actor }) => {
    const { id: workspace } = await chooseWorkspace(rooms.database, options.workspace);
    const { id } = await findSyncNamed(rooms, workspace, name);
    const sync = await how(rooms, { workspace, actor }, id);
    print(options, toSyncView(sync, describePush(rooms, sync)), () => [said(sync)]);
  });
