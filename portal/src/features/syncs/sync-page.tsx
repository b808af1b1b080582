import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import type { SyncView } from "../../lib/contract.ts";
import { formatAmount, formatBytes, formatClock } from "../../lib/format.ts";
import { useWorkspace } from "../../lib/session.ts";
import { Link } from "../../ui/link.tsx";
import { PageHead } from "../../ui/page-head.tsx";
import { Skeleton, SkeletonRows } from "../../ui/skeleton.tsx";
import { FailedState } from "../../ui/states.tsx";
import { StatusBadge } from "../../ui/status-badge.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { syncQuery } from "./api.ts";
import { FilesTab } from "./files-tab.tsx";
import { HandoffsTab } from "./handoffs-tab.tsx";
import { HeldRemovals } from "./held-removals.tsx";
import { ProblemsTab } from "./problems-tab.tsx";
import { RunsTab } from "./runs-tab.tsx";
import { SettingsTab } from "./settings-tab.tsx";
import { SyncActionButtons } from "./sync-actions.tsx";
import { SyncDiagnosis } from "./sync-diagnosis.tsx";
import { SyncMooring } from "./sync-mooring.tsx";
import { VerifyTab } from "./verify-tab.tsx";
import { onDeleteShort, scheduleWords, statusOf, syncStatusWord } from "./words.ts";

export function SyncPage() {
  const workspace = useWorkspace();
  const { sync: id = "" } = useParams({ strict: false });
  const { data, error, refetch } = useQuery(syncQuery(workspace.id, id));
  if (data) return <Loaded sync={data} />;
  return (
    <>
      <PageHead title="Sync" crumbs={[<SyncsCrumb key="syncs" />]} />
      {error ? (
        <FailedState what="The sync could not be loaded" error={error} onRetry={refetch} />
      ) : (
        <>
          <Skeleton className="h-40" />
          <SkeletonRows label="Loading the sync" rows={10} />
        </>
      )}
    </>
  );
}

export function SyncsCrumb() {
  const { slug } = useWorkspace();
  return (
    <Link kind="quiet" to="/w/$workspace/syncs" params={{ workspace: slug }}>
      Syncs
    </Link>
  );
}

function Loaded({ sync }: { sync: SyncView }) {
  return (
    <>
      <PageHead
        title={sync.name}
        crumbs={[<SyncsCrumb key="syncs" />]}
        status={<StatusBadge status={statusOf(sync)} label={syncStatusWord[statusOf(sync)]} look="pill" />}
        facts={<Facts sync={sync} />}
        actions={<SyncActionButtons sync={sync} />}
      />
      <SyncDiagnosis sync={sync} />
      {sync.held_removals && <HeldRemovals sync={sync} held={sync.held_removals} />}
      <SyncMooring sync={sync} />
      <Tabs
        label="Parts of the sync"
        tabs={[
          { key: "files", label: "Files", count: sync.totals.files, content: () => <FilesTab sync={sync} /> },
          {
            key: "problems",
            label: "Problems",
            count: sync.totals.failed + (sync.last_run?.counts.folders_failed ?? 0) || undefined,
            bad: true,
            content: () => <ProblemsTab sync={sync} />,
          },
          ...(sync.handoff
            ? [{ key: "handoffs", label: "Hand-offs", content: () => <HandoffsTab sync={sync} /> }]
            : []),
          { key: "runs", label: "Runs", content: () => <RunsTab sync={sync} /> },
          { key: "verify", label: "Verify", content: () => <VerifyTab sync={sync} /> },
          { key: "settings", label: "Settings", content: () => <SettingsTab key={sync.id} sync={sync} /> },
        ]}
      />
    </>
  );
}

function Facts({ sync }: { sync: SyncView }) {
  const { slug } = useWorkspace();
  const next = sync.enabled && sync.next_run_at ? `, next at ${formatClock(sync.next_run_at)}` : "";
  const deletes = onDeleteShort[sync.on_delete];
  return (
    <>
      {scheduleWords(sync.schedule)}
      {next} · {formatAmount(sync.totals.files, "file")}, {formatBytes(sync.totals.bytes)} · {deletes}
      {" · "}
      <Link to="/w/$workspace/syncs/$sync" params={{ workspace: slug, sync: sync.id }} search={{ tab: "settings" }}>
        {sync.rules.length === 0 ? "no metadata rules" : formatAmount(sync.rules.length, "metadata rule")}
      </Link>
    </>
  );
}
