import type { ConnectionId, FileId, SyncId, SyncRunId } from "#core/ids.ts";
import type { ConnectionDeps } from "#domain/connections/open-connection.ts";
import type { Live } from "#domain/events/live.ts";
import { streamLive } from "#domain/events/stream-live.ts";
import { createSync, type SyncDeps } from "#domain/syncs/create-sync.ts";
import { deleteSync } from "#domain/syncs/delete-sync.ts";
import { readFileHistory } from "#domain/syncs/file-history.ts";
import { getFile } from "#domain/syncs/get-file.ts";
import { readHome } from "#domain/syncs/home.ts";
import { listFiles } from "#domain/syncs/list-files.ts";
import { listProblems } from "#domain/syncs/list-problems.ts";
import { listStores } from "#domain/syncs/list-stores.ts";
import * as operate from "#domain/syncs/operate-sync.ts";
import { previewSelection } from "#domain/syncs/preview.ts";
import { previewSchedule } from "#domain/syncs/preview-schedule.ts";
import { describePush } from "#domain/syncs/push/describe-push.ts";
import { getRun, listRuns, readRunLog } from "#domain/syncs/read-runs.ts";
import { getSync, listSyncs, type SyncOverview } from "#domain/syncs/read-syncs.ts";
import type { SyncRun } from "#domain/syncs/sync.ts";
import { testDestination } from "#domain/syncs/test-destination.ts";
import { updateSync } from "#domain/syncs/update-sync.ts";
import { readVerification, verifySync } from "#domain/syncs/verify/verify-sync.ts";
import * as contract from "../contract/syncs.ts";
import { type Handler, handle, handleStream } from "../handle.ts";
import { toExplainedFileView, toFileEventView, toFileView } from "../views/file.ts";
import {
  toDestinationTestView,
  toHomeView,
  toLiveView,
  toLogView,
  toPreviewView,
  toProblemView,
  toRunView,
  toSyncView,
  toVerificationView,
} from "../views/sync.ts";

export interface SyncHandlerDeps extends SyncDeps, ConnectionDeps {
  live: Live<SyncRun>;
}

export const syncHandlers = (deps: SyncHandlerDeps): Handler[] => [
  handle(contract.listSyncs, async ({ workspace, query }) => {
    const { items, ...more } = await listSyncs(deps, workspace, query);
    return { items: items.map((sync) => show(deps, sync)), ...more };
  }),
  handle(contract.createSync, async (ctx) => {
    const { connection_id, max_files_per_run, on_delete, ...wanted } = ctx.body;
    const made = await createSync(
      deps,
      ctx,
      {
        ...wanted,
        connection: connection_id as ConnectionId,
        maxFilesPerRun: max_files_per_run,
        onDelete: on_delete,
      },
      { run: ctx.query.run === "true" },
      (tx, sync) => ctx.complete(tx, show(deps, sync)),
    );
    return show(deps, made);
  }),
  handle(contract.getSync, async ({ workspace, params }) =>
    show(deps, await getSync(deps, workspace, params.id as SyncId)),
  ),
  handle(contract.updateSync, async (ctx) => {
    const { max_files_per_run, on_delete, ...change } = ctx.body;
    return show(
      deps,
      await updateSync(deps, ctx, ctx.params.id as SyncId, {
        ...change,
        maxFilesPerRun: max_files_per_run,
        onDelete: on_delete,
      }),
    );
  }),
  handle(contract.deleteSync, (ctx) => deleteSync(deps, ctx, ctx.params.id as SyncId)),

  handle(contract.runSync, async (ctx) =>
    toRunView(await operate.runSync(deps, ctx, ctx.params.id as SyncId, (tx, run) => ctx.complete(tx, toRunView(run)))),
  ),
  handle(contract.pauseSync, async (ctx) => show(deps, await operate.pauseSync(deps, ctx, ctx.params.id as SyncId))),
  handle(contract.resumeSync, async (ctx) => show(deps, await operate.resumeSync(deps, ctx, ctx.params.id as SyncId))),
  handle(contract.cancelRun, async (ctx) => toRunView(await operate.cancelRun(deps, ctx, ctx.params.id as SyncId))),
  handle(contract.retryFailed, async (ctx) =>
    toRunView(
      await operate.retryFailed(deps, ctx, ctx.params.id as SyncId, ctx.body.files as FileId[] | undefined, (tx, run) =>
        ctx.complete(tx, toRunView(run)),
      ),
    ),
  ),
  handle(contract.decideRemovals, async (ctx) =>
    toRunView(await operate.decideRemovals(deps, ctx, ctx.params.id as SyncId, ctx.body.decision)),
  ),

  handle(contract.verifySync, async (ctx) =>
    toVerificationView(await verifySync(deps, ctx, ctx.params.id as SyncId, ctx.body)),
  ),
  handle(contract.getVerification, async ({ workspace, params }) => {
    const latest = await readVerification(deps, workspace, params.id as SyncId);
    return { latest: latest ? toVerificationView(latest) : null };
  }),

  handle(contract.upcomingTicks, async ({ body }) => ({
    next: previewSchedule(deps, body.schedule).map((tick) => tick.toISOString()),
  })),
  handle(contract.previewSelection, async (ctx) => {
    const { connection_id, ...wish } = ctx.body;
    return toPreviewView(await previewSelection(deps, ctx, { ...wish, connection: connection_id as ConnectionId }));
  }),

  handle(contract.listFiles, async ({ workspace, params, query }) => {
    const { items, ...more } = await listFiles(deps, workspace, params.id as SyncId, query);
    return { items: items.map(toFileView), ...more };
  }),
  handle(contract.getFile, async ({ workspace, params }) =>
    toExplainedFileView(await getFile(deps, workspace, params.sync as SyncId, params.id as FileId)),
  ),
  handle(contract.fileHistory, async ({ workspace, params }) => ({
    items: (await readFileHistory(deps, workspace, params.sync as SyncId, params.id as FileId)).map(toFileEventView),
  })),
  handle(contract.listProblems, async ({ workspace, params }) => ({
    items: (await listProblems(deps, workspace, params.id as SyncId)).map(toProblemView),
  })),

  handle(contract.listRuns, async ({ workspace, params, query }) => {
    const { items, ...more } = await listRuns(deps, workspace, params.id as SyncId, query);
    return { items: items.map(toRunView), ...more };
  }),
  handle(contract.getRun, async ({ workspace, params }) =>
    toRunView(await getRun(deps, workspace, params.id as SyncRunId)),
  ),
  handle(contract.runLog, async ({ workspace, params, query }) => {
    const { items, ...more } = await readRunLog(deps, workspace, params.id as SyncRunId, query);
    return { items: items.map(toLogView), ...more };
  }),

  handle(contract.listDestinations, async ({ workspace }) => ({
    roots: [...deps.destinationRoots.keys()].sort().map((root) => ({ kind: "local-folder" as const, root })),
    stores: (await listStores(deps, workspace)).map(({ id, name, provider }) => ({
      kind: "store" as const,
      connection_id: id,
      name,
      provider,
    })),
  })),
  handle(contract.testDestination, async (ctx) =>
    toDestinationTestView(await testDestination(deps, ctx, ctx.body.destination)),
  ),

  handle(contract.home, async ({ workspace }) => toHomeView(await readHome(deps, workspace))),
  handleStream(contract.live, async function* ({ workspace, signal }) {
    for await (const event of streamLive(deps.live, workspace, signal)) yield toLiveView(event);
  }),
];

const show = (deps: SyncHandlerDeps, sync: SyncOverview) => toSyncView(sync, describePush(deps, sync));
