import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { FolderSync, Pause, Play, Plus } from "lucide-react";
import { useState } from "react";
import type { SyncView } from "../../lib/contract.ts";
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
import { toast, toastError } from "../../ui/toast.tsx";
import { connectionsQuery, type SyncActions, syncListQuery, useSyncActions } from "./api.ts";
import { syncColumns } from "./sync-columns.tsx";

export function SyncsPage() {
  const workspace = useWorkspace();
  const navigate = useNavigate();
  const forbidden = useForbidden("member");
  const actions = useSyncActions(workspace.id);
  const [typed, type, search] = useSearchText("q");
  const [connection, setConnection] = useSearchState("connection");
  const [tag, setTag] = useSearchState("tag");
  const clear = useClearSearch("q", "connection", "tag");
  const [selection, setSelection] = useState<Set<string>>(new Set());
  const filter = { ...(search && { search }), ...(connection && { connection }), ...(tag && { tag }) };
  const list = useInfiniteQuery(syncListQuery(workspace.id, filter));
  const connections = useQuery(connectionsQuery(workspace.id));
  const rows = list.data?.pages.flatMap((page) => page.items) ?? [];
  const chosen = rows.filter((row) => selection.has(row.id));
  const filtered = Object.keys(filter).length > 0;
  const none = list.data && rows.length === 0 && !filtered;
  const tags = [...new Set([...rows.flatMap((row) => row.tags), tag])].filter(Boolean).sort();

  return (
    <>
      <PageHead
        title="Syncs"
        facts={
          list.data ? factsOf(rows, list.hasNextPage, filtered) : "Chosen folders, kept the same here as at the source"
        }
        actions={
          !none && (
            <GuardedLink forbidden={forbidden} kind="primary" icon={Plus} text="New sync">
              <ButtonLink
                data-new=""
                kind="primary"
                icon={Plus}
                to="/w/$workspace/syncs/new"
                params={{ workspace: workspace.slug }}
              >
                New sync
              </ButtonLink>
            </GuardedLink>
          )
        }
      />
      {!none && (
        <div className="flex flex-wrap items-center gap-2">
          <SearchInput label="Search syncs" value={typed} onChange={type} />
          {(connections.data?.items.length ?? 0) > 1 && (
            <FilterChip
              label="Connection"
              value={connection}
              onChange={setConnection}
              options={(connections.data?.items ?? []).map((one) => ({ value: one.id, label: one.name }))}
            />
          )}
          {tags.length > 0 && (
            <FilterChip
              label="Tag"
              value={tag}
              onChange={setTag}
              options={tags.map((one) => ({ value: one, label: one }))}
            />
          )}
        </div>
      )}
      <SelectionBar count={chosen.length} onClear={() => setSelection(new Set())}>
        <Button icon={Play} disabled={forbidden} onClick={() => void runAll(actions, chosen)}>
          Run now
        </Button>
        <Button icon={Pause} disabled={forbidden} onClick={() => void pauseAll(actions, chosen)}>
          Pause
        </Button>
      </SelectionBar>
      {list.error && <FailedState what="The syncs could not be loaded" error={list.error} onRetry={list.refetch} />}
      {list.isPending && <SkeletonRows label="Loading the syncs" />}
      {none && <NoSyncs connected={connections.data ? connections.data.items.length > 0 : undefined} />}
      {list.data && rows.length === 0 && filtered && (
        <NothingMatches
          onClear={() => {
            type("");
            clear();
          }}
        >
          No syncs match{search && ` “${search}”`}.
        </NothingMatches>
      )}
      {rows.length > 0 && (
        <DataTable
          label="Syncs"
          columns={syncColumns(workspace.slug, actions, forbidden)}
          rows={rows}
          rowKey={(row) => row.id}
          selection={selection}
          onSelection={setSelection}
          onOpen={(row) =>
            void navigate({ to: "/w/$workspace/syncs/$sync", params: { workspace: workspace.slug, sync: row.id } })
          }
          hasMore={list.hasNextPage}
          loadingMore={list.isFetchingNextPage}
          onMore={() => void list.fetchNextPage()}
        />
      )}
    </>
  );
}

function NoSyncs({ connected }: { connected: boolean | undefined }) {
  const { slug } = useWorkspace();
  const noConnection = useForbidden("admin");
  const noSync = useForbidden("member");
  return (
    <EmptyState
      icon={FolderSync}
      title="No syncs yet"
      action={
        connected === false ? (
          <GuardedLink forbidden={noConnection} kind="primary" icon={Plus} text="Connect a source first">
            <ButtonLink kind="primary" icon={Plus} to="/w/$workspace/catalog" params={{ workspace: slug }}>
              Connect a source first
            </ButtonLink>
          </GuardedLink>
        ) : (
          <GuardedLink forbidden={noSync} kind="primary" icon={Plus} text="New sync">
            <ButtonLink
              data-new=""
              kind="primary"
              icon={Plus}
              to="/w/$workspace/syncs/new"
              params={{ workspace: slug }}
            >
              New sync
            </ButtonLink>
          </GuardedLink>
        )
      }
    >
      A sync keeps chosen folders the same here as at the source.
    </EmptyState>
  );
}

function factsOf(rows: readonly SyncView[], more: boolean, filtered: boolean): string {
  if (rows.length === 0) return filtered ? "Nothing matches" : "Chosen folders, kept the same here as at the source";
  const running = rows.filter((row) => row.open_run?.status === "running").length;
  const wrong = rows.filter((row) =>
    ["failed", "held", "needs_authorization", "done_with_failures"].includes(row.status),
  ).length;
  const files = rows.reduce((sum, row) => sum + row.totals.files, 0);
  return [
    `${formatAmount(rows.length, "sync")}${more ? " and more" : ""}`,
    formatAmount(files, "file"),
    running > 0 && `${formatCount(running)} running`,
    wrong > 0 ? `${formatCount(wrong)} ${wrong === 1 ? "needs" : "need"} a person` : "all in order",
  ]
    .filter(Boolean)
    .join(" · ");
}

async function runAll(actions: SyncActions, syncs: readonly SyncView[]): Promise<void> {
  await forEach(syncs, (sync) => actions.run(sync.id), "could not be started", "started");
}

async function pauseAll(actions: SyncActions, syncs: readonly SyncView[]): Promise<void> {
  const paused = await forEach(syncs, (sync) => actions.pause(sync.id), "could not be paused");
  if (paused.length === 0) return;
  toast(`${formatAmount(paused.length, "sync")} paused.`, {
    undo: () => forEach(paused, (sync) => actions.resume(sync.id), "could not be resumed"),
  });
}

/** One after the other, each failure named. */
async function forEach(
  syncs: readonly SyncView[],
  work: (sync: SyncView) => Promise<unknown>,
  failed: string,
  done?: string,
): Promise<SyncView[]> {
  const succeeded: SyncView[] = [];
  for (const sync of syncs) {
    try {
      await work(sync);
      succeeded.push(sync);
    } catch (error) {
      toastError(`“${sync.name}” ${failed}`, error);
    }
  }
  if (done && succeeded.length > 0) toast(`${formatAmount(succeeded.length, "sync")} ${done}.`);
  return succeeded;
}
