import { useEffect, useRef, useState } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { cn } from "../lib/cn.ts";
import { formatDay, formatLogTime, formatTimeOfDay } from "../lib/format.ts";
import { useIsDark } from "../lib/theme.ts";
import { type Tone, toneText } from "./badge.tsx";

export interface ChartSeries {
  label: string;
  tone: Tone;
  values: readonly (number | null)[];
  /** How a value reads: formatBytes, formatCount, … */
  format: (value: number | null | undefined) => string;
}

export interface ChartProps {
  /** What it shows in a sentence, read out. */
  label: string;
  /** Milliseconds since 1970, ascending. */
  times: readonly number[];
  series: readonly ChartSeries[];
  /** `area` for one rate, `stack` for bars that add up (runs). */
  kind?: "area" | "stack" | undefined;
  height?: number | undefined;
}

/** uPlot in our colours. It draws on a canvas and sets no style attribute, so the page policy holds. */
export default function ChartCanvas({ label, times, series, kind = "area", height = 160 }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const [pointed, setPointed] = useState<number>();
  const dark = useIsDark();

  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme decides the colours that are read below
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    // A canvas needs colours that are worked out; a token may still be a pair for light and dark.
    const color = (token: string) => {
      element.style.color = `var(--${token})`;
      return getComputedStyle(element).color;
    };
    const drawn = kind === "stack" ? stacked(series) : series.map((one) => [...one.values]);
    const bars = uPlot.paths.bars?.({ size: [0.7, 24], radius: 0.1 });
    const axis = {
      stroke: color("muted"),
      grid: { stroke: color("border"), width: 1 },
      ticks: { show: false },
      font: "12px Archivo Variable",
    };
    const plot = new uPlot(
      {
        width: element.clientWidth,
        height,
        legend: { show: false },
        cursor: { drag: { x: false, y: false }, points: { size: 6 } },
        scales: { x: { time: true }, y: { range: (_, __, high) => [0, Math.max(1, high * 1.1)] } },
        axes: [
          { ...axis, values: (_, moments) => moments.map((seconds) => momentWords(seconds * 1000, moments)) },
          { ...axis, size: 56, values: (_, ticks) => ticks.map((tick) => series[0]?.format(tick) ?? String(tick)) },
        ],
        hooks: { setCursor: [({ cursor }) => setPointed(cursor.idx ?? undefined)] },
        series: [
          {},
          ...series.map((one) => ({
            label: one.label,
            stroke: color(one.tone),
            fill: color(kind === "stack" ? one.tone : `${one.tone}-soft`),
            width: kind === "stack" ? 0 : 2,
            points: { show: false },
            ...(kind === "stack" && bars ? { paths: bars } : {}),
          })),
        ],
      },
      [times.map((time) => time / 1000), ...drawn],
      element,
    );
    const follow = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height }));
    follow.observe(element);
    return () => {
      follow.disconnect();
      plot.destroy();
    };
  }, [times, series, kind, height, dark]);

  const at = pointed ?? times.length - 1;
  return (
    <figure className="grid grid-cols-1 gap-1">
      <div ref={place} role="img" aria-label={label} className="w-full overflow-hidden" />
      <figcaption className="flex flex-wrap gap-x-4 text-xs text-muted">
        {series.map((one) => (
          <span key={one.label} className="flex items-center gap-1.5">
            <span aria-hidden="true" className={cn("size-2 rounded-full bg-current", toneText[one.tone])} />
            {one.label} {one.format(one.values[at])}
          </span>
        ))}
        {pointed !== undefined && (
          <span className="ml-auto">
            {momentWords(
              times[at] ?? 0,
              times.map((time) => time / 1000),
            )}
          </span>
        )}
      </figcaption>
    </figure>
  );
}

const dayS = 86_400;

/** As exact as the stretch that is shown asks for: seconds within minutes, the day beyond one. */
function momentWords(time: number, shown: readonly number[]): string {
  const span = (shown.at(-1) ?? 0) - (shown[0] ?? 0);
  if (span > 2 * dayS) return formatDay(time);
  return span < 300 ? formatLogTime(time) : formatTimeOfDay(time);
}

/** Sums from below, drawn from the top series down so that each covers the rest. */
function stacked(series: readonly ChartSeries[]): (number | null)[][] {
  return series.map((_, place) =>
    (series[0]?.values ?? []).map((__, at) => series.slice(place).reduce((sum, one) => sum + (one.values[at] ?? 0), 0)),
  );
}
