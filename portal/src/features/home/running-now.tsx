import { LoaderCircle } from "lucide-react";
import type { Home } from "../../lib/contract.ts";
import { formatAmount, formatCount, formatForecast, formatRate } from "../../lib/format.ts";
import { progressOf } from "../../lib/run-progress.ts";
import { useWorkspace } from "../../lib/session.ts";
import { Card } from "../../ui/card.tsx";
import { Link } from "../../ui/link.tsx";
import { MooringLine } from "../../ui/mooring-line.tsx";
import { ProgressBar } from "../../ui/progress-bar.tsx";
import { destinationName } from "./words.ts";

type Running = Home["running"][number];

export function RunningNow({ running }: { running: readonly Running[] }) {
  if (running.length === 0) {
    return (
      <Card title="Running now">
        <p className="px-4 py-3 text-muted">Nothing runs at the moment.</p>
      </Card>
    );
  }
  return (
    <Card
      title="Running now"
      note={formatAmount(running.length, "sync")}
      icon={LoaderCircle}
      iconTone="running"
      spinning
    >
      <ul>
        {running.map((one) => (
          <RunRow key={one.run.id} {...one} />
        ))}
      </ul>
    </Card>
  );
}

function RunRow({ sync, run }: Running) {
  const { slug } = useWorkspace();
  const progress = progressOf(run);
  return (
    <li className="grid grid-cols-1 gap-2 border-t border-border px-4 pt-2.5 pb-3 first:border-t-0">
      <div className="flex items-center gap-x-2.5 gap-y-2 max-md:flex-wrap">
        <MooringLine
          from={{ id: sync.provider, name: sync.provider }}
          to={{ id: sync.destination, name: destinationName(sync.destination) }}
          state={run.status === "paused" ? "paused" : "running"}
        />
        <Link
          kind="thing"
          className="min-w-0 truncate font-semibold"
          to="/w/$workspace/syncs/$sync"
          params={{ workspace: slug, sync: sync.id }}
        >
          {sync.name}
        </Link>
        <span className="text-muted max-md:w-full md:ml-auto md:shrink-0">{figuresOf(run, progress)}</span>
      </div>
      <div className="flex items-center gap-2.5">
        <ProgressBar
          value={run.status === "queued" ? 0 : progress.share}
          tone={run.status === "paused" ? "idle" : "running"}
          label={`${sync.name}, files done`}
          className="min-w-0 flex-1"
        />
        <span className="w-26 text-right text-xs text-muted">
          {run.status === "paused"
            ? "paused"
            : run.status === "queued"
              ? "in the queue"
              : formatForecast(progress.left)}
        </span>
      </div>
    </li>
  );
}

function figuresOf(run: Running["run"], { toDo, done, perSecond }: ReturnType<typeof progressOf>): string {
  if (run.status === "queued") return "waits for a place";
  if (run.phase === "listing") return `listing: ${formatCount(run.counts.found)} found so far`;
  if (run.phase === "sweeping") return `looking for what is gone, ${formatCount(run.counts.found)} found`;
  const rate = perSecond === undefined || run.status !== "running" ? "" : ` · ${formatRate(perSecond)}`;
  return `${formatCount(done)} of ${formatAmount(toDo, "file")}${rate}`;
}
