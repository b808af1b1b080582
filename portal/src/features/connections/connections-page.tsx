import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Cable, Plus } from "lucide-react";
import type { ConnectionView, ProviderView } from "../../lib/contract.ts";
import { formatAmount, formatCount } from "../../lib/format.ts";
import { useClearSearch, useSearchState } from "../../lib/search-state.ts";
import { useForbidden, useWorkspace } from "../../lib/session.ts";
import { useSearchText } from "../../lib/use-search-text.ts";
import { Badge } from "../../ui/badge.tsx";
import { ButtonLink } from "../../ui/button.tsx";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { Time } from "../../ui/figures.tsx";
import { FilterChip } from "../../ui/filter-chip.tsx";
import { GuardedLink } from "../../ui/guarded-link.tsx";
import { SearchInput } from "../../ui/input.tsx";
import { Link } from "../../ui/link.tsx";
import { PageHead } from "../../ui/page-head.tsx";
import { ProviderGlyph } from "../../ui/provider-glyph.tsx";
import { SkeletonRows } from "../../ui/skeleton.tsx";
import { EmptyState, FailedState, NothingMatches } from "../../ui/states.tsx";
import { StatusBadge } from "../../ui/status-badge.tsx";
import { catalogQuery, connectionListQuery } from "./api.ts";
import { connectionStatuses, isConnectionStatus } from "./words.ts";

export function ConnectionsPage() {
  const workspace = useWorkspace();
  const forbidden = useForbidden("admin");
  const navigate = useNavigate();
  const [typed, type, search] = useSearchText("q");
  const [status, setStatus] = useSearchState("status");
  const [provider, setProvider] = useSearchState("provider");
  const [tag, setTag] = useSearchState("tag");
  const clear = useClearSearch("q", "status", "provider", "tag");
  const filter = {
    ...(search ? { search } : {}),
    ...(isConnectionStatus(status) ? { status } : {}),
    ...(provider ? { provider } : {}),
    ...(tag ? { tag } : {}),
  };
  const list = useInfiniteQuery(connectionListQuery(workspace.id, filter));
  const catalog = useQuery(catalogQuery(workspace.id));
  const rows = list.data?.pages.flatMap((page) => page.items) ?? [];
  const filtered = Object.keys(filter).length > 0;
  const none = list.data && rows.length === 0 && !filtered;
  const inError = rows.filter((row) => row.status === "error" || row.status === "needs_authorization").length;
  const tags = [...new Set(rows.flatMap((row) => row.tags))].sort();

  return (
    <>
      <PageHead
        title="Connections"
        facts={factsOf(list.data ? rows.length : undefined, inError, list.hasNextPage, filtered)}
        actions={
          !none && (
            <GuardedLink forbidden={forbidden} kind="plain" icon={Plus} text="Connect">
              <ButtonLink data-new="" icon={Plus} to="/w/$workspace/catalog" params={{ workspace: workspace.slug }}>
                Connect
              </ButtonLink>
            </GuardedLink>
          )
        }
      />
      {!none && (
        <div className="flex flex-wrap items-center gap-2">
          <SearchInput label="Search connections" value={typed} onChange={type} />
          <FilterChip label="Status" value={status} onChange={setStatus} options={statusOptions} />
          {(catalog.data?.items.length ?? 0) > 1 && (
            <FilterChip
              label="Provider"
              value={provider}
              onChange={setProvider}
              options={(catalog.data?.items ?? []).map((one) => ({ value: one.key, label: one.name }))}
            />
          )}
          {(tags.length > 0 || tag) && (
            <FilterChip
              label="Tag"
              value={tag}
              onChange={setTag}
              options={[...new Set([...tags, tag].filter(Boolean))].map((one) => ({ value: one, label: one }))}
            />
          )}
        </div>
      )}
      {list.error && (
        <FailedState what="The connections could not be loaded" error={list.error} onRetry={list.refetch} />
      )}
      {list.isPending && <SkeletonRows label="Loading the connections" />}
      {none && (
        <EmptyState
          icon={Cable}
          title="No connections yet"
          action={
            <ButtonLink kind="primary" icon={Plus} to="/w/$workspace/catalog" params={{ workspace: workspace.slug }}>
              Open the catalog
            </ButtonLink>
          }
        >
          A connection is one account or folder that syncs read from. Connect one, and everything else can use it.
        </EmptyState>
      )}
      {list.data && rows.length === 0 && filtered && (
        <NothingMatches
          onClear={() => {
            type("");
            clear();
          }}
        >
          No connections match{search && ` “${search}”`}.
        </NothingMatches>
      )}
      {rows.length > 0 && (
        <DataTable
          label="Connections"
          columns={columnsFor(workspace.slug, catalog.data?.items ?? [], tags.length > 0)}
          rows={rows}
          rowKey={(row) => row.id}
          detail={(row) => row.failure && <p className="truncate text-bad">{row.failure.message}</p>}
          onOpen={(row) =>
            void navigate({
              to: "/w/$workspace/connections/$connection",
              params: { workspace: workspace.slug, connection: row.id },
            })
          }
          hasMore={list.hasNextPage}
          loadingMore={list.isFetchingNextPage}
          onMore={() => void list.fetchNextPage()}
        />
      )}
    </>
  );
}

const tagColumn: Column<ConnectionView> = {
  id: "tags",
  head: "Tags",
  width: "15%",
  tip: (row) => row.tags.join(", "),
  cell: (row) => (
    <span className="flex gap-1">
      {row.tags.map((tag) => (
        <Badge key={tag}>{tag}</Badge>
      ))}
    </span>
  ),
};

const statusOptions = Object.entries(connectionStatuses).map(([value, { label }]) => ({ value, label }));

function factsOf(shown: number | undefined, inError: number, more: boolean, filtered: boolean): string {
  if (shown === undefined) return "Accounts and folders that syncs read from";
  if (shown === 0) return filtered ? "Nothing matches" : "Accounts and folders that syncs read from";
  const total = `${formatAmount(shown, "connection")}${more ? " and more" : ""}`;
  return inError === 0
    ? `${total}, all in order`
    : `${total}, ${formatCount(inError)} ${inError === 1 ? "needs" : "need"} a person`;
}

function columnsFor(slug: string, catalog: readonly ProviderView[], tagged: boolean): Column<ConnectionView>[] {
  const providerOf = (key: string) => catalog.find((one) => one.key === key);
  return [
    {
      id: "name",
      head: "Name",
      width: "27%",
      narrow: "title",
      tip: (row) => row.name,
      cell: (row) => (
        <span className="flex items-center gap-2">
          <ProviderGlyph
            id={row.provider}
            name={providerOf(row.provider)?.name ?? row.provider}
            letters={providerOf(row.provider)?.glyph.letters}
            size="small"
          />
          <Link
            kind="thing"
            className="truncate"
            to="/w/$workspace/connections/$connection"
            params={{ workspace: slug, connection: row.id }}
          >
            {row.name}
          </Link>
        </span>
      ),
    },
    {
      id: "status",
      head: "Status",
      width: "160px",
      narrow: "end",
      cell: (row) => <StatusBadge {...connectionStatuses[row.status]} />,
    },
    {
      id: "provider",
      head: "Provider",
      width: "130px",
      className: "text-muted",
      cell: (row) => providerOf(row.provider)?.name ?? row.provider,
    },
    {
      id: "account",
      head: "Account",
      narrow: "line",
      className: "text-muted",
      tip: (row) => row.account?.label,
      cell: (row) => row.account?.label ?? "not known yet",
    },
    ...(tagged ? [tagColumn] : []),
    {
      id: "used",
      head: "Used by",
      width: "100px",
      align: "right",
      narrow: "line",
      cell: (row) =>
        row.used_by.syncs === 0 ? <span className="text-muted">nothing</span> : formatAmount(row.used_by.syncs, "sync"),
    },
    {
      id: "last",
      head: "Last used",
      width: "116px",
      align: "right",
      className: "text-muted",
      cell: (row) => (row.last_used_at ? <Time at={row.last_used_at} /> : "never"),
    },
  ];
}
