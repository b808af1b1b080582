import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, useState } from "react";
import { cn } from "../../lib/cn.ts";
import type { RunLogLine, SyncRun } from "../../lib/contract.ts";
import { formatAmount, formatExact, formatLogTime } from "../../lib/format.ts";
import { useSearchState } from "../../lib/search-state.ts";
import { useWorkspace } from "../../lib/session.ts";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { Link } from "../../ui/link.tsx";
import { SkeletonRows } from "../../ui/skeleton.tsx";
import { FailedState } from "../../ui/states.tsx";
import { type LogLevel, runLogQuery } from "./api.ts";

const levels: { value: LogLevel | ""; label: string }[] = [
  { value: "", label: "All levels" },
  { value: "warning", label: "Warnings" },
  { value: "error", label: "Errors" },
];
const isLevel = (text: string): text is LogLevel => text === "info" || text === "warning" || text === "error";

const lineHeight = 24;
const followMs = 1500;

/** What a run did, line by line. While it runs the log grows, and follows until somebody scrolls up. */
export function RunLog({ run }: { run: SyncRun }) {
  const workspace = useWorkspace();
  const [chosen, choose] = useSearchState("level");
  const level = isLevel(chosen) ? chosen : undefined;
  const log = useInfiniteQuery(runLogQuery(workspace.id, run.id, level));
  const lines = log.data?.pages.flatMap((page) => page.items) ?? [];
  useFollow(run, log.data?.pages.length ?? 0);

  return (
    <Card
      title="Log"
      note={log.data && `${formatAmount(lines.length, "line")}${log.hasNextPage ? " and more" : ""}`}
      action={
        <fieldset className="flex flex-wrap gap-1">
          <legend className="sr-only">Level</legend>
          {levels.map(({ value, label }) => (
            <button
              key={label}
              type="button"
              aria-pressed={chosen === value}
              onClick={() => choose(value)}
              className={cn(
                "min-h-6 rounded-sm px-2 text-xs font-medium pointer-coarse:min-h-11",
                chosen === value ? "bg-primary-soft" : "text-muted hover:bg-hover",
              )}
            >
              {label}
            </button>
          ))}
        </fieldset>
      }
    >
      {log.error && (
        <FailedState className="m-4" what="The log could not be loaded" error={log.error} onRetry={log.refetch} />
      )}
      {log.isPending && <SkeletonRows label="Loading the log" rows={6} />}
      {log.data && lines.length === 0 && (
        <p className="px-4 py-6 text-center text-muted">
          {level ? `No ${level === "error" ? "errors" : "warnings"} in this run.` : "Nothing has been written yet."}
        </p>
      )}
      {lines.length > 0 && <Lines lines={lines} sync={run.sync_id} follow={run.finished_at === null} />}
      {log.hasNextPage && (
        <div className="flex justify-center border-t border-border py-2">
          <Button kind="quiet" busy={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>
            Show more
          </Button>
        </div>
      )}
    </Card>
  );
}

/** Fetches a growing log again while its run is open, as long as it is short enough for that; and once at the end. */
function useFollow(run: SyncRun, pages: number) {
  const client = useQueryClient();
  const workspace = useWorkspace();
  const { id, finished_at: finished } = run;
  useEffect(() => {
    const again = () =>
      void client.invalidateQueries({ queryKey: runLogQuery(workspace.id, id, undefined).queryKey.slice(0, 4) });
    if (finished) {
      again();
      return;
    }
    if (pages > 5) return;
    const timer = window.setInterval(again, followMs);
    return () => window.clearInterval(timer);
  }, [client, workspace.id, id, finished, pages]);
}

function Lines({ lines, sync, follow }: { lines: readonly RunLogLine[]; sync: string; follow: boolean }) {
  const { slug } = useWorkspace();
  const box = useRef<HTMLDivElement>(null);
  const [atEnd, setAtEnd] = useState(true);
  const virtualizer = useVirtualizer({
    count: lines.length,
    getScrollElement: () => box.current,
    estimateSize: () => lineHeight,
    overscan: 20,
  });
  useEffect(() => {
    if (follow && atEnd && lines.length > 0) virtualizer.scrollToIndex(lines.length - 1);
  }, [follow, atEnd, lines.length, virtualizer]);

  return (
    <section
      ref={box}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      aria-label="Lines of the log"
      className="max-h-120 overflow-auto py-2 font-mono text-xs -outline-offset-2"
      onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) =>
        setAtEnd(scrollTop + clientHeight > scrollHeight - 2 * lineHeight)
      }
    >
      <ol className="relative" style={{ height: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map((item) => {
          const line = lines[item.index];
          if (!line) return null;
          return (
            <li
              key={line.sequence}
              data-index={item.index}
              ref={virtualizer.measureElement}
              style={{ transform: `translateY(${item.start}px)` }}
              className="absolute inset-x-0 top-0 flex min-h-6 items-start gap-4 px-4 py-0.5 max-md:flex-wrap max-md:gap-x-3 max-md:gap-y-0"
            >
              <time dateTime={line.at} title={formatExact(line.at)} className="shrink-0 text-muted">
                {formatLogTime(line.at)}
              </time>
              <span className={cn("w-14 shrink-0", levelLook[line.level])}>{line.level}</span>
              <span className={cn("min-w-0 wrap-anywhere max-md:basis-full", line.level === "error" && "text-bad")}>
                {line.message}{" "}
                {line.file_id && (
                  <Link
                    to="/w/$workspace/syncs/$sync/files/$file"
                    params={{ workspace: slug, sync, file: line.file_id }}
                  >
                    the file
                  </Link>
                )}
              </span>
            </li>
          );
        })}
      </ol>
    </section>
  );
}

const levelLook: Record<RunLogLine["level"], string> = {
  info: "text-muted",
  warning: "text-warning",
  error: "text-bad",
};
