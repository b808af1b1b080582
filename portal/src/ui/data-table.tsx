import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown, ArrowUp } from "lucide-react";
import { Fragment, type ReactNode, useEffect, useLayoutEffect, useRef, useState } from "react";
import { cn } from "../lib/cn.ts";
import { formatCount } from "../lib/format.ts";
import { isTyping, layerIsOpen } from "../lib/keys.ts";
import { useNarrow } from "../lib/use-narrow.ts";
import { Button } from "./button.tsx";
import { Icon } from "./icon.tsx";
import { Checkbox } from "./toggle.tsx";

export interface Column<Row> {
  id: string;
  head: string;
  /** The head is only read out: a column of buttons needs no title. */
  headHidden?: true | undefined;
  cell: (row: Row) => ReactNode;
  /** Figures stand right. */
  align?: "right" | undefined;
  /** Of the fixed layout: "116px", "26%". Columns without one share what is left. */
  width?: string | undefined;
  sortable?: boolean | undefined;
  /** The whole text where the cell is cut. */
  tip?: ((row: Row) => string | undefined) | undefined;
  /** Its place in the two-line row of narrow screens; absent is left out there. */
  narrow?: "title" | "end" | "line" | undefined;
  className?: string | undefined;
}

export interface Sort {
  column: string;
  direction: "ascending" | "descending";
}

export interface DataTableProps<Row> {
  /** What the rows are, read out: "Files of Engineering drawings". */
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  sort?: Sort | undefined;
  onSort?: ((sort: Sort) => void) | undefined;
  /** Keys of the chosen rows; with it every row has a box. */
  selection?: ReadonlySet<string> | undefined;
  onSelection?: ((selection: Set<string>) => void) | undefined;
  /** A line below a row: why it failed, and the button. */
  detail?: ((row: Row) => ReactNode) | undefined;
  /** `Enter` on a row, and a click beside its links. */
  onOpen?: ((row: Row) => void) | undefined;
  hasMore?: boolean | undefined;
  loadingMore?: boolean | undefined;
  /** Called when the end comes near. */
  onMore?: (() => void) | undefined;
  /** How many rows there are on the server, for screen readers. */
  total?: number | undefined;
  className?: string | undefined;
}

const rowHeight = 36;
const narrowRowHeight = 57;
const detailHeight = 32;
const virtualAbove = 100;

/** A real table: sticky head, rows of 36 px, only the visible ones drawn above 100. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { label, columns, rows, rowKey, selection, onSelection, detail, onOpen, hasMore, loadingMore, onMore, total } =
    props;
  const narrow = useNarrow();
  const table = useRef<HTMLTableElement>(null);
  const top = useDocumentTop(table);
  const virtual = rows.length > virtualAbove;

  const virtualizer = useWindowVirtualizer({
    count: rows.length,
    enabled: virtual,
    overscan: 8,
    scrollMargin: top,
    getItemKey: (index) => {
      const row = rows[index];
      return row === undefined ? index : rowKey(row);
    },
    estimateSize: (index) => {
      const row = rows[index];
      const extra = row !== undefined && detail?.(row) ? detailHeight : 0;
      return (narrow ? narrowRowHeight : rowHeight) + extra;
    },
  });
  const items = virtual ? virtualizer.getVirtualItems() : rows.map((_, index) => ({ index, start: 0, end: 0 }));
  const before = virtual ? (items[0]?.start ?? top) - top : 0;
  const after = virtual ? virtualizer.getTotalSize() - ((items.at(-1)?.end ?? top) - top) : 0;

  const lastDrawn = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (virtual && hasMore && !loadingMore && lastDrawn > rows.length - 40) onMore?.();
  }, [virtual, hasMore, loadingMore, lastDrawn, rows.length, onMore]);

  const toggle = (row: Row) => {
    if (!selection || !onSelection) return;
    const next = new Set(selection);
    const key = rowKey(row);
    if (!next.delete(key)) next.add(key);
    onSelection(next);
  };
  const active = useRowKeys({
    table,
    rows,
    onOpen,
    toggle,
    reveal: (index) => virtual && virtualizer.scrollToIndex(index),
  });

  const width = (narrow ? 1 : columns.length) + (selection ? 1 : 0);
  return (
    <div className={cn("overflow-clip rounded-lg border border-border bg-card", props.className)}>
      <table
        ref={table}
        data-rows=""
        aria-label={label}
        aria-rowcount={virtual ? (total ?? rows.length) + 1 : undefined}
        className="w-full table-fixed border-separate border-spacing-0"
      >
        <Head {...props} narrow={narrow} />
        <tbody>
          {before > 0 && <Gap height={before} width={width} />}
          {items.map(({ index }) => {
            const row = rows[index];
            if (row === undefined) return null;
            const more = detail?.(row);
            return (
              <Fragment key={rowKey(row)}>
                <tr
                  data-row={index}
                  aria-rowindex={virtual ? index + 2 : undefined}
                  aria-selected={selection ? selection.has(rowKey(row)) : undefined}
                  tabIndex={index === active ? 0 : -1}
                  className={cn(
                    "group -outline-offset-2 hover:bg-hover focus:bg-primary-soft",
                    selection?.has(rowKey(row)) && "bg-primary-soft hover:bg-primary-soft",
                    onOpen && "cursor-pointer",
                  )}
                  onClick={(event) => {
                    if (onOpen && !isControl(event.target)) onOpen(row);
                  }}
                >
                  {selection && (
                    <td
                      className={cn(
                        "w-9 pr-0 pl-3 align-middle",
                        !more && "border-b border-border group-last:border-b-0",
                      )}
                    >
                      <span className="flex">
                        <Checkbox checked={selection.has(rowKey(row))} onChange={() => toggle(row)} label="Select" />
                      </span>
                    </td>
                  )}
                  {narrow ? (
                    <NarrowCell columns={columns} row={row} bordered={!more} />
                  ) : (
                    columns.map((column) => (
                      <td
                        key={column.id}
                        title={column.tip?.(row)}
                        className={cn(
                          "h-9 truncate px-3",
                          !more && "border-b border-border group-last:border-b-0",
                          column.align === "right" && "text-right",
                          column.className,
                        )}
                      >
                        {column.cell(row)}
                      </td>
                    ))
                  )}
                </tr>
                {more && (
                  <tr className="group">
                    {selection && <td className="border-b border-border group-last:border-b-0" />}
                    <td
                      colSpan={width - (selection ? 1 : 0)}
                      className="h-7 border-b border-border px-3 pb-2 align-top group-last:border-b-0"
                    >
                      {more}
                    </td>
                  </tr>
                )}
              </Fragment>
            );
          })}
          {after > 0 && <Gap height={after} width={width} />}
        </tbody>
      </table>
      {hasMore && onMore && (
        <div className="flex justify-center border-t border-border py-2">
          <Button kind="quiet" busy={loadingMore} onClick={onMore}>
            Show more
          </Button>
        </div>
      )}
    </div>
  );
}

function Head<Row>({
  columns,
  rows,
  rowKey,
  sort,
  onSort,
  selection,
  onSelection,
  narrow,
}: DataTableProps<Row> & { narrow: boolean }) {
  const chosen = selection ? rows.filter((row) => selection.has(rowKey(row))).length : 0;
  const look =
    "sticky top-(--table-top,0px) z-10 border-b border-border bg-card px-3 py-2 text-left text-xs font-medium overflow-hidden text-ellipsis whitespace-nowrap text-muted";
  const all = selection && (
    <th scope="col" className={cn(look, "w-9 pr-0")}>
      <span className="flex">
        <Checkbox
          label="Select the rows shown"
          checked={rows.length > 0 && chosen === rows.length}
          indeterminate={chosen > 0 && chosen < rows.length}
          onChange={(on) => onSelection?.(new Set(on ? rows.map(rowKey) : []))}
        />
      </span>
    </th>
  );
  if (narrow) {
    return (
      <thead className={selection ? undefined : "sr-only"}>
        <tr>
          {all}
          <th scope="col" className={look}>
            {columns.find((column) => column.narrow === "title")?.head ?? columns[0]?.head}
          </th>
        </tr>
      </thead>
    );
  }
  return (
    <thead>
      <tr>
        {all}
        {columns.map((column) => {
          const sorted = sort?.column === column.id ? sort.direction : undefined;
          return (
            <th
              key={column.id}
              scope="col"
              aria-sort={sorted}
              style={column.width ? { width: column.width } : undefined}
              className={cn(look, column.align === "right" && "text-right")}
            >
              {column.sortable && onSort ? (
                <button
                  type="button"
                  className="inline-flex items-center gap-1 rounded-sm hover:text-foreground"
                  onClick={() =>
                    onSort({ column: column.id, direction: sorted === "ascending" ? "descending" : "ascending" })
                  }
                >
                  {column.head}
                  {sorted && <Icon icon={sorted === "ascending" ? ArrowUp : ArrowDown} className="size-3" />}
                </button>
              ) : (
                <span className={column.headHidden && "sr-only"}>{column.head}</span>
              )}
            </th>
          );
        })}
      </tr>
    </thead>
  );
}

function NarrowCell<Row>({ columns, row, bordered }: { columns: readonly Column<Row>[]; row: Row; bordered: boolean }) {
  const titles = columns.filter((column) => column.narrow === "title");
  const ends = columns.filter((column) => column.narrow === "end");
  const lines = columns.filter((column) => column.narrow === "line");
  return (
    <td className={cn("px-3 py-2", bordered && "border-b border-border group-last:border-b-0")}>
      <div className="flex min-w-0 items-center gap-3">
        <span className="min-w-0 flex-1 truncate">
          {titles.map((column) => (
            <Fragment key={column.id}>{column.cell(row)}</Fragment>
          ))}
        </span>
        {ends.map((column) => (
          <span key={column.id} className="shrink-0">
            {column.cell(row)}
          </span>
        ))}
      </div>
      {lines.length > 0 && (
        <div className="flex min-w-0 gap-1.5 text-xs text-muted">
          {lines.map((column, place) => (
            <Fragment key={column.id}>
              {place > 0 && <span aria-hidden="true">·</span>}
              <span className={cn("truncate", place === lines.length - 1 ? "min-w-0" : "max-w-3/5 shrink-0")}>
                {column.cell(row)}
              </span>
            </Fragment>
          ))}
        </div>
      )}
    </td>
  );
}

/** Stands for the rows that are not drawn. */
function Gap({ height, width }: { height: number; width: number }) {
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: an empty row cannot take the focus
    <tr aria-hidden="true">
      <td colSpan={width} style={{ height, padding: 0 }} />
    </tr>
  );
}

export interface SelectionBarProps {
  /** How many are chosen. */
  count: number;
  /** How many match the filters altogether; offers "all 12,431 that match" when more than are chosen. */
  matching?: number | undefined;
  allMatching?: boolean | undefined;
  onAllMatching?: (() => void) | undefined;
  onClear: () => void;
  children: ReactNode;
}

/** Above a table while rows are chosen: how many, and what can be done with them. */
export function SelectionBar({ count, matching, allMatching, onAllMatching, onClear, children }: SelectionBarProps) {
  if (count === 0 && !allMatching) return null;
  return (
    <div role="status" className="flex flex-wrap items-center gap-2 rounded-lg bg-primary-soft px-3 py-1.5">
      <span className="font-medium">
        {allMatching ? `All ${formatCount(matching)} chosen` : `${formatCount(count)} chosen`}
      </span>
      {!allMatching && onAllMatching && matching !== undefined && matching > count && (
        <Button kind="quiet" className="text-primary" onClick={onAllMatching}>
          Choose all {formatCount(matching)} that match
        </Button>
      )}
      <span className="ml-auto flex flex-wrap gap-2">
        {children}
        <Button kind="quiet" onClick={onClear}>
          Clear
        </Button>
      </span>
    </div>
  );
}

interface RowKeys<Row> {
  table: React.RefObject<HTMLTableElement | null>;
  rows: readonly Row[];
  onOpen: ((row: Row) => void) | undefined;
  toggle: (row: Row) => void;
  reveal: (index: number) => void;
}

/** `j` `k` move from row to row, `Enter` opens, `x` chooses; they work anywhere on a page with one table. */
function useRowKeys<Row>({ table, rows, onOpen, toggle, reveal }: RowKeys<Row>): number {
  const [active, setActive] = useState(0);
  const latest = useRef({ rows, onOpen, toggle, reveal, active });
  useLayoutEffect(() => {
    latest.current = { rows, onOpen, toggle, reveal, active };
  });

  useEffect(() => {
    const rowAt = (index: number) => table.current?.querySelector<HTMLElement>(`[data-row="${index}"]`);

    const move = (index: number) => {
      setActive(index);
      latest.current.reveal(index);
      // A row far away is drawn only after the scroll; the next frame has it.
      requestAnimationFrame(() => rowAt(index)?.focus());
    };

    const onKeyDown = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || layerIsOpen()) return;
      const own = table.current;
      if (!own) return;
      const inside = own.contains(document.activeElement);
      if (!inside && document.querySelector("[data-rows]") !== own) return;
      const { rows: all, active: at, onOpen: open, toggle: choose } = latest.current;
      const onRow = document.activeElement instanceof HTMLElement && document.activeElement.dataset.row !== undefined;
      const row = all[at];
      if (event.key === "j") move(Math.min(all.length - 1, onRow ? at + 1 : at));
      else if (event.key === "k") move(Math.max(0, onRow ? at - 1 : at));
      else if (event.key === "x" && onRow && row !== undefined) choose(row);
      else if (event.key === "Enter" && onRow && row !== undefined) {
        if (open) open(row);
        else rowAt(at)?.querySelector<HTMLElement>("a")?.click();
      } else return;
      event.preventDefault();
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, [table]);

  return Math.min(active, Math.max(0, rows.length - 1));
}

function isControl(target: EventTarget): boolean {
  return target instanceof Element && target.closest("a, button, input, label, [role=checkbox], [role=menu]") !== null;
}

/** Where the table begins in the document; what stands above may grow, so it is looked at after every drawing. */
function useDocumentTop(table: React.RefObject<HTMLTableElement | null>): number {
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    const body = table.current?.tBodies[0];
    if (!body) return;
    const next = Math.round(body.getBoundingClientRect().top + window.scrollY);
    setTop((before) => (Math.abs(before - next) < 1 ? before : next));
  });
  return top;
}
