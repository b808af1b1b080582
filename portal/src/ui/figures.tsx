import { useEffect, useReducer } from "react";
import {
  formatBytes,
  formatBytesExact,
  formatClock,
  formatDuration,
  formatExact,
  formatTime,
  formatTimeOfDay,
  toDate,
  unknown,
} from "../lib/format.ts";

interface TimeProps {
  at: Date | string | number | null | undefined;
  /**
   * `relative` ("4 min ago", the default) moves on by itself; `clock` ("14:05", "yesterday, 18:40") stands still;
   * `time` is the time of day alone, below a heading that names the day.
   */
  as?: "relative" | "clock" | "time" | undefined;
  className?: string | undefined;
}

/** A moment; the exact one with its zone on hover. */
export function Time({ at, as = "relative", className }: TimeProps) {
  const date = toDate(at);
  useMinuteHand(as === "relative" ? date : undefined);
  if (!date) return <span className={className}>{unknown}</span>;
  return (
    <time dateTime={date.toISOString()} title={formatExact(date)} className={className}>
      {as === "relative" ? formatTime(date) : as === "clock" ? formatClock(date) : formatTimeOfDay(date)}
    </time>
  );
}

/** 4.2 GB; the exact number of bytes on hover. */
export function Bytes({ value, className }: { value: number | null | undefined; className?: string }) {
  return (
    <span title={formatBytesExact(value)} className={className}>
      {formatBytes(value)}
    </span>
  );
}

/** A stretch of time, given in milliseconds. */
export function Duration({ ms, className }: { ms: number | null | undefined; className?: string }) {
  return <span className={className}>{formatDuration(ms)}</span>;
}

/** Draws again as often as the words about this moment change: each second at first, each minute later. */
function useMinuteHand(date: Date | undefined): void {
  const [, tick] = useReducer((count: number) => count + 1, 0);
  const time = date?.getTime();
  useEffect(() => {
    if (time === undefined) return;
    let timer: number;
    const wait = () => {
      const distance = Math.abs(Date.now() - time);
      if (distance > 86_400_000) return;
      timer = window.setTimeout(
        () => {
          tick();
          wait();
        },
        distance < 60_000 ? 5000 : 60_000,
      );
    };
    wait();
    return () => window.clearTimeout(timer);
  }, [time]);
}
