/**
 * How long a run still takes, and whether its source bears what it still has to ask, from what it has done so far. Pure:
 * the same figures give the same answer.
 */

/** What a run had done at a moment, and what was left. */
export interface Progress {
  at: number;
  /** Files brought over or given up, and bytes copied. */
  files: number;
  bytes: number;
  filesLeft: number;
  bytesLeft: number;
  /** Asked of the source. */
  requests: number;
}

export interface Pace {
  filesPerSecond: number;
  bytesPerSecond: number;
}

export type Forecast =
  /** Too little has happened to say anything. */
  | { kind: "unknown" }
  /** Nothing has moved for a while. */
  | { kind: "stuck"; sinceMs: number }
  | { kind: "left"; ms: number };

/** What happened so long ago counts half. */
const halfLifeMs = 20_000;
/** A pace that was watched for less, or over fewer files, is chance. */
const leastWatchedMs = 5_000;
const leastFiles = 10;
/** One large file may take so long without a word. */
const stuckAfterMs = 45_000;

/** Smoothed, so that one large file or one quick second does not throw it about. Undefined until two moments lie apart. */
export function paceOf(progress: readonly Progress[]): Pace | undefined {
  let files = 0;
  let bytes = 0;
  let weight = 0;
  for (const [place, now] of progress.entries()) {
    const before = progress[place - 1];
    const ms = before ? now.at - before.at : 0;
    if (!before || ms <= 0) continue;
    const kept = 0.5 ** (ms / halfLifeMs);
    files = files * kept + (Math.max(0, now.files - before.files) / ms) * (1 - kept);
    bytes = bytes * kept + (Math.max(0, now.bytes - before.bytes) / ms) * (1 - kept);
    weight = weight * kept + (1 - kept);
  }
  if (weight === 0) return undefined;
  return { filesPerSecond: (files / weight) * 1000, bytesPerSecond: (bytes / weight) * 1000 };
}

/** Until the rest is done at this pace: by files or by bytes, whichever takes longer. */
export function forecast(progress: readonly Progress[], now: number): Forecast {
  const [first] = progress;
  const last = progress.at(-1);
  const pace = paceOf(progress);
  if (!first || !last || !pace) return { kind: "unknown" };
  if (last.filesLeft === 0) return { kind: "left", ms: 0 };
  const moved = progress.findLast(
    (one, place) =>
      place > 0 && (one.files > (progress[place - 1]?.files ?? 0) || one.bytes > (progress[place - 1]?.bytes ?? 0)),
  );
  const quietMs = now - (moved ?? first).at;
  if (quietMs > stuckAfterMs) return { kind: "stuck", sinceMs: quietMs };
  const done = last.files - first.files;
  const watchedMs = last.at - first.at;
  const enough = done >= Math.min(leastFiles, last.filesLeft) || (last.bytes - first.bytes) * 20 >= last.bytesLeft;
  if (watchedMs < leastWatchedMs || done + last.bytes - first.bytes === 0 || !enough) return { kind: "unknown" };
  const byFiles = pace.filesPerSecond > 0 ? last.filesLeft / pace.filesPerSecond : 0;
  const byBytes = pace.bytesPerSecond > 0 ? last.bytesLeft / pace.bytesPerSecond : 0;
  return { kind: "left", ms: Math.max(byFiles, byBytes) * 1000 };
}

/** What the source may still be asked, until when. */
export interface Allowance {
  remaining: number;
  resetsAt: number | undefined;
}

export type AllowanceForecast =
  /** Too little has been asked to say anything. */
  | { kind: "unknown" }
  /** `enough` for all that is left; `lasts` until it is renewed at this pace; else it is used up before. */
  | { kind: "enough" | "lasts" | "short"; requests: number };

/** Whether what is left to do fits into what is left of the allowance: requests for each file so far, for the files left. */
export function allowanceForecast(
  progress: readonly Progress[],
  { remaining, resetsAt }: Allowance,
  now: number,
): AllowanceForecast {
  const [first] = progress;
  const last = progress.at(-1);
  if (!first || !last || last.filesLeft === 0) return { kind: "unknown" };
  const files = last.files - first.files;
  const asked = last.requests - first.requests;
  if (files < Math.min(leastFiles, last.filesLeft) || asked <= 0) return { kind: "unknown" };
  const requests = Math.ceil((asked / files) * last.filesLeft);
  if (requests <= remaining) return { kind: "enough", requests };
  const perMs = asked / Math.max(1, last.at - first.at);
  const lasts = resetsAt !== undefined && perMs * (resetsAt - now) <= remaining;
  return { kind: lasts ? "lasts" : "short", requests };
}
