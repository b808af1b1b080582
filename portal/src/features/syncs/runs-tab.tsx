import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { History } from "lucide-react";
import { useMemo } from "react";
import type { SyncRun, SyncView } from "../../lib/contract.ts";
import { formatCount } from "../../lib/format.ts";
import { useWorkspace } from "../../lib/session.ts";
import { Card } from "../../ui/card.tsx";
import { Chart, type ChartSeries } from "../../ui/chart.tsx";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { Duration, Time } from "../../ui/figures.tsx";
import { Link } from "../../ui/link.tsx";
import { SkeletonRows } from "../../ui/skeleton.tsx";
import { EmptyState, FailedState } from "../../ui/states.tsx";
import { StatusBadge } from "../../ui/status-badge.tsx";
import { runListQuery } from "./api.ts";
import { runLength, triggerWords } from "./words.ts";

/** What each run found and did; the counts of a row add up to what was found. */
export function RunsTab({ sync }: { sync: SyncView }) {
  const workspace = useWorkspace();
  const navigate = useNavigate();
  const list = useInfiniteQuery(runListQuery(workspace.id, sync.id));
  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.items) ?? [], [list.data]);
  if (list.error && !list.data)
    return <FailedState what="The runs could not be loaded" error={list.error} onRetry={list.refetch} />;
  if (list.isPending) return <SkeletonRows label="Loading the runs" />;
  if (rows.length === 0) {
    return (
      <EmptyState icon={History} title="No runs yet">
        Each run is kept here with its counts and its log.
      </EmptyState>
    );
  }
  return (
    <div className="grid grid-cols-1 gap-4">
      {rows.length > 2 && <RunsChart runs={rows} />}
      <DataTable
        label={`Runs of ${sync.name}`}
        columns={runColumns(workspace.slug, sync.id)}
        rows={rows}
        rowKey={(row) => row.id}
        detail={(row) => row.failure && <p className="truncate text-bad">{row.failure.message}</p>}
        onOpen={(row) =>
          void navigate({
            to: "/w/$workspace/syncs/$sync/runs/$run",
            params: { workspace: workspace.slug, sync: sync.id, run: row.id },
          })
        }
        hasMore={list.hasNextPage}
        loadingMore={list.isFetchingNextPage}
        onMore={() => void list.fetchNextPage()}
      />
    </div>
  );
}

const drawn = [
  { key: "created", label: "New", tone: "good" },
  { key: "updated", label: "Changed", tone: "running" },
  { key: "moved", label: "Moved", tone: "primary" },
  { key: "deleted", label: "Gone", tone: "idle" },
  { key: "failed", label: "Failed", tone: "bad" },
] as const;

function RunsChart({ runs }: { runs: readonly SyncRun[] }) {
  const { times, series } = useMemo(() => {
    const shown = runs.slice(0, 50).toReversed();
    return {
      times: shown.map((run) => new Date(run.created_at).getTime()),
      series: drawn.map(
        ({ key, label, tone }): ChartSeries => ({
          label,
          tone,
          values: shown.map((run) => run.counts[key]),
          format: formatCount,
        }),
      ),
    };
  }, [runs]);
  return (
    <Card title="Files by run" note="unchanged ones left out">
      <div className="p-3">
        <Chart
          kind="stack"
          label="New, changed, moved, gone and failed files of the latest runs"
          times={times}
          series={series}
          height={140}
        />
      </div>
    </Card>
  );
}

function runColumns(slug: string, sync: string): Column<SyncRun>[] {
  const count = (id: keyof SyncRun["counts"], head: string, width = "76px"): Column<SyncRun> => ({
    id,
    head,
    width,
    align: "right",
    cell: ({ counts }) => {
      const value = counts[id];
      if (id === "failed" && value > 0) return <span className="font-medium text-bad">{formatCount(value)}</span>;
      return <span className={value === 0 ? "text-muted" : undefined}>{formatCount(value)}</span>;
    },
  });
  return [
    {
      id: "started",
      head: "Started",
      narrow: "title",
      cell: (run) => (
        <Link kind="thing" to="/w/$workspace/syncs/$sync/runs/$run" params={{ workspace: slug, sync, run: run.id }}>
          <Time at={run.started_at ?? run.created_at} as="clock" />
        </Link>
      ),
    },
    {
      id: "trigger",
      head: "Why",
      tip: (run) => triggerWords[run.trigger],
      width: "140px",
      narrow: "line",
      className: "text-muted",
      cell: (run) => triggerWords[run.trigger],
    },
    { id: "status", head: "Status", width: "160px", narrow: "end", cell: (run) => <StatusBadge status={run.status} /> },
    {
      ...count("found", "Found"),
      narrow: "line",
      cell: (run) => (
        <>
          {formatCount(run.counts.found)}
          <span className="md:hidden"> found</span>
        </>
      ),
    },
    count("created", "New", "60px"),
    count("updated", "Changed"),
    count("moved", "Moved", "68px"),
    count("unchanged", "Unchanged", "88px"),
    count("skipped", "Left out", "72px"),
    count("failed", "Failed", "64px"),
    {
      id: "took",
      head: "Took",
      width: "96px",
      align: "right",
      className: "text-muted",
      cell: (run) => <Duration ms={runLength(run)} />,
    },
  ];
}
