import { useVirtualizer } from "@tanstack/react-virtual";
import { Plus } from "lucide-react";
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { cn } from "../../lib/cn.ts";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { SearchInput } from "../../ui/input.tsx";
import { type Draft, textAt } from "./draft.ts";
import type { Part } from "./parts.ts";

interface OutlineProps {
  part: Part;
  onGo: (part: Part) => void;
  actions: readonly Draft[];
  onAdd: () => void;
  /** How many settings are refused, by part. */
  refused: ReadonlyMap<Part, number>;
  /** Settings are only there for a provider that is. */
  saved: boolean;
}

/** The parts of a provider. Many actions can be searched, and only those in sight are drawn. */
export function Outline({ part, onGo, actions, onAdd, refused, saved }: OutlineProps) {
  const entry = (to: Part, words: ReactNode) => (
    <Entry current={part === to} onGo={() => onGo(to)} wrong={refused.get(to) ?? 0}>
      {words}
    </Entry>
  );
  return (
    <nav
      aria-label="Parts of the provider"
      className="flex flex-col gap-0.5 *:shrink-0 md:sticky md:top-4 md:max-h-[calc(100dvh-32px)]"
    >
      {entry("basics", "Basics")}
      {entry("sign-in", "Sign-in")}
      <div className="flex items-center justify-between pt-2 pl-2.5">
        <p className="text-xs font-medium text-muted">Actions</p>
        <Button kind="quiet" size="small" icon={Plus} onClick={onAdd}>
          Action
        </Button>
      </div>
      <ActionEntries part={part} onGo={onGo} actions={actions} refused={refused} />
      <p className="px-2.5 pt-3 pb-1 text-xs font-medium text-muted">More</p>
      {entry("json", "All of it as JSON")}
      {saved && entry("settings", "Settings")}
    </nav>
  );
}

const entryHeight = 34;
/** More than these need a search. */
const overlooked = 20;

function ActionEntries({ part, onGo, actions, refused }: Pick<OutlineProps, "part" | "onGo" | "actions" | "refused">) {
  const box = useRef<HTMLDivElement>(null);
  const [search, setSearch] = useState("");
  const words = search.trim().toLowerCase();
  const shown = actions
    .map((action, place) => ({ title: titleOf(action), path: textAt(action, "path"), to: `action-${place}` as const }))
    .filter(({ title, path }) => words === "" || `${title} ${path}`.toLowerCase().includes(words));
  const virtualizer = useVirtualizer({
    count: shown.length,
    getScrollElement: () => box.current,
    estimateSize: () => entryHeight,
    overscan: 10,
  });
  const current = shown.findIndex(({ to }) => to === part);
  const byKeys = useRef(false);
  useEffect(() => {
    if (current >= 0) virtualizer.scrollToIndex(current);
  }, [current, virtualizer]);
  useEffect(() => {
    const entry = byKeys.current && box.current?.querySelector<HTMLElement>("[aria-current=step]");
    if (!entry) return;
    byKeys.current = false;
    entry.focus();
  });
  const drawn = virtualizer.getVirtualItems();
  // One stop for Tab, the arrows do the rest: nobody tabs through hundreds.
  const stop = drawn.some(({ index }) => index === current) ? current : drawn[0]?.index;
  const goByKeys = (event: KeyboardEvent) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    const next = shown[(current < 0 ? (stop ?? 0) : current) + step];
    if (step === 0 || !next) return;
    event.preventDefault();
    byKeys.current = true;
    onGo(next.to);
  };
  return (
    <div className="flex min-h-0 flex-col gap-1 md:shrink!">
      {actions.length > overlooked && (
        <SearchInput label="Search the actions" value={search} onChange={setSearch} className="w-full shrink-0" />
      )}
      {shown.length === 0 && (
        <p className="px-2.5 py-1 text-muted">{words === "" ? "None yet" : `No action matches “${search}”.`}</p>
      )}
      <div ref={box} className="min-h-0 overflow-y-auto max-md:max-h-60">
        <ol className="relative" style={{ height: virtualizer.getTotalSize() }} onKeyDown={goByKeys}>
          {drawn.map(({ index, start }) => {
            const action = shown[index];
            if (!action) return null;
            return (
              <li key={action.to} className="absolute inset-x-0" style={{ top: start, height: entryHeight }}>
                <Entry
                  current={action.to === part}
                  onGo={() => onGo(action.to)}
                  wrong={refused.get(action.to) ?? 0}
                  tabIndex={index === stop ? 0 : -1}
                >
                  {action.title}
                </Entry>
              </li>
            );
          })}
        </ol>
      </div>
    </div>
  );
}

const titleOf = (action: Draft): string => textAt(action, "name") || textAt(action, "key") || "New action";

interface EntryProps {
  current: boolean;
  onGo: () => void;
  wrong: number;
  tabIndex?: number;
  children: ReactNode;
}

function Entry({ current, onGo, wrong, tabIndex, children }: EntryProps) {
  return (
    <button
      type="button"
      tabIndex={tabIndex}
      aria-current={current ? "step" : undefined}
      title={typeof children === "string" ? children : undefined}
      onClick={onGo}
      className={cn(
        "flex min-h-8 w-full min-w-0 items-center justify-between gap-2 rounded-md px-2.5 text-left -outline-offset-2",
        current ? "bg-primary-soft font-medium" : "text-muted hover:bg-hover hover:text-foreground",
      )}
    >
      <span className="truncate">{children}</span>
      {wrong > 0 && (
        <Badge tone="bad">
          {wrong} <span className="sr-only">not right yet</span>
        </Badge>
      )}
    </button>
  );
}
