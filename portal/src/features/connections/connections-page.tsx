import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Cable, Plus, Stethoscope, Tag } from "lucide-react";
import { useState } from "react";
import { catalogQuery } from "../../lib/catalog.ts";
import { cn } from "../../lib/cn.ts";
import { formatAmount, formatCount } from "../../lib/format.ts";
import { useClearSearch, useSearchState } from "../../lib/search-state.ts";
import { useForbidden, useWorkspace } from "../../lib/session.ts";
import { useSearchText } from "../../lib/use-search-text.ts";
import { Button, ButtonLink } from "../../ui/button.tsx";
import { DataTable, SelectionBar } from "../../ui/data-table.tsx";
import { FilterChip } from "../../ui/filter-chip.tsx";
import { GuardedLink } from "../../ui/guarded-link.tsx";
import { SearchInput } from "../../ui/input.tsx";
import { PageHead } from "../../ui/page-head.tsx";
import { SkeletonRows } from "../../ui/skeleton.tsx";
import { EmptyState, FailedState, NothingMatches } from "../../ui/states.tsx";
import { connectionListQuery, useConnectionActions } from "./api.ts";
import { tagAll, testAll } from "./bulk.ts";
import { connectionColumns } from "./connection-columns.tsx";
import { TagDialog } from "./tag-dialog.tsx";
import { connectionStatuses, endsSoon, isConnectionStatus } from "./words.ts";

export function ConnectionsPage() {
  const workspace = useWorkspace();
  const forbidden = useForbidden("admin");
  const noTest = useForbidden("member");
  const actions = useConnectionActions(workspace.id);
  const [selection, setSelection] = useState<Set<string>>(new Set());
  const [tagging, setTagging] = useState(false);
  const [testing, setTesting] = useState(false);
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
  const chosen = rows.filter((row) => selection.has(row.id));
  const filtered = Object.keys(filter).length > 0;
  const none = list.data && rows.length === 0 && !filtered;
  const needy = rows.filter(
    (row) => row.status === "error" || row.status === "needs_authorization" || endsSoon(row),
  ).length;
  const tags = [...new Set(rows.flatMap((row) => row.tags))].sort();

  return (
    <>
      <PageHead
        title="Connections"
        facts={factsOf(list.data ? rows.length : undefined, needy, list.hasNextPage, filtered)}
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
      <SelectionBar count={chosen.length} onClear={() => setSelection(new Set())}>
        <Button
          icon={Stethoscope}
          busy={testing}
          disabled={noTest}
          onClick={() => {
            setTesting(true);
            void testAll(actions, chosen).finally(() => setTesting(false));
          }}
        >
          Test
        </Button>
        <Button icon={Tag} disabled={forbidden} onClick={() => setTagging(true)}>
          Tag
        </Button>
      </SelectionBar>
      <TagDialog
        open={tagging}
        onOpenChange={setTagging}
        count={chosen.length}
        known={tags}
        onTag={(tag) => tagAll(actions, chosen, tag)}
      />
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
          columns={connectionColumns(workspace.slug, catalog.data?.items ?? [], tags.length > 0)}
          rows={rows}
          rowKey={(row) => row.id}
          selection={selection}
          onSelection={setSelection}
          detail={(row) =>
            row.failure && (
              <p className={cn("truncate", row.status === "active" ? "text-muted" : "text-bad")}>
                {row.failure.message}
              </p>
            )
          }
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

const statusOptions = Object.entries(connectionStatuses).map(([value, { label }]) => ({ value, label }));

function factsOf(shown: number | undefined, needy: number, more: boolean, filtered: boolean): string {
  if (shown === undefined) return "Accounts and folders that syncs read from";
  if (shown === 0) return filtered ? "Nothing matches" : "Accounts and folders that syncs read from";
  const total = `${formatAmount(shown, "connection")}${more ? " and more" : ""}`;
  return needy === 0
    ? `${total}, all in order`
    : `${total}, ${formatCount(needy)} ${needy === 1 ? "needs" : "need"} a person`;
}
