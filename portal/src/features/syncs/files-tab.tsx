import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Columns3, FileText } from "lucide-react";
import { type RefObject, useEffect, useRef, useState } from "react";
import type { FileView, SyncView } from "../../lib/contract.ts";
import { formatAmount } from "../../lib/format.ts";
import { useClearSearch, useSearchState } from "../../lib/search-state.ts";
import { useForbidden, useWorkspace } from "../../lib/session.ts";
import { useMedium } from "../../lib/use-narrow.ts";
import { useSearchText } from "../../lib/use-search-text.ts";
import { Button } from "../../ui/button.tsx";
import { DataTable, SelectionBar } from "../../ui/data-table.tsx";
import { FilterChip } from "../../ui/filter-chip.tsx";
import { SearchInput } from "../../ui/input.tsx";
import { Menu, MenuCheck } from "../../ui/menu.tsx";
import { SkeletonRows } from "../../ui/skeleton.tsx";
import { EmptyState, FailedState, NothingMatches } from "../../ui/states.tsx";
import { toast, toastError } from "../../ui/toast.tsx";
import { type FileFilter, fileListQuery, useSyncActions } from "./api.ts";
import { ExportFiles } from "./export-files.tsx";
import { alwaysShown, columnName, fileColumns } from "./file-columns.tsx";
import { NewFilesPill } from "./new-files-pill.tsx";
import { fileStates, partLabel, partsOf } from "./words.ts";

type Sorted = NonNullable<FileFilter["sort"]>;
const sorts: Record<Sorted, "ascending" | "descending"> = {
  changed: "descending",
  name: "ascending",
  size: "descending",
};
const isSort = (text: string): text is Sorted => text in sorts;
const isState = (text: string): text is keyof typeof fileStates => text in fileStates;

/** Every file of the sync, with what is known about it. */
export function FilesTab({ sync }: { sync: SyncView }) {
  const workspace = useWorkspace();
  const navigate = useNavigate();
  const [typed, type, search] = useSearchText("q");
  const [state, setState] = useSearchState("state");
  const [metadata, setMetadata] = useSearchState("metadata");
  const [sort, setSort] = useSearchState("sort", "changed");
  const [columns, setColumns] = useSearchState("columns");
  const clear = useClearSearch("q", "state", "metadata");
  const [selection, setSelection] = useState<Set<string>>(new Set());
  const sorted: Sorted = isSort(sort) ? sort : "changed";
  const filter: FileFilter = {
    ...(search ? { search } : {}),
    ...(isState(state) ? { state } : {}),
    ...(metadata ? { metadata } : {}),
    sort: sorted,
  };
  const list = useInfiniteQuery(fileListQuery(workspace.id, sync.id, filter));
  const rows = list.data?.pages.flatMap((page) => page.items) ?? [];
  const total = list.data?.pages[0]?.total ?? undefined;
  const filtered = Boolean(search || state || metadata);
  const table = useRef<HTMLDivElement>(null);
  useRefreshAfterRun(sync, table, list.refetch);
  const parts = partsOf(sync.rules);
  const offered = [...alwaysShown, ...parts];
  const medium = useMedium();
  const shown = columns ? columns.split(",") : [...alwaysShown, ...(medium ? [] : parts.slice(0, 3))];

  return (
    <div className="grid grid-cols-1 gap-3">
      <div className="flex flex-wrap items-center gap-2">
        <SearchInput label="Search name or path" value={typed} onChange={type} />
        <FilterChip label="State" value={state} onChange={setState} options={stateOptions} />
        {(parts.length > 0 || metadata) && (
          <FilterChip
            label="Metadata"
            value={metadata}
            onChange={setMetadata}
            options={metadataOptions(rows, metadata)}
          />
        )}
        <span className="ml-auto flex flex-wrap items-center gap-2">
          <NewFilesPill
            sync={sync.id}
            running={sync.open_run?.status === "running"}
            filter={filter}
            rows={rows}
            onShow={() => void list.refetch()}
          />
          {rows.length > 0 && <ExportFiles sync={sync} filter={filter} total={total} />}
          <Menu
            trigger={
              <Button kind="quiet" icon={Columns3}>
                Columns
              </Button>
            }
          >
            {offered.map((one) => (
              <MenuCheck
                key={one}
                checked={shown.includes(one)}
                onChange={(on) =>
                  setColumns(offered.filter((other) => (other === one ? on : shown.includes(other))).join(","))
                }
              >
                {columnName(one)}
              </MenuCheck>
            ))}
          </Menu>
        </span>
      </div>
      <FileSelection
        sync={sync}
        chosen={rows.filter((row) => selection.has(row.id))}
        allFailed={state === "failed" && !search && !metadata ? total : undefined}
        onClear={() => setSelection(new Set())}
      />
      {list.error && <FailedState what="The files could not be loaded" error={list.error} onRetry={list.refetch} />}
      {list.isPending && <SkeletonRows label="Loading the files" rows={12} />}
      {list.data &&
        rows.length === 0 &&
        (filtered ? (
          <NothingMatches
            onClear={() => {
              type("");
              clear();
            }}
          >
            No {isState(state) && `${fileStates[state].label.toLowerCase()} `}files match{search && ` “${search}”`}
            {metadata && ` ${metadata.replace("=", ": ")}`}.
          </NothingMatches>
        ) : (
          <NoFiles sync={sync} />
        ))}
      {rows.length > 0 && (
        <>
          {filtered && total !== undefined && (
            <p className="text-xs text-muted">
              {formatAmount(total, "file")} {total === 1 ? "matches" : "match"}
            </p>
          )}
          <div ref={table}>
            <DataTable
              label={`Files of ${sync.name}`}
              columns={fileColumns(workspace.slug, sync.id, shown)}
              rows={rows}
              rowKey={(row) => row.id}
              sort={{ column: sorted, direction: sorts[sorted] }}
              onSort={({ column }) => setSort(column)}
              selection={selection}
              onSelection={setSelection}
              detail={(row) => row.state === "failed" && <FailureLine sync={sync.id} file={row} />}
              onOpen={(row) =>
                void navigate({
                  to: "/w/$workspace/syncs/$sync/files/$file",
                  params: { workspace: workspace.slug, sync: sync.id, file: row.id },
                })
              }
              hasMore={list.hasNextPage}
              loadingMore={list.isFetchingNextPage}
              onMore={() => void list.fetchNextPage()}
              total={total}
            />
          </div>
        </>
      )}
    </div>
  );
}

/**
 * When a run ends, every row may have changed. They are fetched again at once, or, while the pointer is on the table,
 * when it leaves: rows do not move under it.
 */
function useRefreshAfterRun(sync: SyncView, table: RefObject<HTMLDivElement | null>, refetch: () => unknown) {
  const running = sync.open_run !== null;
  const ran = useRef(running);
  const fetchAgain = useRef(refetch);
  fetchAgain.current = refetch;
  useEffect(() => {
    const ended = ran.current && !running;
    ran.current = running;
    if (!ended) return;
    const element = table.current;
    if (!element?.matches(":hover")) {
      fetchAgain.current();
      return;
    }
    const left = () => fetchAgain.current();
    element.addEventListener("pointerleave", left, { once: true });
    return () => element.removeEventListener("pointerleave", left);
  }, [running, table]);
}

const stateOptions = Object.entries(fileStates).map(([value, { label }]) => ({ value, label }));

/** Values that the rows on the page have; the one chosen stays even when none of them has it. */
function metadataOptions(rows: readonly FileView[], chosen: string) {
  const pairs = new Set(
    rows.slice(0, 1000).flatMap((row) => Object.entries(row.metadata).map(([part, value]) => `${part}=${value}`)),
  );
  if (chosen) pairs.add(chosen);
  return [...pairs]
    .sort()
    .slice(0, 60)
    .map((pair) => {
      const [part = "", ...value] = pair.split("=");
      return { value: pair, label: `${partLabel(part)}: ${value.join("=")}` };
    });
}

function NoFiles({ sync }: { sync: SyncView }) {
  if (sync.open_run) {
    return (
      <EmptyState icon={FileText} title="The first files are on their way">
        They appear here as they are found.
      </EmptyState>
    );
  }
  if (sync.last_run?.status === "failed") {
    return (
      <EmptyState icon={FileText} title="No files yet">
        The last run failed before it brought any. What is wrong and how to mend it stands above.
      </EmptyState>
    );
  }
  return (
    <EmptyState icon={FileText} title="No files yet">
      {sync.last_run
        ? "The chosen folders held no file that the filters keep. Settings shows both."
        : "Run now lists the source and brings the first files."}
    </EmptyState>
  );
}

function FailureLine({ sync, file }: { sync: string; file: FileView }) {
  const workspace = useWorkspace();
  const forbidden = useForbidden("member");
  const actions = useSyncActions(workspace.id);
  return (
    <span className="flex min-w-0 items-center gap-2">
      <span className="min-w-0 truncate text-bad" title={file.failure?.message}>
        {file.failure?.message ?? "It failed without saying why."}
      </span>
      <Button
        kind="quiet"
        size="small"
        className="text-primary"
        disabled={forbidden}
        onClick={() =>
          actions.retry(sync, [file.id]).catch((error: unknown) => toastError("The retry could not be started", error))
        }
      >
        Retry this file
      </Button>
    </span>
  );
}

interface FileSelectionProps {
  sync: SyncView;
  chosen: readonly FileView[];
  /** How many failed altogether, where exactly the failed ones are shown. */
  allFailed: number | undefined;
  onClear: () => void;
}

function FileSelection({ sync, chosen, allFailed, onClear }: FileSelectionProps) {
  const workspace = useWorkspace();
  const forbidden = useForbidden("member");
  const actions = useSyncActions(workspace.id);
  const [all, setAll] = useState(false);
  const failed = chosen.filter((file) => file.state === "failed");
  const clear = () => {
    setAll(false);
    onClear();
  };
  const retry = async () => {
    try {
      await actions.retry(sync.id, all ? undefined : failed.slice(0, 1000).map((file) => file.id));
      toast(`${formatAmount(all ? allFailed : failed.length, "file")} will be tried again.`);
      clear();
    } catch (error) {
      toastError("The retry could not be started", error);
    }
  };
  return (
    <SelectionBar
      count={chosen.length}
      matching={allFailed}
      allMatching={all}
      onAllMatching={allFailed === undefined ? undefined : () => setAll(true)}
      onClear={clear}
    >
      <Button
        disabled={forbidden ?? (failed.length === 0 && !all && "None of the chosen files failed.")}
        onClick={() => void retry()}
      >
        Retry {formatAmount(all ? allFailed : failed.length, "failed file")}
      </Button>
    </SelectionBar>
  );
}
