import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import type { SyncRun, SyncView } from "../../lib/contract.ts";
import { formatAmount, formatBytes, formatClock, formatCount } from "../../lib/format.ts";
import { useForbidden, useWorkspace } from "../../lib/session.ts";
import { Button, ButtonLink } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { DiagnosisCard } from "../../ui/diagnosis-card.tsx";
import { Duration, Time } from "../../ui/figures.tsx";
import { Link } from "../../ui/link.tsx";
import { PageHead } from "../../ui/page-head.tsx";
import { ProgressBar } from "../../ui/progress-bar.tsx";
import { Skeleton, SkeletonRows } from "../../ui/skeleton.tsx";
import { Stat, StatGrid } from "../../ui/stat.tsx";
import { FailedState } from "../../ui/states.tsx";
import { StatusBadge } from "../../ui/status-badge.tsx";
import { toastError } from "../../ui/toast.tsx";
import { runQuery, syncQuery, useSyncActions } from "./api.ts";
import { MendRun, ResumeNow } from "./mend-button.tsx";
import { remedyOf } from "./remedies.ts";
import { RunLog } from "./run-log.tsx";
import { SyncsCrumb } from "./sync-page.tsx";
import { outcomeWords, phaseWords, restInOrderWords, restsWords, runLength, triggerWords } from "./words.ts";

export function SyncRunPage() {
  const workspace = useWorkspace();
  const { sync: syncId = "", run: id = "" } = useParams({ strict: false });
  const run = useQuery(runQuery(workspace.id, id));
  const sync = useQuery(syncQuery(workspace.id, syncId));
  const crumbs = [
    <SyncsCrumb key="syncs" />,
    <Link
      key="sync"
      kind="quiet"
      to="/w/$workspace/syncs/$sync"
      params={{ workspace: workspace.slug, sync: syncId }}
      search={{ tab: "runs" }}
    >
      {sync.data?.name ?? "Sync"}
    </Link>,
  ];
  if (!run.data) {
    return (
      <>
        <PageHead title="Run" crumbs={crumbs} />
        {run.error ? (
          <FailedState what="The run could not be loaded" error={run.error} onRetry={run.refetch} />
        ) : (
          <>
            <Skeleton className="h-24" />
            <SkeletonRows label="Loading the run" />
          </>
        )}
      </>
    );
  }
  const { data } = run;
  const open = data.finished_at === null;
  return (
    <>
      <PageHead
        title={`Run of ${formatClock(data.started_at ?? data.created_at)}`}
        crumbs={crumbs}
        status={<StatusBadge status={data.status} look="pill" />}
        facts={
          <>
            {triggerWords[data.trigger].charAt(0).toUpperCase() + triggerWords[data.trigger].slice(1)}
            {data.created_by && ` by ${data.created_by}`} · {open ? `${phaseWords[data.phase]}, for ` : "took "}
            <Duration ms={runLength(data)} /> · {open ? "so far " : ""}
            {outcomeWords(data)} · <code className="text-xs">{data.id}</code>
          </>
        }
        actions={<RunActions sync={sync.data} run={data} />}
      />
      <RunDiagnosis sync={sync.data} run={data} />
      <Counts run={data} />
      <RunLog run={data} />
    </>
  );
}

function RunActions({ sync, run }: { sync: SyncView | undefined; run: SyncRun }) {
  const workspace = useWorkspace();
  const forbidden = useForbidden("member");
  const actions = useSyncActions(workspace.id);
  if (run.finished_at || !sync) return null;
  return (
    <Button
      disabled={forbidden}
      onClick={() =>
        actions.cancel(sync.id).catch((error: unknown) => toastError("The run could not be cancelled", error))
      }
    >
      Cancel run
    </Button>
  );
}

function RunDiagnosis({ sync, run }: { sync: SyncView | undefined; run: SyncRun }) {
  const { slug } = useWorkspace();
  if (run.status === "paused" && run.failure && sync) {
    return (
      <DiagnosisCard
        status="failed"
        label="Destination"
        what={run.failure.message}
        effect={`${restsWords(run.counts.remaining)} ${remedyOf(run.failure.kind).turn}`}
        action={<ResumeNow sync={sync} kind="primary" />}
        details={<span>Kind: {run.failure.kind}</span>}
      />
    );
  }
  if (run.status !== "failed" && run.counts.failed + run.counts.folders_failed === 0) return null;
  // A later run may have mended it: then this one is history and needs no button.
  const latest = sync?.last_run?.id === run.id && !sync.open_run;
  if (run.status === "failed") {
    return (
      <DiagnosisCard
        status="failed"
        what={run.failure?.message ?? "The run failed"}
        effect={
          <>
            Since <Time at={run.finished_at} as="clock" />. {formatAmount(run.counts.remaining, "file")} waited; what
            was stored stays.{" "}
            {latest
              ? `The next run goes on from there. ${remedyOf(run.failure?.kind).turn}`
              : "Later runs have gone on from there."}
          </>
        }
        action={latest && sync && <MendRun sync={sync} failure={run.failure?.kind} kind="primary" />}
        details={run.failure && <span>Kind: {run.failure.kind}</span>}
      />
    );
  }
  return (
    <DiagnosisCard
      status="done_with_failures"
      what={
        run.counts.failed > 0
          ? `${formatAmount(run.counts.failed, "file")} could not be brought over`
          : `${formatAmount(run.counts.folders_failed, "folder")} could not be listed`
      }
      effect={`${restInOrderWords({ files: run.counts.failed, folders: run.counts.folders_failed })} The causes are listed at the sync, each with its button.`}
      action={
        <ButtonLink
          {...(latest ? { kind: "primary" as const } : {})}
          to="/w/$workspace/syncs/$sync"
          params={{ workspace: slug, sync: run.sync_id }}
          search={{ tab: "problems" }}
        >
          Look at the causes
        </ButtonLink>
      }
    />
  );
}

/** The counts of a run; those after the first add up to it. */
function Counts({ run: { counts, finished_at, phase } }: { run: SyncRun }) {
  const done = counts.found > 0 ? (counts.found - counts.remaining) / counts.found : undefined;
  return (
    <Card className="overflow-hidden">
      <StatGrid columns="auto">
        <Stat label="Found" value={formatCount(counts.found)} note={`in ${formatAmount(counts.folders, "folder")}`} />
        <Stat label="New" value={formatCount(counts.created)} note={formatBytes(counts.bytes)} />
        <Stat label="Changed" value={formatCount(counts.updated)} />
        <Stat label="Moved" value={formatCount(counts.moved)} note="not copied again" />
        <Stat label="Unchanged" value={formatCount(counts.unchanged)} />
        <Stat label="Left out" value={formatCount(counts.skipped)} />
        <Stat label="Failed" value={formatCount(counts.failed)} tone={counts.failed > 0 ? "bad" : undefined} />
        {counts.remaining > 0 && (
          <Stat label="Remaining" value={formatCount(counts.remaining)} note={formatBytes(counts.remaining_bytes)} />
        )}
      </StatGrid>
      <p className="flex flex-wrap items-center gap-x-3 border-t border-border px-4 py-2 text-xs text-muted">
        <span>
          {formatCount(counts.deleted)} gone at the source
          {counts.held > 0 && `, ${formatCount(counts.held)} held for a person`}
        </span>
        {counts.folders_failed > 0 && (
          <span className="text-warning">{formatAmount(counts.folders_failed, "folder")} could not be listed</span>
        )}
        {!finished_at && (
          <ProgressBar
            className="ml-auto w-40"
            label="Files dealt with"
            {...(phase === "listing" || done === undefined ? {} : { value: done })}
          />
        )}
      </p>
    </Card>
  );
}
