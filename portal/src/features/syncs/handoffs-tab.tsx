import { useInfiniteQuery } from "@tanstack/react-query";
import { Send } from "lucide-react";
import { useMemo, useState } from "react";
import type { HandoffCounts, HandoffView, SyncView } from "../../lib/contract.ts";
import { formatAmount, formatCount, shortenPath } from "../../lib/format.ts";
import { useSearchState } from "../../lib/search-state.ts";
import { useForbidden, useWorkspace } from "../../lib/session.ts";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { DiagnosisRow } from "../../ui/diagnosis-card.tsx";
import { Time } from "../../ui/figures.tsx";
import { FilterChip } from "../../ui/filter-chip.tsx";
import { Link } from "../../ui/link.tsx";
import { SkeletonRows } from "../../ui/skeleton.tsx";
import { EmptyState, FailedState, NothingMatches } from "../../ui/states.tsx";
import { StatusBadge } from "../../ui/status-badge.tsx";
import { toast, toastError } from "../../ui/toast.tsx";
import { type HandoffState, handoffListQuery, useHandoffActions } from "./handoff-api.ts";
import { ReplayButton } from "./handoff-replay.tsx";
import { handoffStates, handoffWords, mayReplay } from "./handoff-words.ts";
import { MendConnection } from "./mend-button.tsx";

const isState = (text: string): text is HandoffState => text in handoffStates;
const stateOptions = Object.entries(handoffStates).map(([value, { label }]) => ({ value, label }));

/** What the receiver was told of each file, and what came to nothing. */
export function HandoffsTab({ sync }: { sync: SyncView }) {
  const workspace = useWorkspace();
  const [state, setState] = useSearchState("handoff");
  const list = useInfiniteQuery(handoffListQuery(workspace.id, sync.id, isState(state) ? state : undefined));
  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.items) ?? [], [list.data]);
  const counts = list.data?.pages[0]?.counts;
  if (list.error && !list.data)
    return <FailedState what="The hand-offs could not be loaded" error={list.error} onRetry={list.refetch} />;
  if (!counts) return <SkeletonRows label="Loading the hand-offs" />;
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0) - counts.unknown;
  return (
    <div className="grid grid-cols-1 gap-3">
      <Troubles sync={sync} counts={counts} />
      {all === 0 ? (
        <EmptyState icon={Send} title="Nothing has been handed over yet">
          Every file that is stored from now on is told to {sync.handoff?.connection_name}.
        </EmptyState>
      ) : (
        <>
          <div className="flex flex-wrap items-center gap-2">
            <FilterChip label="State" value={state} onChange={setState} options={stateOptions} />
            <span className="text-xs text-muted">
              {formatCount(counts.delivered)} of {formatAmount(all, "hand-off")} delivered
              {counts.queued + counts.sending > 0 && `, ${formatCount(counts.queued + counts.sending)} to come`}
            </span>
          </div>
          {rows.length === 0 ? (
            <NothingMatches onClear={() => setState("")}>No hand-off is in this state.</NothingMatches>
          ) : (
            <DataTable
              label={`Hand-offs of ${sync.name}`}
              columns={handoffColumns(workspace.slug)}
              rows={rows}
              rowKey={(row) => row.id}
              detail={(row) =>
                row.answer?.reason &&
                row.state !== "delivered" && (
                  <p className={row.state === "queued" ? "truncate text-muted" : "truncate text-bad"}>
                    {handoffWords(row)}
                  </p>
                )
              }
              hasMore={list.hasNextPage}
              loadingMore={list.isFetchingNextPage}
              onMore={() => void list.fetchNextPage()}
            />
          )}
        </>
      )}
    </div>
  );
}

/** What holds files up, each with the button that mends it. */
function Troubles({ sync, counts }: { sync: SyncView; counts: HandoffCounts }) {
  const { handoff } = sync;
  const waiting = counts.queued + counts.sending;
  const lost = counts.rejected + counts.failed;
  const broken = handoff && handoff.connection_status !== "active";
  if (!broken && lost === 0 && counts.unknown === 0) return null;
  return (
    <Card>
      <ul>
        {broken && (
          <DiagnosisRow
            status={handoff.connection_status === "error" ? "failed" : "needs_authorization"}
            label="Receiver"
            what={`${handoff.connection_name} is not in order`}
            effect={
              waiting === 0
                ? "What is stored meanwhile waits for it."
                : `${formatAmount(waiting, "file")} ${waiting === 1 ? "waits" : "wait"} for it; nothing is lost.`
            }
            action={<MendConnection connection={handoff.connection_id} />}
          />
        )}
        {lost > 0 && (
          <DiagnosisRow
            status="failed"
            label={formatAmount(lost, "file")}
            what={lost === 1 ? "One file was not taken" : `${formatCount(lost)} files were not taken`}
            effect={`${formatCount(counts.rejected)} rejected by the receiver, ${formatCount(counts.failed)} given up after the last attempt. They are sent again under their ids.`}
            action={<ActButton sync={sync.id} act="replay" label="Send all again" />}
          />
        )}
        {counts.unknown > 0 && handoff && (
          <DiagnosisRow
            status="unknown"
            label={formatAmount(counts.unknown, "file")}
            what={`${handoff.connection_name} has not been told of ${formatAmount(counts.unknown, "stored file")}`}
            effect="They were stored before this sync handed its files over."
            action={<ActButton sync={sync.id} act="handStoredOver" label="Hand them over" />}
          />
        )}
      </ul>
    </Card>
  );
}

interface ActButtonProps {
  sync: string;
  act: "replay" | "handStoredOver";
  label: string;
}

function ActButton({ sync, act, label }: ActButtonProps) {
  const workspace = useWorkspace();
  const forbidden = useForbidden("member");
  const actions = useHandoffActions(workspace.id, sync);
  const [busy, setBusy] = useState(false);
  const go = async () => {
    setBusy(true);
    try {
      const queued = await actions[act]();
      toast(`${formatAmount(queued, "file")} will be handed over.`);
    } catch (error) {
      toastError("They could not be handed over", error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button busy={busy} disabled={forbidden} onClick={() => void go()}>
      {label}
    </Button>
  );
}

const handoffColumns = (slug: string): Column<HandoffView>[] => [
  {
    id: "file",
    head: "File",
    narrow: "title",
    tip: (row) => row.file.name,
    cell: (row) => (
      <Link
        kind="thing"
        to="/w/$workspace/syncs/$sync/files/$file"
        params={{ workspace: slug, sync: row.sync_id, file: row.file.id }}
      >
        {row.file.name}
      </Link>
    ),
  },
  {
    id: "folder",
    head: "Folder",
    width: "18%",
    narrow: "line",
    className: "text-muted",
    tip: (row) => row.file.folder,
    cell: (row) => shortenPath(row.file.folder || "/", 28),
  },
  {
    id: "state",
    head: "State",
    width: "128px",
    narrow: "end",
    cell: (row) => <StatusBadge {...handoffStates[row.state]} />,
  },
  {
    id: "answer",
    head: "Answer",
    width: "84px",
    align: "right",
    cell: (row) => row.answer?.status ?? <span className="text-muted">none</span>,
  },
  {
    id: "attempts",
    head: "Attempts",
    width: "84px",
    align: "right",
    cell: (row) => formatCount(row.attempts),
  },
  {
    id: "last",
    head: "Last sent",
    width: "116px",
    align: "right",
    className: "text-muted",
    cell: (row) => <Time at={row.last_sent_at} />,
  },
  {
    id: "next",
    head: "Next",
    width: "116px",
    align: "right",
    className: "text-muted",
    cell: (row) => <Time at={row.next_attempt_at} />,
  },
  {
    id: "again",
    head: "Send again",
    headHidden: true,
    width: "52px",
    align: "right",
    cell: (row) => mayReplay(row) && <ReplayButton handoff={row} small />,
  },
];
