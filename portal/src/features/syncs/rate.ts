import { useEffect, useState } from "react";
import type { SyncRun } from "../../lib/contract.ts";
import { type Forecast, forecast, type Progress } from "./forecast.ts";
import { doneIn } from "./words.ts";

/** What a run had done at a moment, as its events told. */
export type Sample = Pick<Progress, "at" | "files" | "bytes">;

const keptMs = 120_000;
const windowMs = 15_000;
const samplesOf = new Map<string, readonly Progress[]>();

/** While listing, files found; afterwards, files brought over. Both in one line would jump when the phase changes. */
function sampleOf(run: SyncRun): Progress {
  const { counts } = run;
  return {
    at: new Date(run.updated_at).getTime(),
    files: run.phase === "listing" ? counts.found : doneIn(run) + counts.failed,
    bytes: counts.bytes,
    filesLeft: counts.remaining,
    bytesLeft: counts.remaining_bytes,
    requests: run.requests,
  };
}

/** Gathers the figures of an open run as they arrive; they outlive the page, so that a change of tab loses nothing. */
export function useSamples(run: SyncRun): readonly Progress[] {
  const key = `${run.id}/${run.phase}`;
  const [, redraw] = useState(0);
  useEffect(() => {
    const before = samplesOf.get(key) ?? [];
    const next = sampleOf(run);
    if ((before.at(-1)?.at ?? 0) >= next.at) return;
    samplesOf.set(key, [...before.filter((one) => one.at > next.at - keptMs), next]);
    redraw((count) => count + 1);
  }, [key, run]);
  return samplesOf.get(key) ?? [];
}

const lookAgainMs = 5_000;

/** The forecast as time goes by, also where no figures arrive. The server's clock need not be the browser's. */
export function useForecast(samples: readonly Progress[]): Forecast {
  const last = samples.at(-1)?.at;
  const [passed, setPassed] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each new figure begins the waiting anew
  useEffect(() => {
    setPassed(0);
    const begun = performance.now();
    const timer = window.setInterval(() => setPassed(performance.now() - begun), lookAgainMs);
    return () => window.clearInterval(timer);
  }, [last]);
  return forecast(samples, (last ?? 0) + passed);
}

export interface Rate {
  filesPerSecond: number;
  bytesPerSecond: number;
}

/** The pace over the last seconds; undefined until two samples lie apart. */
export function rateOf(samples: readonly Sample[]): Rate | undefined {
  const last = samples.at(-1);
  const first = samples.find((one) => last && one.at >= last.at - windowMs);
  if (!last || !first || last.at - first.at < 500) return undefined;
  const seconds = (last.at - first.at) / 1000;
  return {
    filesPerSecond: Math.max(0, (last.files - first.files) / seconds),
    bytesPerSecond: Math.max(0, (last.bytes - first.bytes) / seconds),
  };
}

/** Files per second between one sample and the next, evened out to steps of a second. */
export function speedLine(samples: readonly Sample[]): number[] {
  const line: number[] = [];
  let from = samples[0];
  for (const sample of samples) {
    if (!from || sample.at - from.at < 1000) continue;
    line.push(Math.max(0, ((sample.files - from.files) * 1000) / (sample.at - from.at)));
    from = sample;
  }
  return line;
}
