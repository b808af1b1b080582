import type { Home } from "../../lib/contract.ts";
import { formatBytes, formatCount, formatShare } from "../../lib/format.ts";
import { Sparkline } from "../../ui/sparkline.tsx";
import { Stat, StatGrid } from "../../ui/stat.tsx";

/** The health of the workspace in three figures. */
export function Figures({ home }: { home: Home }) {
  const { connections, files, runs_24h: runs } = home;
  const broken = connections.total - connections.in_order;
  const failedHours = new Set(runs.by_hour.flatMap((hour, place) => (hour.failed > 0 ? [place] : [])));
  const done = runs.total === 0 ? undefined : (runs.total - runs.failed) / runs.total;
  return (
    <StatGrid className="rounded-lg border border-border">
      <Stat
        label="Connections in order"
        value={`${formatCount(connections.in_order)} of ${formatCount(connections.total)}`}
        note={broken === 0 ? "none needs a person" : `${formatCount(broken)} not in order`}
      />
      <Stat
        label="Files in sync"
        value={formatCount(files.total)}
        note={`${formatBytes(files.bytes)} · ${formatCount(files.changed_today)} changed today`}
      />
      <Stat
        className="col-span-2"
        label="Runs, 24 h"
        value={formatCount(runs.total)}
        spark={
          <Sparkline
            className="w-48 max-md:w-32"
            label="Runs by hour, last 24 hours"
            values={runs.by_hour.map((hour) => hour.done + hour.failed)}
            bad={failedHours}
          />
        }
        note={
          runs.total === 0
            ? "none yet"
            : `${formatShare(done)} done${runs.failed > 0 ? ` · ${formatCount(runs.failed)} failed` : ""}`
        }
      />
    </StatGrid>
  );
}
