import { useQuery } from "@tanstack/react-query";
import { Clock } from "lucide-react";
import { catalogQuery } from "../../lib/catalog.ts";
import type { SyncRun, SyncView } from "../../lib/contract.ts";
import {
  formatAmount,
  formatByteRate,
  formatBytes,
  formatClock,
  formatCount,
  formatDuration,
  formatForecast,
  formatRate,
  formatShare,
} from "../../lib/format.ts";
import { useWorkspace } from "../../lib/session.ts";
import { Card } from "../../ui/card.tsx";
import { Duration, Time } from "../../ui/figures.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Link } from "../../ui/link.tsx";
import { MooringBanner } from "../../ui/mooring-line.tsx";
import { Stat, StatGrid } from "../../ui/stat.tsx";
import { StatusBadge } from "../../ui/status-badge.tsx";
import type { Forecast } from "./forecast.ts";
import { PushLine } from "./push-line.tsx";
import { QuotaLine } from "./quota-line.tsx";
import { rateOf, speedLine, useForecast, useSamples } from "./rate.ts";
import { RateChart } from "./rate-chart.tsx";
import {
  destinationEnd,
  destinationText,
  doneIn,
  folderWords,
  mooringOf,
  outcomeWords,
  phaseWords,
  runLength,
  statusOf,
  triggerWords,
} from "./words.ts";

/** Source, line, destination; beneath it what runs now, or how the last run ended. */
export function SyncMooring({ sync }: { sync: SyncView }) {
  const workspace = useWorkspace();
  const catalog = useQuery(catalogQuery(workspace.id));
  const provider =
    catalog.data?.items.find((one) => one.key === sync.connection.provider)?.name ?? sync.connection.provider;
  const run = sync.open_run;
  const progress = run ? progressOf(run) : undefined;
  return (
    <Card className="overflow-hidden">
      <MooringBanner
        from={{ id: sync.connection.provider, name: provider }}
        to={destinationEnd(sync.destination)}
        state={mooringOf(statusOf(sync))}
        fromText={{ title: sync.connection.name, detail: `${provider} · ${folderWords(sync)}` }}
        toText={destinationText(sync.destination)}
        progress={progress}
      />
      {run ? <RunningFigures sync={sync} run={run} progress={progress} /> : <LastRun sync={sync} />}
      <PushLine sync={sync} />
    </Card>
  );
}

/** Share of the files that are dealt with; unknown while the source is still being listed. */
function progressOf({ phase, counts }: SyncRun): number | undefined {
  if (phase === "listing" || counts.found === 0) return undefined;
  return (counts.found - counts.remaining) / counts.found;
}

function RunningFigures({ sync, run, progress }: { sync: SyncView; run: SyncRun; progress: number | undefined }) {
  const samples = useSamples(run);
  const rate = rateOf(samples);
  const expected = useForecast(samples);
  const { counts } = run;
  const copies = sync.destination.kind !== "none";
  const held = run.status === "paused" || run.status === "queued";
  return (
    <>
      <div className="flex border-t border-border max-xl:flex-col">
        <StatGrid columns="auto" className="shrink-0 xl:auto-cols-max">
          <Stat
            label="Found"
            value={formatCount(counts.found)}
            note={run.phase === "listing" ? `in ${formatAmount(counts.folders, "folder")} so far` : "listing complete"}
          />
          <Stat label="Unchanged" value={formatCount(counts.unchanged)} note="nothing to do" />
          <Stat
            label={copies ? "To copy" : "To index"}
            value={formatCount(counts.remaining)}
            note={copies ? formatBytes(counts.remaining_bytes) : "metadata only"}
          />
          <Stat
            label={copies ? "Copied" : "Indexed"}
            value={formatCount(doneIn(run))}
            note={copies ? `${formatBytes(counts.bytes)}, hash checked` : outcomeShort(run)}
          />
          <Stat
            className="max-md:col-span-2"
            label="Failed"
            value={formatCount(counts.failed)}
            tone={counts.failed > 0 ? "bad" : undefined}
            note={counts.skipped > 0 ? `${formatCount(counts.skipped)} left out` : "none left out"}
          />
        </StatGrid>
        <div className="flex min-w-0 flex-1 gap-4 border-border px-4 py-3 max-xl:border-t xl:border-l">
          <div className="min-w-0 flex-1">
            <p className="text-xs font-medium text-muted">
              {run.phase === "listing" ? "Files found per second" : "Files per second"}
            </p>
            <RateChart values={speedLine(samples)} />
          </div>
          <dl className="w-24 shrink-0">
            <dt className="text-xs font-medium text-muted">Now</dt>
            <dd className="text-xl font-semibold whitespace-nowrap">{held ? "—" : formatRate(rate?.filesPerSecond)}</dd>
            {copies && run.phase !== "listing" && (
              <dd className="text-xs whitespace-nowrap text-muted">
                {held ? "—" : formatByteRate(rate?.bytesPerSecond)}
              </dd>
            )}
          </dl>
        </div>
      </div>
      <p className="flex flex-wrap items-center gap-x-2 border-t border-border px-4 py-2">
        <span className="font-semibold">{runLine(run, progress)}</span>
        {run.status === "running" && (
          <>
            <span aria-hidden="true" className="text-muted">
              ·
            </span>
            <span className={run.phase === "copying" ? undefined : "text-muted"}>{forecastWords(run, expected)}</span>
          </>
        )}
        <SlowedNote run={run} provider={sync.connection.name} />
        {run.stopped_at_maximum && (
          <span className="text-muted">
            · stopped at {formatAmount(sync.max_files_per_run, "file")} a run; the next one goes on
          </span>
        )}
        <span className="ml-auto text-xs text-muted">
          {triggerWords[run.trigger]},{" "}
          {run.started_at ? `started ${formatClock(run.started_at)}` : `queued ${formatClock(run.created_at)}`}
        </span>
      </p>
      <QuotaLine run={run} connection={sync.connection.name} samples={samples} />
    </>
  );
}

function runLine(run: SyncRun, progress: number | undefined): string {
  if (run.status === "queued") return "Waits for a free place";
  if (run.status === "paused") return "Held where it is";
  if (run.phase === "copying") return `${formatShare(progress)} done`;
  return phaseWords[run.phase].charAt(0).toUpperCase() + phaseWords[run.phase].slice(1);
}

/** A source that slows a run down is no fault of anybody's: since when, and when it goes on by itself. */
const slowedShownMs = 60_000;

function SlowedNote({ run, provider }: { run: SyncRun; provider: string }) {
  const { slowed, status } = run;
  if (!slowed || status !== "running" || Date.parse(run.updated_at) - Date.parse(slowed.at) > slowedShownMs)
    return null;
  const rests = slowed.until !== null && Date.parse(slowed.until) > Date.now();
  return (
    <span className="inline-flex items-center gap-1.5 text-warning">
      <Icon icon={Clock} />
      {rests ? (
        <span>
          “{provider}” asked us to slow down. We go on at <Time at={slowed.until} as="clock" /> by ourselves.
        </span>
      ) : (
        <span>
          “{provider}” slowed us down <Time at={slowed.at} />
        </span>
      )}
    </span>
  );
}

function forecastWords(run: SyncRun, expected: Forecast): string {
  if (run.phase !== "copying") return "how long it takes is known once the source is listed";
  if (expected.kind === "stuck") return `nothing has moved for ${formatDuration(expected.sinceMs)}`;
  return formatForecast(expected.kind === "left" ? expected.ms : undefined);
}

const outcomeShort = ({ counts }: SyncRun) =>
  `${formatCount(counts.created)} new, ${formatCount(counts.updated)} changed`;

function LastRun({ sync }: { sync: SyncView }) {
  const { slug } = useWorkspace();
  const run = sync.last_run;
  if (!run) {
    return (
      <p className="border-t border-border px-4 py-2 text-muted">
        {sync.next_run_at && sync.enabled ? (
          <>
            Not run yet. The first run is at <Time at={sync.next_run_at} as="clock" />.
          </>
        ) : (
          "Not run yet. Run now brings the first files."
        )}
      </p>
    );
  }
  return (
    <p className="flex flex-wrap items-center gap-x-2 border-t border-border px-4 py-2">
      <StatusBadge status={run.status} />
      <Link
        kind="thing"
        to="/w/$workspace/syncs/$sync/runs/$run"
        params={{ workspace: slug, sync: sync.id, run: run.id }}
      >
        Last run: {outcomeWords(run)}
      </Link>
      <span className="text-muted">
        {run.counts.found > 0 && `${formatCount(run.counts.found)} found, `}
        <Duration ms={runLength(run)} />
      </span>
      <span className="ml-auto text-xs text-muted">
        <Time at={run.finished_at ?? run.created_at} />, {triggerWords[run.trigger]}
      </span>
    </p>
  );
}
