import { Pause, Play } from "lucide-react";
import type { SyncView } from "../../lib/contract.ts";
import { formatCount } from "../../lib/format.ts";
import { IconButton } from "../../ui/button.tsx";
import type { Column } from "../../ui/data-table.tsx";
import { Time } from "../../ui/figures.tsx";
import { Link } from "../../ui/link.tsx";
import { MooringLine } from "../../ui/mooring-line.tsx";
import { StatusBadge } from "../../ui/status-badge.tsx";
import { toast, toastError } from "../../ui/toast.tsx";
import type { SyncActions } from "./api.ts";
import { destinationEnd, mooringOf, nextRunWords, scheduleWords, statusOf, syncStatusWord } from "./words.ts";

export function syncColumns(slug: string, actions: SyncActions, forbidden: string | undefined): Column<SyncView>[] {
  return [
    {
      id: "name",
      head: "Name",
      narrow: "title",
      tip: (row) => row.name,
      cell: (row) => (
        <span className="flex items-center gap-3">
          <MooringLine
            from={{ id: row.connection.provider, name: row.connection.provider }}
            to={destinationEnd(row.destination)}
            state={mooringOf(statusOf(row))}
            className="max-md:hidden"
          />
          <Link
            kind="thing"
            className="truncate"
            to="/w/$workspace/syncs/$sync"
            params={{ workspace: slug, sync: row.id }}
          >
            {row.name}
          </Link>
        </span>
      ),
    },
    {
      id: "status",
      head: "Status",
      width: "176px",
      narrow: "end",
      cell: (row) => <StatusBadge status={statusOf(row)} label={syncStatusWord[statusOf(row)]} />,
    },
    {
      id: "files",
      head: "Files",
      width: "76px",
      align: "right",
      narrow: "line",
      cell: (row) => (
        <>
          {formatCount(row.totals.files)}
          <span className="md:hidden"> files</span>
        </>
      ),
    },
    {
      id: "failed",
      head: "Failed",
      width: "64px",
      align: "right",
      cell: (row) =>
        row.totals.failed === 0 ? (
          <span className="text-muted">0</span>
        ) : (
          <Link
            kind="thing"
            className="text-bad"
            to="/w/$workspace/syncs/$sync"
            params={{ workspace: slug, sync: row.id }}
            search={{ tab: "problems" }}
          >
            {formatCount(row.totals.failed)}
          </Link>
        ),
    },
    {
      id: "last",
      head: "Last run",
      width: "104px",
      align: "right",
      narrow: "line",
      className: "text-muted",
      cell: (row) => <LastRun sync={row} />,
    },
    {
      id: "next",
      head: "Next run",
      width: "104px",
      align: "right",
      className: "text-muted",
      tip: (row) => scheduleWords(row.schedule),
      cell: nextRunWords,
    },
    {
      id: "actions",
      head: "Actions",
      width: "88px",
      align: "right",
      className: "overflow-visible px-2",
      cell: (row) => <RowActions sync={row} actions={actions} forbidden={forbidden} />,
    },
  ];
}

function LastRun({ sync }: { sync: SyncView }) {
  if (sync.open_run?.status === "running") return <>running now</>;
  return sync.last_run ? (
    <>
      <span className="md:hidden">ran </span>
      <Time at={sync.last_run.finished_at ?? sync.last_run.created_at} />
    </>
  ) : (
    <>never run</>
  );
}

interface RowActionsProps {
  sync: SyncView;
  actions: SyncActions;
  forbidden: string | undefined;
}

function RowActions({ sync, actions, forbidden }: RowActionsProps) {
  const attempt = (what: string, work: () => Promise<unknown>) => {
    work().catch((error: unknown) => toastError(`“${sync.name}” could not be ${what}`, error));
  };
  const pause = async () => {
    await actions.pause(sync.id);
    toast(`${sync.name} is paused.`, { undo: () => actions.resume(sync.id) });
  };
  const paused = sync.status === "paused" || !sync.enabled;
  const open = sync.open_run !== null;
  return (
    <span className="inline-flex">
      {paused ? (
        <IconButton
          icon={Play}
          label={`Resume ${sync.name}`}
          disabled={forbidden}
          onClick={() => attempt("resumed", () => actions.resume(sync.id))}
        />
      ) : (
        <>
          {!open && (
            <IconButton
              icon={Play}
              label={`Run ${sync.name} now`}
              disabled={forbidden}
              onClick={() => attempt("started", () => actions.run(sync.id))}
            />
          )}
          <IconButton
            icon={Pause}
            label={`Pause ${sync.name}`}
            disabled={forbidden}
            onClick={() => attempt("paused", pause)}
          />
        </>
      )}
    </span>
  );
}
