import { useVirtualizer } from "@tanstack/react-virtual";
import { Check, ChevronRight, LoaderCircle, Minus } from "lucide-react";
import { type KeyboardEvent, type ReactNode, useCallback, useEffect, useId, useMemo, useRef, useState } from "react";
import { cn } from "../lib/cn.ts";
import { Icon } from "./icon.tsx";
import { explainError } from "./states.tsx";
import { TreeCrumbs } from "./tree-crumbs.tsx";
import { searchTree } from "./tree-search.ts";
import { type CheckState, checkStateOf, foldersToBreakUp, toggleNode } from "./tree-selection.ts";

export interface TreeNode {
  id: string;
  name: string;
  /** `false` has no arrow; unknown counts as true until it was opened. */
  hasChildren?: boolean | undefined;
  /** Where it lies, quiet behind the name, where the lines above do not say so. */
  place?: string | undefined;
}

export interface TreePage {
  items: TreeNode[];
  next?: string | undefined;
}

export interface TreeViewProps {
  /** What is chosen from: "Folders of Drive, Engineering". */
  label: string;
  /** One page of the children of a node, or of the top level for `undefined`. */
  load: (parent: string | undefined, cursor: string | undefined) => Promise<TreePage>;
  /** Chosen nodes. Choosing one means everything below it, now and later. */
  selected: ReadonlySet<string>;
  onSelected: (selected: Set<string>, nodeName: (id: string) => string | undefined) => void;
  /** Ancestors, nearest last, of nodes chosen earlier whose folders are not opened yet. */
  ancestors?: ReadonlyMap<string, readonly string[]> | undefined;
  /** Shows only what is called so, among the folders that were fetched. */
  search?: string | undefined;
  /** Right of the name: "4,018 files". */
  noteOf?: ((id: string) => ReactNode) | undefined;
  /** What all of it is called, as the beginning of the way to the line that is looked at. */
  rootName?: string | undefined;
  /** In place of the whole tree when its top cannot be had. */
  failed?: ((error: unknown, retry: () => void) => ReactNode) | undefined;
  /** Where there is nothing at all. */
  empty?: string | undefined;
  /** Pixels; the tree scrolls inside. */
  height?: number | undefined;
}

interface Level {
  items: TreeNode[];
  next: string | undefined;
  state: "loading" | "ready" | "failed";
  error?: unknown;
}

const root = "";
/** So long a pause begins a new word. */
const typingMs = 700;
/** A finger needs more room than a pointer. */
const rowHeight = window.matchMedia("(pointer: coarse)").matches ? 44 : 32;

type Line =
  | { kind: "node"; key: string; node: TreeNode; level: number; place: number; size: number; parent: string }
  | { kind: "more" | "loading" | "failed" | "empty"; key: string; level: number; parent: string };

/** A lazy tree with three-state boxes: arrows walk and open, Space chooses. Thousands a level stay quick. */
export function TreeView({
  label,
  load,
  selected,
  onSelected,
  ancestors,
  search = "",
  noteOf,
  rootName,
  failed,
  empty,
  height = 360,
}: TreeViewProps) {
  const id = useId();
  const [levels, setLevels] = useState<ReadonlyMap<string, Level>>(new Map());
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const [active, setActive] = useState(0);
  // Before anybody has gone anywhere, there is no way to tell of.
  const [gone, setGone] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const typed = useRef({ text: "", at: 0 });

  const fetchPage = useCallback(
    async (parent: string, cursor: string | undefined) => {
      const put = (change: (level: Level) => Level) =>
        setLevels((all) =>
          new Map(all).set(parent, change(all.get(parent) ?? { items: [], next: undefined, state: "loading" })),
        );
      put((level) => ({ ...level, state: "loading" }));
      try {
        const page = await load(parent === root ? undefined : parent, cursor);
        put((level) => ({
          items: cursor ? [...level.items, ...page.items] : page.items,
          next: page.next,
          state: "ready",
        }));
      } catch (error) {
        put((level) => ({ ...level, state: "failed", error }));
      }
    },
    [load],
  );

  useEffect(() => {
    setLevels(new Map());
    setOpen(new Set());
    setActive(0);
    setGone(false);
    void fetchPage(root, undefined);
  }, [fetchPage]);

  const parents = useMemo(() => {
    const found = new Map<string, string>();
    for (const [parent, level] of levels) for (const node of level.items) found.set(node.id, parent);
    for (const [, path] of ancestors ?? []) {
      for (const [place, one] of path.entries()) found.set(one, path[place - 1] ?? root);
    }
    for (const [node, path] of ancestors ?? []) found.set(node, path.at(-1) ?? root);
    return found;
  }, [levels, ancestors]);

  const lines = useMemo(() => {
    const found = searchTree(levels, root, search);
    return flatten(found.levels, new Set([...open, ...found.open]));
  }, [levels, open, search]);
  const virtualizer = useVirtualizer({
    count: lines.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    overscan: 10,
  });

  const toggleOpen = (node: TreeNode, wanted?: boolean) => {
    const next = new Set(open);
    const opens = wanted ?? !open.has(node.id);
    if (opens) next.add(node.id);
    else next.delete(node.id);
    setOpen(next);
    if (opens && !levels.has(node.id)) void fetchPage(node.id, undefined);
  };

  const choose = async (node: TreeNode) => {
    const known = new Map(levels);
    for (const folder of foldersToBreakUp(node.id, selected, parents)) {
      const level: Level = known.get(folder) ?? { items: [], next: undefined, state: "loading" };
      if (level.state === "ready" && !level.next) continue;
      try {
        known.set(folder, { items: await restOf(folder, level), next: undefined, state: "ready" });
      } catch (error) {
        setLevels(new Map(known).set(folder, { ...level, state: "failed", error }));
        return;
      }
    }
    setLevels(known);
    const childrenOf = (parent: string) => known.get(parent)?.items.map((one) => one.id) ?? [];
    const names = new Map(
      [...known.values()].flatMap((level) => level.items.map((one) => [one.id, one.name] as const)),
    );
    onSelected(toggleNode(node.id, selected, parents, childrenOf), (one) => names.get(one));
  };

  /** Every child of a folder of which not all pages were fetched, or none. */
  const restOf = async (folder: string, level: Level): Promise<TreeNode[]> => {
    const items = [...level.items];
    let cursor = level.next;
    do {
      const page = await load(folder === root ? undefined : folder, cursor);
      items.push(...page.items);
      cursor = page.next;
    } while (cursor !== undefined);
    return items;
  };

  const press = (line: Line | undefined) => {
    if (line?.kind === "more") void fetchPage(line.parent, levels.get(line.parent)?.next);
    else if (line?.kind === "failed") void fetchPage(line.parent, levels.get(line.parent)?.next);
  };

  const moveTo = (index: number) => {
    const next = Math.min(lines.length - 1, Math.max(0, index));
    setActive(next);
    setGone(true);
    virtualizer.scrollToIndex(next);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const line = lines[active];
    const node = line?.kind === "node" ? line.node : undefined;
    // Whatever else is pressed, the next letter begins a new word.
    const before = typed.current;
    typed.current = { text: "", at: 0 };
    if (event.key === "ArrowDown") moveTo(active + 1);
    else if (event.key === "ArrowUp") moveTo(active - 1);
    else if (event.key === "Home") moveTo(0);
    else if (event.key === "End") moveTo(lines.length - 1);
    else if (event.key === "ArrowRight" && node && node.hasChildren !== false) {
      if (open.has(node.id)) moveTo(active + 1);
      else toggleOpen(node, true);
    } else if (event.key === "ArrowLeft" && line) {
      if (node && open.has(node.id)) toggleOpen(node, false);
      else moveTo(lines.findIndex((one) => one.kind === "node" && one.node.id === line.parent));
    } else if ((event.key === " " || event.key === "Enter") && node) void choose(node);
    else if (event.key === " " || event.key === "Enter") press(line);
    else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) {
      const goesOn = event.timeStamp - before.at < typingMs;
      typed.current = { text: (goesOn ? before.text : "") + event.key.toLowerCase(), at: event.timeStamp };
      const hit = lineCalled(lines, typed.current.text, active);
      if (hit !== undefined) moveTo(hit);
    } else return;
    event.preventDefault();
  };

  const top = levels.get(root);
  if (failed && top?.state === "failed" && top.items.length === 0) {
    return failed(top.error, () => void fetchPage(root, undefined));
  }
  return (
    <div className="grid grid-cols-1">
      <div
        ref={box}
        role="tree"
        aria-label={label}
        aria-multiselectable="true"
        aria-activedescendant={lines[active] ? `${id}-${active}` : undefined}
        aria-busy={top?.state === "loading" || undefined}
        tabIndex={0}
        onKeyDown={onKeyDown}
        style={{ maxHeight: height }}
        className={cn(
          "group overflow-y-auto rounded-md border border-control bg-card py-1",
          rootName !== undefined && "rounded-b-none",
        )}
      >
        <div role="presentation" className="relative" style={{ height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map((item) => {
            const line = lines[item.index];
            if (!line) return null;
            const position = {
              height: rowHeight,
              transform: `translateY(${item.start}px)`,
              paddingLeft: 8 + line.level * 20,
            };
            const look = cn(
              "absolute inset-x-0 top-0 flex items-center gap-1.5 pr-3",
              item.index === active && "group-focus-visible:bg-primary-soft",
            );
            if (line.kind !== "node") {
              return (
                // biome-ignore lint/a11y/useFocusableInteractive: the tree holds the focus and points here
                // biome-ignore lint/a11y/useKeyWithClickEvents: keys are handled by the tree
                <div
                  key={line.key}
                  id={`${id}-${item.index}`}
                  role="treeitem"
                  aria-level={line.level + 1}
                  style={position}
                  className={cn(look, "text-muted")}
                  onClick={() => press(line)}
                >
                  <OtherLine
                    line={line}
                    error={levels.get(line.parent)?.error}
                    isFruitless={levels.get(line.parent)?.items.length === 0}
                    empty={
                      search.trim() !== ""
                        ? "No folder seen so far is called that"
                        : line.level === 0
                          ? empty
                          : undefined
                    }
                  />
                </div>
              );
            }
            const { node } = line;
            const state = checkStateOf(node.id, selected, parents);
            const expandable = node.hasChildren !== false;
            const note = noteOf?.(node.id);
            return (
              // biome-ignore lint/a11y/useFocusableInteractive: the tree holds the focus and points here
              // biome-ignore lint/a11y/useKeyWithClickEvents: keys are handled by the tree
              <div
                key={line.key}
                id={`${id}-${item.index}`}
                role="treeitem"
                aria-level={line.level + 1}
                aria-posinset={line.place}
                aria-setsize={line.size}
                aria-expanded={expandable ? open.has(node.id) : undefined}
                aria-checked={state === "some" ? "mixed" : state === "all"}
                style={position}
                className={cn(look, "cursor-pointer hover:bg-hover")}
                onClick={() => {
                  setActive(item.index);
                  setGone(true);
                  void choose(node);
                }}
              >
                {/* biome-ignore lint/a11y/noStaticElementInteractions: the pointer's way to what the arrow keys do */}
                {/* biome-ignore lint/a11y/useKeyWithClickEvents: the pointer's way to what the arrow keys do */}
                <span
                  className="grid size-6 shrink-0 place-items-center rounded-sm text-muted hover:text-foreground"
                  onClick={(event) => {
                    event.stopPropagation();
                    setActive(item.index);
                    setGone(true);
                    if (expandable) toggleOpen(node);
                  }}
                >
                  {expandable && (
                    <Icon
                      icon={ChevronRight}
                      className={cn("transition-transform", open.has(node.id) && "rotate-90")}
                    />
                  )}
                </span>
                <Box state={state} />
                <span className="min-w-0 flex-1 truncate" title={`${node.place ?? ""}${node.name}`}>
                  {node.name}
                  {node.place && <span className="pl-2 text-xs text-muted">{node.place}</span>}
                </span>
                {note && <span className="shrink-0 text-xs text-muted max-md:hidden">{note}</span>}
              </div>
            );
          })}
        </div>
      </div>
      {rootName !== undefined && (
        <TreeCrumbs
          rootName={rootName}
          way={gone ? wayTo(lines, lines[active]) : []}
          onGo={(node) => {
            moveTo(node === undefined ? 0 : lines.findIndex((one) => one.kind === "node" && one.node === node));
            box.current?.focus();
          }}
        />
      )}
    </div>
  );
}

function Box({ state }: { state: CheckState }) {
  return (
    <span
      aria-hidden="true"
      className={cn(
        "mr-1 grid size-4 shrink-0 place-items-center rounded-sm border-[1.5px]",
        state === "none" ? "border-control bg-card" : "border-primary bg-primary text-on-primary",
      )}
    >
      {state === "all" && <Check size={12} strokeWidth={3} />}
      {state === "some" && <Minus size={12} strokeWidth={3} />}
    </span>
  );
}

interface OtherLineProps {
  line: Exclude<Line, { kind: "node" }>;
  error: unknown;
  /** The pages so far brought nothing. */
  isFruitless: boolean;
  empty: string | undefined;
}

function OtherLine({ line, error, isFruitless, empty = "No folders in here" }: OtherLineProps) {
  if (line.kind === "loading") {
    return (
      <>
        <Icon icon={LoaderCircle} className="spin mx-1" /> Loading
      </>
    );
  }
  if (line.kind === "empty") {
    return <span className="pl-6">{empty}</span>;
  }
  if (line.kind === "more") {
    return (
      <span className="cursor-pointer pl-6 font-medium text-primary">
        {isFruitless ? "Nothing so far. Look further" : "Show more"}
      </span>
    );
  }
  return (
    <span className="cursor-pointer truncate pl-6 text-bad">
      {explainError(error).cause} <span className="font-medium underline">Try again</span>
    </span>
  );
}

/** The next line whose name begins with what was typed; one letter typed again goes on to the next of them. */
function lineCalled(lines: readonly Line[], text: string, active: number): number | undefined {
  const letters = [...text].every((letter) => letter === text[0]) ? (text[0] ?? "") : text;
  const from = letters.length > 1 ? active : active + 1;
  for (let step = 0; step < lines.length; step++) {
    const index = (from + step) % lines.length;
    const line = lines[index];
    if (line?.kind === "node" && line.node.name.toLowerCase().startsWith(letters)) return index;
  }
  return undefined;
}

/** The nodes from the top down to a line. */
function wayTo(lines: readonly Line[], line: Line | undefined): TreeNode[] {
  const way: TreeNode[] = [];
  if (line?.kind === "node") way.push(line.node);
  for (let parent = line?.parent; parent; ) {
    const above = lines.find((one) => one.kind === "node" && one.node.id === parent);
    if (above?.kind !== "node") break;
    way.unshift(above.node);
    parent = above.parent;
  }
  return way;
}

function flatten(levels: ReadonlyMap<string, Level>, open: ReadonlySet<string>): Line[] {
  const lines: Line[] = [];
  const walk = (parent: string, depth: number) => {
    const level = levels.get(parent);
    if (!level) return;
    for (const [place, node] of level.items.entries()) {
      lines.push({
        kind: "node",
        key: node.id,
        node,
        level: depth,
        place: place + 1,
        size: level.items.length,
        parent,
      });
      if (open.has(node.id)) walk(node.id, depth + 1);
    }
    const line = (kind: "more" | "loading" | "failed" | "empty"): Line => ({
      kind,
      key: `${parent}/${kind}`,
      level: depth,
      parent,
    });
    if (level.state === "loading") lines.push(line("loading"));
    else if (level.state === "failed") lines.push(line("failed"));
    else if (level.next) lines.push(line("more"));
    else if (level.items.length === 0) lines.push(line("empty"));
  };
  walk(root, 0);
  return lines;
}
