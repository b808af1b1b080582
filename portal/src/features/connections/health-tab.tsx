import { useInfiniteQuery } from "@tanstack/react-query";
import { HeartPulse } from "lucide-react";
import type { ConnectionCheck, ConnectionView } from "../../lib/contract.ts";
import { useWorkspace } from "../../lib/session.ts";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { Duration, Time } from "../../ui/figures.tsx";
import { SkeletonRows } from "../../ui/skeleton.tsx";
import { EmptyState, FailedState } from "../../ui/states.tsx";
import { StatusBadge } from "../../ui/status-badge.tsx";
import { checksQuery } from "./api.ts";

/** Every test of a connection, the newest first: by whom, how long it took, what was wrong. */
export function HealthTab({ connection }: { connection: ConnectionView }) {
  const workspace = useWorkspace();
  const list = useInfiniteQuery(checksQuery(workspace.id, connection.id));
  if (list.error && !list.data)
    return <FailedState what="The tests could not be loaded" error={list.error} onRetry={list.refetch} />;
  if (!list.data) return <SkeletonRows label="Loading the tests" />;
  const rows = list.data.pages.flatMap((page) => page.items);
  if (rows.length === 0) {
    return (
      <EmptyState icon={HeartPulse} title="Not tested yet">
        Hawser tests each connection by itself a few times a day; what it finds is kept here.
      </EmptyState>
    );
  }
  return (
    <DataTable
      label={`Tests of ${connection.name}`}
      columns={columns}
      rows={rows}
      rowKey={(row) => row.at}
      detail={(row) =>
        row.failure && (
          <p className="truncate text-bad" title={row.failure.message}>
            {row.failure.message}
          </p>
        )
      }
      hasMore={list.hasNextPage}
      loadingMore={list.isFetchingNextPage}
      onMore={() => void list.fetchNextPage()}
    />
  );
}

const triggers: Record<ConnectionCheck["trigger"], string> = {
  person: "Asked for by a person",
  schedule: "On schedule",
  connect: "When it was connected",
  change: "After a change",
};

const columns: Column<ConnectionCheck>[] = [
  {
    id: "result",
    head: "Result",
    width: "180px",
    narrow: "title",
    cell: ({ failure }) => <StatusBadge status={failure ? "failed" : "active"} label={failure ? "Failed" : "Passed"} />,
  },
  { id: "trigger", head: "Why", narrow: "line", cell: ({ trigger }) => triggers[trigger] },
  {
    id: "took",
    head: "Took",
    width: "110px",
    align: "right",
    narrow: "line",
    cell: ({ took_ms }) => <Duration ms={took_ms} />,
  },
  {
    id: "at",
    head: "When",
    width: "150px",
    align: "right",
    narrow: "end",
    className: "text-muted",
    cell: ({ at }) => <Time at={at} />,
  },
];
