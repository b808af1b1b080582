import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { Download, ScrollText, ShieldCheck } from "lucide-react";
import { useMemo } from "react";
import { hawser } from "../../lib/api.ts";
import type { AuditEntry } from "../../lib/contract.ts";
import { formatAmount, formatCount } from "../../lib/format.ts";
import { useClearSearch, useSearchState } from "../../lib/search-state.ts";
import { useForbidden, useWorkspace } from "../../lib/session.ts";
import { actionWords } from "../../ui/activity-sentence.tsx";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { Time } from "../../ui/figures.tsx";
import { FilterChip } from "../../ui/filter-chip.tsx";
import { SearchInput } from "../../ui/input.tsx";
import { SkeletonRows } from "../../ui/skeleton.tsx";
import { EmptyState, FailedState, NothingMatches } from "../../ui/states.tsx";
import { toast, toastError } from "../../ui/toast.tsx";
import { ActivityFrame } from "./activity-frame.tsx";
import { type AuditFilter, auditQuery } from "./api.ts";
import { Result } from "./audit-result.tsx";
import { AuditSheet } from "./audit-sheet.tsx";
import { saveAudit } from "./export-audit.ts";

const actions = [
  { value: "sync", label: "syncs" },
  { value: "connection", label: "connections" },
  { value: "member", label: "members" },
  { value: "invitation", label: "invitations" },
  { value: "api_key", label: "API keys" },
  { value: "workspace", label: "the workspace" },
];
const spans = [
  { value: "1", label: "24 hours" },
  { value: "7", label: "7 days" },
  { value: "30", label: "30 days" },
];
const dayMs = 86_400_000;

export function AuditPage() {
  const forbidden = useForbidden("admin");
  if (forbidden) {
    return (
      <ActivityFrame title="Audit log" facts="Who did what, with what stood there before and after.">
        <Card>
          <EmptyState icon={ScrollText} title="The audit log is for admins">
            {forbidden}
          </EmptyState>
        </Card>
      </ActivityFrame>
    );
  }
  return <AuditLog />;
}

function AuditLog() {
  const workspace = useWorkspace();
  const [action, setAction] = useSearchState("action");
  const [actor, setActor] = useSearchState("actor");
  const [days, setDays] = useSearchState("days");
  const [open, setOpen] = useSearchState("entry");
  const clear = useClearSearch("action", "actor", "days");
  const filter = useFilter(action, actor, days);
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(
    auditQuery(workspace.id, filter),
  );
  const entries = useMemo(() => data?.pages.flatMap((page) => page.items) ?? [], [data]);
  const filtered = action !== "" || actor !== "" || days !== "";
  return (
    <ActivityFrame
      title="Audit log"
      facts="Who did what, with what stood there before and after. Entries are chained: none can be changed unseen."
      actions={<AuditActions filter={filter} />}
    >
      <div className="flex flex-wrap gap-2">
        <SearchInput label="Search a person or key" value={actor} onChange={setActor} />
        <FilterChip label="About" value={action} onChange={setAction} options={actions} />
        <FilterChip label="Within" value={days} onChange={setDays} options={spans} />
      </div>
      {error && <FailedState what="The audit log could not be loaded" error={error} onRetry={refetch} />}
      {!data && !error && (
        <Card>
          <SkeletonRows rows={14} />
        </Card>
      )}
      {data && entries.length === 0 && (
        <Card>
          {filtered ? (
            <NothingMatches onClear={clear}>No entries match.</NothingMatches>
          ) : (
            <EmptyState icon={ScrollText} title="No entries yet">
              Everything that changes something is written here.
            </EmptyState>
          )}
        </Card>
      )}
      {entries.length > 0 && (
        <DataTable
          label="Audit log"
          columns={columns}
          rows={entries}
          rowKey={(entry) => String(entry.sequence)}
          onOpen={(entry) => setOpen(String(entry.sequence))}
          hasMore={hasNextPage}
          loadingMore={isFetchingNextPage}
          onMore={fetchNextPage}
        />
      )}
      <AuditSheet entry={entries.find((entry) => String(entry.sequence) === open)} onClose={() => setOpen("")} />
    </ActivityFrame>
  );
}

const columns: Column<AuditEntry>[] = [
  {
    id: "at",
    head: "When",
    width: "136px",
    narrow: "line",
    className: "text-muted",
    cell: (entry) => <Time at={entry.at} as="clock" />,
  },
  {
    id: "actor",
    head: "Who",
    width: "20%",
    narrow: "title",
    tip: (entry) => entry.actor.label,
    cell: (entry) => <span className="font-medium">{entry.actor.label}</span>,
  },
  {
    id: "what",
    head: "What",
    narrow: "line",
    tip: (entry) => entry.action,
    cell: (entry) => {
      const { words, label } = actionWords(entry.action, entry.target?.label);
      return (
        <>
          {words}
          {label && <span className="font-medium"> {label}</span>}
        </>
      );
    },
  },
  {
    id: "result",
    head: "Result",
    width: "108px",
    narrow: "end",
    cell: (entry) => <Result result={entry.result} />,
  },
  {
    id: "address",
    head: "From",
    width: "140px",
    className: "text-muted",
    tip: (entry) => entry.address ?? undefined,
    cell: (entry) => entry.address ?? "—",
  },
];

function useFilter(action: string, actor: string, days: string): AuditFilter {
  return useMemo(
    () => ({
      ...(action ? { action } : {}),
      ...(actor ? { actor } : {}),
      // To the hour, so that the same view asks the same question twice.
      ...(days
        ? { since: new Date(Math.floor((Date.now() - Number(days) * dayMs) / 3_600_000) * 3_600_000).toISOString() }
        : {}),
    }),
    [action, actor, days],
  );
}

function AuditActions({ filter }: { filter: AuditFilter }) {
  const workspace = useWorkspace();
  const verify = useMutation({
    mutationFn: () => hawser.audit.verify({ workspace: workspace.id }),
    onSuccess: (check) => {
      if (check.intact) toast(`The chain of ${formatAmount(check.entries, "entry", "entries")} is intact.`);
      else
        toast(`The chain is broken at entry ${formatCount(check.broken_at)}: something was changed behind the log.`, {
          failed: true,
        });
    },
    onError: (error) => toastError("The chain could not be checked", error),
  });
  const save = useMutation({
    mutationFn: () => saveAudit(workspace, filter),
    onError: (error) => toastError("The audit log could not be exported", error),
  });
  return (
    <>
      <Button icon={ShieldCheck} busy={verify.isPending} onClick={() => verify.mutate()}>
        Check the chain
      </Button>
      <Button icon={Download} busy={save.isPending} onClick={() => save.mutate()}>
        Export
      </Button>
    </>
  );
}
