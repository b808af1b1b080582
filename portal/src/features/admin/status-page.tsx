import { useQuery } from "@tanstack/react-query";
import { Compass, Database, ListOrdered } from "lucide-react";
import { hawser } from "../../lib/api.ts";
import type { InstanceStatus, InstanceWorkspace } from "../../lib/contract.ts";
import { formatAmount, formatBytes, formatCount, formatDuration } from "../../lib/format.ts";
import { keys } from "../../lib/query.ts";
import { useMe } from "../../lib/session.ts";
import { Card } from "../../ui/card.tsx";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { Time } from "../../ui/figures.tsx";
import { PageHead } from "../../ui/page-head.tsx";
import { Skeleton, SkeletonRows } from "../../ui/skeleton.tsx";
import { Stat, StatGrid } from "../../ui/stat.tsx";
import { EmptyState, FailedState } from "../../ui/states.tsx";
import { StatusBadge } from "../../ui/status-badge.tsx";

/** The installation as a whole; never the contents of a workspace. */
export function StatusPage() {
  const me = useMe();
  const status = useQuery({
    queryKey: keys.instance("status"),
    queryFn: ({ signal }) => hawser.instance.status({ signal }),
    refetchInterval: 10_000,
    enabled: me.instance_admin,
  });
  if (!me.instance_admin) {
    return (
      <>
        <PageHead title="Nothing here" />
        <EmptyState icon={Compass} title="There is nothing here, or you have no access to it" />
      </>
    );
  }
  return (
    <>
      <PageHead
        title="Instance"
        status={status.data && <Health status={status.data} />}
        facts={
          status.data ? (
            <>
              Hawser {status.data.version}, started <Time at={status.data.started_at} />, checked{" "}
              <Time at={status.dataUpdatedAt} />.
            </>
          ) : (
            <Skeleton className="mt-1 w-72" />
          )
        }
      />
      {status.error && (
        <FailedState what="The status could not be loaded" error={status.error} onRetry={status.refetch} />
      )}
      {!status.data && !status.error && (
        <Card>
          <SkeletonRows rows={8} />
        </Card>
      )}
      {status.data && <Status status={status.data} />}
      <Workspaces />
      {status.data && <Limits limits={status.data.limits} />}
    </>
  );
}

function Health({ status }: { status: InstanceStatus }) {
  if (!status.database.ok) return <StatusBadge look="pill" status="failed" label="Database does not answer" />;
  if (status.queue.failed > 0) return <StatusBadge look="pill" status="done_with_failures" label="Jobs failed" />;
  return <StatusBadge look="pill" status="active" label="In order" />;
}

function Status({ status }: { status: InstanceStatus }) {
  const { database, queue, process, providers } = status;
  return (
    <>
      <div className="grid grid-cols-1 items-start gap-4 xl:grid-cols-2">
        <Card
          title="Database"
          icon={Database}
          note={`PostgreSQL ${database.version}${database.embedded ? ", embedded" : ""}`}
        >
          <StatGrid className="rounded-b-lg">
            <Stat
              label="Answers in"
              value={formatDuration(database.latency_ms)}
              note={`${formatAmount(database.migrations, "migration")} applied`}
            />
            <Stat
              label="Size"
              value={formatBytes(database.size_bytes)}
              note={formatAmount(status.workspaces, "workspace")}
            />
          </StatGrid>
        </Card>
        <Card
          title="Queue"
          icon={ListOrdered}
          note={`this process: ${process.role}, Node ${process.node}, ${formatBytes(process.memory_bytes)}`}
        >
          <StatGrid columns="auto" className="rounded-b-lg">
            <Stat
              label="Waiting"
              value={formatCount(queue.waiting)}
              note={
                queue.oldest_waiting_s === null
                  ? "nothing waits"
                  : `oldest ${formatDuration(queue.oldest_waiting_s * 1000)}`
              }
            />
            <Stat label="Active" value={formatCount(queue.active)} />
            <Stat
              label="Failed"
              value={formatCount(queue.failed)}
              {...(queue.failed > 0 ? { tone: "bad" as const } : {})}
            />
          </StatGrid>
        </Card>
      </div>
      <Card title="Providers">
        {providers.length === 0 && <p className="px-4 py-3 text-muted">Nothing is connected yet.</p>}
        <ul>
          {providers.map((provider) => (
            <li key={provider.key} className="flex h-9 items-center gap-3 border-t border-border px-4 first:border-t-0">
              <span className="flex-1 font-medium">{provider.key}</span>
              <span className="text-muted">{formatAmount(provider.connections, "connection")}</span>
              {provider.in_error > 0 ? (
                <StatusBadge status="failed" label={`${formatCount(provider.in_error)} in error`} />
              ) : (
                <StatusBadge status="active" label="In order" />
              )}
            </li>
          ))}
        </ul>
      </Card>
    </>
  );
}

function Limits({ limits }: Pick<InstanceStatus, "limits">) {
  return (
    <Card title="Limits and settings" note="with where each value comes from">
      <ul className="grid-cols-2 gap-x-8 px-4 py-1 xl:grid">
        {limits.map((limit) => (
          <li key={limit.name} className="flex min-h-9 items-center gap-3 border-b border-border py-1">
            <code className="min-w-0 flex-1 text-xs wrap-anywhere">{limit.name}</code>
            <span className="max-w-1/3 truncate font-medium" title={limit.value}>
              {limit.value}
            </span>
            <span className="w-20 shrink-0 text-right text-muted">{limit.source}</span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

/** Narrow rows have no heads to say what is counted. */
const Amount = ({ count, noun }: { count: number; noun: string }) => (
  <>
    {formatCount(count)}
    <span className="md:hidden"> {noun}</span>
  </>
);

const columns: Column<InstanceWorkspace>[] = [
  {
    id: "name",
    head: "Workspace",
    narrow: "title",
    tip: (one) => one.name,
    cell: (one) => <span className="font-medium">{one.name}</span>,
  },
  { id: "members", head: "Members", width: "100px", align: "right", cell: (one) => formatCount(one.members) },
  {
    id: "syncs",
    head: "Syncs",
    width: "100px",
    align: "right",
    narrow: "line",
    cell: (one) => <Amount count={one.syncs} noun="syncs" />,
  },
  {
    id: "files",
    head: "Files",
    width: "120px",
    align: "right",
    narrow: "line",
    cell: (one) => <Amount count={one.files} noun="files" />,
  },
  {
    id: "made",
    head: "Made",
    width: "136px",
    align: "right",
    className: "text-muted",
    cell: (one) => <Time at={one.created_at} as="clock" />,
  },
];

function Workspaces() {
  const { data, error, refetch } = useQuery({
    queryKey: keys.instance("workspaces"),
    queryFn: ({ signal }) => hawser.instance.workspaces({ signal }),
  });
  return (
    <section className="grid grid-cols-1 gap-2">
      <h2 className="text-base font-semibold">Workspaces</h2>
      {error && <FailedState what="The workspaces could not be loaded" error={error} onRetry={refetch} />}
      {!data && !error && <SkeletonRows rows={3} />}
      {data && <DataTable label="Workspaces" columns={columns} rows={data.items} rowKey={(one) => one.id} />}
    </section>
  );
}
