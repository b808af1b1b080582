import type { SyncRun } from "../../lib/contract.ts";
import { formatAmount, formatCount } from "../../lib/format.ts";
import type { AllowanceForecast } from "./forecast.ts";

export type Quota = NonNullable<SyncRun["quota"]>;

/** "240 of 1,250 left, as it tells us"; a count of our own is an upper bound, as others may have asked, too. */
export function quotaWords({ limit, remaining, counted_by }: Quota): string {
  const left = limit === null ? formatCount(remaining) : `${formatCount(remaining)} of ${formatCount(limit)}`;
  return counted_by === "provider" ? `${left} left, as it tells us` : `at most ${left} requests left by our own count`;
}

/** Whether the rest fits into it; nothing where that cannot be told. */
export function fitWords(expected: AllowanceForecast, filesLeft: number): string | undefined {
  if (expected.kind === "unknown") return undefined;
  const files = formatAmount(filesLeft, "file");
  const requests = `about ${formatAmount(roughly(expected.requests), "request")}`;
  if (expected.kind === "enough") return `Enough for the ${files} left: ${requests}.`;
  const wanted = `The ${files} left ${filesLeft === 1 ? "takes" : "take"} ${requests}, more than that`;
  return expected.kind === "lasts"
    ? `${wanted}; at this pace it is renewed before it is used up.`
    : `${wanted}. Once it is used up, we wait and go on by ourselves.`;
}

/** To two figures: an estimate is never exact. */
function roughly(count: number): number {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(count)) - 1);
  return Math.round(count / step) * step;
}

/** What was told is worth nothing once it has been renewed. */
export function openQuota({ quota, status }: SyncRun, now: number): Quota | undefined {
  if (!quota || status !== "running") return undefined;
  return quota.resets_at !== null && Date.parse(quota.resets_at) <= now ? undefined : quota;
}
