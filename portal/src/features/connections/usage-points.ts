import type { ConnectionUsage } from "../../lib/contract.ts";

export interface UsePoint {
  at: Date;
  uses: number;
  failures: number;
}

const hourMs = 3_600_000;

/** The points of a usage with a zero for each hour or day in which nothing was used, up to now. */
export function withQuietTimes({ from, hourly, points }: ConnectionUsage, now: Date): UsePoint[] {
  const stepMs = hourly ? hourMs : 24 * hourMs;
  const start = Date.parse(from);
  const known = new Map(points.map((point) => [Math.floor((Date.parse(point.at) - start) / stepMs), point]));
  return Array.from({ length: Math.floor((now.getTime() - start) / stepMs) + 1 }, (_, place) => ({
    at: new Date(start + place * stepMs),
    uses: known.get(place)?.uses ?? 0,
    failures: known.get(place)?.failures ?? 0,
  }));
}
