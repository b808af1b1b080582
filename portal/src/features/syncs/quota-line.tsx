import type { SyncRun } from "../../lib/contract.ts";
import { Time } from "../../ui/figures.tsx";
import { allowanceForecast, type Progress } from "./forecast.ts";
import { fitWords, openQuota, quotaWords } from "./quota-words.ts";

/** What may still be asked of the source, when that is renewed, and whether the rest fits into it. */
export function QuotaLine({
  run,
  connection,
  samples,
}: {
  run: SyncRun;
  connection: string;
  samples: readonly Progress[];
}) {
  const quota = openQuota(run, Date.now());
  if (!quota) return null;
  const allowance = {
    remaining: quota.remaining,
    resetsAt: quota.resets_at === null ? undefined : Date.parse(quota.resets_at),
  };
  const fit =
    run.phase === "copying"
      ? fitWords(allowanceForecast(samples, allowance, samples.at(-1)?.at ?? 0), run.counts.remaining)
      : undefined;
  return (
    <p className="flex flex-wrap items-baseline gap-x-2 px-4 pb-2">
      <span>
        Allowance of “{connection}”: {quotaWords(quota)}
        {quota.resets_at !== null && (
          <>
            , renewed <Time at={quota.resets_at} />
          </>
        )}
        .
      </span>
      {fit && <span>{fit}</span>}
      {quota.note && <span className="text-xs text-muted">{quota.note}</span>}
    </p>
  );
}
