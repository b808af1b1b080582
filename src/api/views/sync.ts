import type { z } from "zod";
import type { LiveEvent } from "#domain/events/live.ts";
import type { Attention } from "#domain/syncs/attention.ts";
import type { Home } from "#domain/syncs/home.ts";
import type { Problem } from "#domain/syncs/list-problems.ts";
import type { Preview } from "#domain/syncs/preview.ts";
import type { PushState } from "#domain/syncs/push/describe-push.ts";
import type { LogLine } from "#domain/syncs/read-runs.ts";
import type { SyncOverview } from "#domain/syncs/read-syncs.ts";
import type { Sync, SyncRun } from "#domain/syncs/sync.ts";
import type { DestinationTest } from "#domain/syncs/test-destination.ts";
import type { Verification } from "#domain/syncs/verify/verification.ts";
import type * as contract from "../contract/syncs.ts";
import { toFailureView } from "./connection.ts";
import { toTime } from "./time.ts";

export function toSyncView(sync: SyncOverview, push: PushState): z.input<typeof contract.syncView> {
  return {
    id: sync.id,
    connection: sync.connection,
    name: sync.name,
    description: sync.description,
    tags: sync.tags,
    status: sync.status,
    enabled: sync.enabled,
    drive: sync.drive,
    folders: sync.folders,
    filters: sync.filters,
    max_files_per_run: sync.maxFilesPerRun,
    rules: sync.rules,
    destination: toDestinationView(sync.destination),
    on_delete: sync.onDelete,
    exports: sync.exports,
    schedule: sync.schedule,
    next_run_at: toTime(sync.nextRunAt),
    schedule_failure: sync.scheduleFailure ?? null,
    handoff: sync.handoff && {
      connection_id: sync.handoff.connection_id,
      connection_name: sync.receiver?.name ?? "",
      connection_status: sync.receiver?.status ?? "inactive",
    },
    push: {
      state: push.state,
      since: toTime(push.since),
      expires_at: toTime(push.expiresAt),
      last_notice_at: toTime(push.lastNoticeAt),
      reason: push.reason ?? null,
    },
    totals: sync.totals,
    held_removals:
      sync.heldRemovals > 0
        ? { files: sync.heldRemovals, of: sync.totals.files, since: (sync.heldSince ?? sync.updatedAt).toISOString() }
        : null,
    open_run: sync.openRun ? toRunView(sync.openRun) : null,
    last_run: sync.lastRun ? toRunView(sync.lastRun) : null,
    created_at: sync.createdAt.toISOString(),
    created_by: sync.createdBy ?? null,
    updated_at: sync.updatedAt.toISOString(),
  };
}

function toDestinationView(destination: Sync["destination"]): z.input<typeof contract.destination> {
  if (destination.kind === "none") return { kind: "none" };
  // The identity is not for others.
  const { identity: _, ...shown } = destination;
  return shown;
}

export const toRunView = (run: SyncRun): z.input<typeof contract.syncRunView> => ({
  id: run.id,
  sync_id: run.sync,
  trigger: run.trigger,
  status: run.status,
  phase: run.phase,
  counts: run.counts,
  stopped_at_maximum: run.stoppedAtMaximum,
  slowed: run.slowed ? { at: run.slowed.at.toISOString(), until: toTime(run.slowed.until) } : null,
  requests: run.requests,
  quota: run.quota
    ? {
        limit: run.quota.limit ?? null,
        remaining: run.quota.remaining,
        resets_at: toTime(run.quota.resetsAt),
        counted_by: run.quota.countedBy,
        note: run.quota.note ?? null,
      }
    : null,
  failure: toFailureView(run.failure),
  created_at: run.createdAt.toISOString(),
  created_by: run.createdBy ?? null,
  scheduled_for: toTime(run.scheduledFor),
  started_at: toTime(run.startedAt),
  listed_at: toTime(run.listedAt),
  finished_at: toTime(run.finishedAt),
  updated_at: run.updatedAt.toISOString(),
});

export const toLogView = ({ file, at, ...line }: LogLine) => ({ ...line, at: at.toISOString(), file_id: file });

export const toProblemView = ({ since, ...problem }: Problem) => ({ ...problem, since: toTime(since) });

export const toPreviewView = (preview: Preview): z.input<NonNullable<typeof contract.previewSelection.reply>> => ({
  files_seen: preview.filesSeen,
  files_kept: preview.filesKept,
  truncated: preview.truncated,
  folders_seen: preview.foldersSeen,
  folders_matched: preview.foldersMatched,
  paths: preview.paths,
  values: preview.values,
  documents: preview.documents.map(({ mediaType, as, files }) => ({ media_type: mediaType, as, files })),
  unreadable: preview.unreadable,
});

export const toDestinationTestView = (test: DestinationTest) => ({
  ok: test.ok,
  free_bytes: test.freeBytes ?? null,
  failure: toFailureView(test.failure),
  took_ms: test.tookMs,
});

export const toHomeView = (home: Home): z.input<NonNullable<typeof contract.home.reply>> => ({
  attention: home.attention.map(toAttentionView),
  running: home.running.map(({ sync, run }) => ({ sync: toSyncMark(sync), run: toRunView(run) })),
  next: home.next.map(({ at, sync, schedule }) => ({ at: at.toISOString(), sync: toSyncMark(sync), schedule })),
  connections: { total: home.connections.total, in_order: home.connections.inOrder },
  files: { total: home.files.total, bytes: home.files.bytes, changed_today: home.files.changedToday },
  runs_24h: {
    total: home.runs24h.total,
    failed: home.runs24h.failed,
    by_hour: home.runs24h.byHour.map((hour) => ({ ...hour, at: hour.at.toISOString() })),
  },
  first_steps: {
    connected: home.firstSteps.connected,
    sync_made: home.firstSteps.syncMade,
    file_synced: home.firstSteps.fileSynced,
  },
});

const toSyncMark = (sync: Sync) => ({
  id: sync.id,
  name: sync.name,
  provider: sync.connection.provider,
  destination: sync.destination.kind,
});

const toAttentionView = (attention: Attention): z.input<typeof contract.attention> => ({
  kind: attention.kind,
  title: attention.title,
  detail: attention.detail,
  since: toTime(attention.since),
  connection_id: attention.connection ?? null,
  sync_id: attention.sync ?? null,
});

export function toLiveView(event: LiveEvent<SyncRun>): z.input<typeof contract.liveEvent> {
  switch (event.type) {
    case "sync_run":
      return { type: "sync_run", sync_id: event.sync, run: toRunView(event.run) };
    case "changed":
      return { type: "changed", what: event.what, ...(event.sync && { sync_id: event.sync }) };
    case "resync":
      return { type: "resync" };
  }
}

export const toVerificationView = (verification: Verification): z.input<typeof contract.verification> => ({
  state: verification.state,
  checked: verification.checked,
  different: verification.different,
  differences: verification.differences.map(({ fileId, ...difference }) => ({
    ...difference,
    file_id: fileId ?? null,
  })),
  failure: verification.failure ?? null,
  created_at: verification.createdAt.toISOString(),
  started_at: verification.startedAt?.toISOString() ?? null,
  finished_at: verification.finishedAt?.toISOString() ?? null,
});
