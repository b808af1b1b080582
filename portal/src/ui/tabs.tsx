import { useNavigate, useSearch } from "@tanstack/react-router";
import { type KeyboardEvent, type ReactNode, useId } from "react";
import { cn } from "../lib/cn.ts";
import { formatCount } from "../lib/format.ts";

export interface Tab {
  /** Stands in the address as `?tab=…`; the first tab is the address without it. */
  key: string;
  label: string;
  count?: number | undefined;
  /** The count is of things that are wrong. */
  bad?: boolean | undefined;
  content: () => ReactNode;
}

/** Tabs whose choice lives in the address, so that a pasted link shows the same view. */
export function Tabs({ tabs, label, param = "tab" }: { tabs: readonly Tab[]; label: string; param?: string }) {
  const id = useId();
  const search = useSearch({ strict: false });
  const navigate = useNavigate();
  const current = tabs.find((tab) => tab.key === search[param]) ?? tabs[0];
  if (!current) return null;

  const go = (tab: Tab) => {
    const chosen = tab === tabs[0] ? undefined : tab.key;
    // Filters and sort belong to the tab that is left; only the tab itself is carried over.
    void navigate({ to: ".", search: chosen ? { [param]: chosen } : {}, replace: true, resetScroll: false });
  };

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const next = tabs[(tabs.indexOf(current) + step + tabs.length) % tabs.length];
    if (!next) return;
    go(next);
    document.getElementById(`${id}-${next.key}`)?.focus();
  };

  return (
    <div className="grid grid-cols-1 gap-4">
      <div
        role="tablist"
        aria-label={label}
        onKeyDown={onKeyDown}
        className="flex gap-5 overflow-x-auto border-b border-border [scrollbar-width:none]"
      >
        {tabs.map((tab) => (
          <button
            key={tab.key}
            id={`${id}-${tab.key}`}
            type="button"
            role="tab"
            aria-selected={tab === current}
            aria-controls={`${id}-panel`}
            tabIndex={tab === current ? 0 : -1}
            onClick={() => go(tab)}
            className={cn(
              "-mb-px shrink-0 border-b-2 border-transparent pt-2 pb-1.75 font-medium text-muted -outline-offset-2 hover:text-foreground",
              tab === current && "border-primary text-foreground",
            )}
          >
            {tab.label}
            {tab.count !== undefined && (
              <span
                className={cn(
                  "ml-1.5 rounded-sm px-1.25 py-px text-xs",
                  tab.bad && tab.count > 0 ? "bg-bad-soft text-bad" : "bg-idle-soft",
                )}
              >
                {formatCount(tab.count)}
              </span>
            )}
          </button>
        ))}
      </div>
      <div id={`${id}-panel`} role="tabpanel" aria-labelledby={`${id}-${current.key}`} className="min-w-0">
        {current.content()}
      </div>
    </div>
  );
}
