import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { ConnectionUsage, ConnectionView } from "../../lib/contract.ts";
import { formatAmount, formatCount, formatDay, formatTimeOfDay } from "../../lib/format.ts";
import { useSearchState } from "../../lib/search-state.ts";
import { useWorkspace } from "../../lib/session.ts";
import { Card } from "../../ui/card.tsx";
import { Chart, type ChartSeries } from "../../ui/chart.tsx";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { Time } from "../../ui/figures.tsx";
import { Select } from "../../ui/input.tsx";
import { Skeleton } from "../../ui/skeleton.tsx";
import { FailedState } from "../../ui/states.tsx";
import { usageQuery } from "./api.ts";
import { type UsePoint, withQuietTimes } from "./usage-points.ts";

const stretches = [
  { value: "3", label: "3 days, by hour" },
  { value: "14", label: "14 days" },
  { value: "90", label: "90 days" },
];

/** How often the credential was used, when and what for: drawn, and as tables for whoever does not see the drawing. */
export function Usage({ connection }: { connection: ConnectionView }) {
  const workspace = useWorkspace();
  const [days, setDays] = useSearchState("days", "14");
  const { data, error, refetch } = useQuery(usageQuery(workspace.id, connection.id, daysOf(days)));
  return (
    <Card
      title="Usage"
      note="of its credential"
      action={
        <span className="w-40">
          <Select aria-label="Stretch of time" value={String(daysOf(days))} onChange={setDays} options={stretches} />
        </span>
      }
    >
      {error && !data && (
        <FailedState className="m-3" what="The uses could not be loaded" error={error} onRetry={refetch} />
      )}
      {!error && !data && <Skeleton className="m-4 h-40" />}
      {data?.points.length === 0 && (
        <p className="px-4 py-3 text-muted">
          It was not used in these days. Each call that is signed with it is counted.
        </p>
      )}
      {data && data.points.length > 0 && <Drawn usage={data} />}
    </Card>
  );
}

const daysOf = (text: string): number => (stretches.some(({ value }) => value === text) ? Number(text) : 14);

function Drawn({ usage }: { usage: ConnectionUsage }) {
  const points = useMemo(() => withQuietTimes(usage, new Date()), [usage]);
  const { times, series } = useMemo(
    () => ({
      times: points.map(({ at }) => at.getTime()),
      series: [
        {
          label: "In order",
          tone: "running",
          values: points.map((one) => one.uses - one.failures),
          format: formatCount,
        },
        { label: "Failed", tone: "bad", values: points.map((one) => one.failures), format: formatCount },
      ] satisfies ChartSeries[],
    }),
    [points],
  );
  const total = points.reduce((sum, one) => sum + one.uses, 0);
  const failed = points.reduce((sum, one) => sum + one.failures, 0);
  return (
    <div className="grid grid-cols-1 gap-4 px-4 py-3">
      <p>
        {formatAmount(total, "use")}, {failed === 0 ? "none failed" : `${formatCount(failed)} failed`}
      </p>
      <Chart
        label={`Uses by ${usage.hourly ? "hour" : "day"}; the table below has the figures`}
        kind="stack"
        times={times}
        series={series}
      />
      <details>
        <summary className="w-fit text-muted hover:text-foreground">Figures by {usage.hourly ? "hour" : "day"}</summary>
        <DataTable
          className="mt-2"
          label={`Uses by ${usage.hourly ? "hour" : "day"}`}
          columns={pointColumns(usage.hourly)}
          rows={points.filter(({ uses }) => uses > 0).toReversed()}
          rowKey={({ at }) => at.toISOString()}
        />
      </details>
      <DataTable label="Uses by purpose" columns={purposeColumns} rows={usage.purposes} rowKey={(row) => row.purpose} />
    </div>
  );
}

const pointColumns = (hourly: boolean): Column<UsePoint>[] => [
  {
    id: "at",
    head: hourly ? "Hour" : "Day",
    narrow: "title",
    cell: ({ at }) => (hourly ? `${formatDay(at)}, ${formatTimeOfDay(at)}` : formatDay(at)),
  },
  { id: "uses", head: "Uses", width: "110px", align: "right", narrow: "end", cell: ({ uses }) => formatCount(uses) },
  { id: "failures", head: "Failed", width: "110px", align: "right", cell: ({ failures }) => formatCount(failures) },
];

const purposeColumns: Column<ConnectionUsage["purposes"][number]>[] = [
  {
    id: "purpose",
    head: "What for",
    narrow: "title",
    cell: ({ purpose }) => purpose.charAt(0).toUpperCase() + purpose.slice(1),
  },
  { id: "uses", head: "Uses", width: "110px", align: "right", narrow: "end", cell: ({ uses }) => formatCount(uses) },
  { id: "failures", head: "Failed", width: "110px", align: "right", cell: ({ failures }) => formatCount(failures) },
  {
    id: "last",
    head: "Last",
    width: "140px",
    align: "right",
    narrow: "line",
    className: "text-muted",
    cell: ({ last_at }) => <Time at={last_at} />,
  },
];
