/**
 * How figures look everywhere: thousands grouped, bytes in steps of 1000, times relative for a day, and "—" for what is
 * not known (never 0). Everything goes through `Intl` in the browser's language and zone; words stay English.
 */
export const unknown = "—";

type Maybe<T> = T | null | undefined;

const locale = "en-GB";
const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat(locale, { maximumSignificantDigits: 3 });
const oneDigit = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
const clock = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });
const clockSeconds = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const dayMonth = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short" });
const dayMonthYear = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", year: "numeric" });
const exact = new Intl.DateTimeFormat(locale, {
  weekday: "short",
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  timeZoneName: "short",
});

/** 12431 → "12,431" */
export const formatCount = (value: Maybe<number>) => (isNumber(value) ? whole.format(value) : unknown);

/** "1 file", "12,431 files"; the plural is given where adding an s is wrong. */
export function formatAmount(value: Maybe<number>, one: string, many = `${one}s`): string {
  return `${formatCount(value)} ${value === 1 ? one : many}`;
}

const byteUnits = ["B", "kB", "MB", "GB", "TB", "PB"] as const;

/** 18_400_000 → "18.4 MB" (steps of 1000). */
export function formatBytes(bytes: Maybe<number>): string {
  if (!isNumber(bytes)) return unknown;
  let value = bytes;
  let unit = 0;
  // 999.95 would round to "1,000 kB"; the next unit says it better.
  while (value >= 999.5 && unit < byteUnits.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? whole.format(value) : short.format(value)} ${byteUnits[unit]}`;
}

/** The exact figure for a tooltip: "18,400,212 bytes". */
export const formatBytesExact = (bytes: Maybe<number>) => (isNumber(bytes) ? formatAmount(bytes, "byte") : unknown);

/** 192_000 → "3 min 12 s"; below a second in ms; two units at most. */
export function formatDuration(milliseconds: Maybe<number>): string {
  if (!isNumber(milliseconds)) return unknown;
  if (milliseconds < 1000)
    return `${milliseconds < 10 ? oneDigit.format(milliseconds) : whole.format(milliseconds)} ms`;
  if (milliseconds < 10_000) return `${oneDigit.format(milliseconds / 1000)} s`;
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return twoUnits(Math.floor(seconds / 60), "min", seconds % 60, "s");
  if (seconds < 86_400) return twoUnits(Math.floor(seconds / 3600), "h", Math.floor((seconds % 3600) / 60), "min");
  return twoUnits(Math.floor(seconds / 86_400), "d", Math.floor((seconds % 86_400) / 3600), "h");
}

/** A forecast is never exact: "about 27 s", "about 2 min". */
export function formatForecast(milliseconds: Maybe<number>): string {
  if (!isNumber(milliseconds)) return "no forecast yet";
  if (milliseconds < 5000) return "a few seconds left";
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `about ${seconds} s left`;
  if (seconds < 3600) return `about ${Math.round(seconds / 60)} min left`;
  return `about ${formatDuration(Math.round(seconds / 60) * 60_000)} left`;
}

/** 118 → "118 /s", 0.4 → "0.4 /s" */
export const formatRate = (perSecond: Maybe<number>) =>
  isNumber(perSecond) ? `${perSecond < 10 ? oneDigit.format(perSecond) : whole.format(perSecond)} /s` : unknown;

export const formatByteRate = (bytesPerSecond: Maybe<number>) =>
  isNumber(bytesPerSecond) ? `${formatBytes(bytesPerSecond)}/s` : unknown;

/** A share of 1 as "61 %"; 100 % only when it is all, 0 % only when it is nothing. */
export function formatShare(share: Maybe<number>): string {
  if (!isNumber(share)) return unknown;
  const percent = share * 100;
  if (percent > 0 && percent < 1) return "< 1 %";
  if (percent < 100 && percent > 99) return `${Math.floor(percent * 10) / 10} %`;
  return `${whole.format(percent)} %`;
}

type Moment = Maybe<Date | string | number>;

/** "4 min ago", "in 12 min"; "14:05" later today; after a day "3 Nov, 14:05"; in another year with the year. */
export function formatTime(moment: Moment, now: Date = new Date()): string {
  const date = toDate(moment);
  if (!date) return unknown;
  const seconds = Math.round((now.getTime() - date.getTime()) / 1000);
  const distance = Math.abs(seconds);
  if (distance < 5) return "now";
  if (distance < 86_400) {
    const words = relativeWords(distance);
    return seconds >= 0 ? `${words} ago` : `in ${words}`;
  }
  return `${formatDay(date, now)}, ${clock.format(date)}`;
}

/** "14:05" today, "yesterday, 18:40", else "3 Nov, 14:05": for fixed points people compare with their watch. */
export function formatClock(moment: Moment, now: Date = new Date()): string {
  const date = toDate(moment);
  if (!date) return unknown;
  const days = dayNumber(now) - dayNumber(date);
  if (days === 0) return clock.format(date);
  if (days === 1) return `yesterday, ${clock.format(date)}`;
  if (days === -1) return `tomorrow, ${clock.format(date)}`;
  return `${formatDay(date, now)}, ${clock.format(date)}`;
}

/** "14:05", where the day stands in a heading. */
export function formatTimeOfDay(moment: Moment): string {
  const date = toDate(moment);
  return date ? clock.format(date) : unknown;
}

/** "14:01:57", for log lines. */
export function formatLogTime(moment: Moment): string {
  const date = toDate(moment);
  return date ? clockSeconds.format(date) : unknown;
}

/** The full moment with its zone, for tooltips. */
export function formatExact(moment: Moment): string {
  const date = toDate(moment);
  return date ? exact.format(date) : unknown;
}

/** "3 Nov", with the year when it is not this one. */
export function formatDay(moment: Moment, now: Date = new Date()): string {
  const date = toDate(moment);
  if (!date) return unknown;
  return (date.getFullYear() === now.getFullYear() ? dayMonth : dayMonthYear).format(date);
}

/** "/Engineering/…/Ballast": a path loses its middle, never its end. */
export function shortenPath(path: string, longest = 32): string {
  if (path.length <= longest) return path;
  const parts = path.split("/").filter(Boolean);
  const first = parts[0];
  const last = parts.at(-1);
  if (parts.length < 3 || !first || !last) return path;
  return `/${first}/…/${last}`;
}

export function toDate(moment: Moment): Date | undefined {
  if (moment === null || moment === undefined) return undefined;
  const date = moment instanceof Date ? moment : new Date(moment);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

function relativeWords(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  return `${Math.floor(seconds / 3600)} h`;
}

function twoUnits(big: number, bigUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${big} ${bigUnit}` : `${big} ${bigUnit} ${small} ${smallUnit}`;
}

const dayNumber = (date: Date) =>
  Math.floor(Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / 86_400_000);

const isNumber = (value: Maybe<number>): value is number => typeof value === "number" && Number.isFinite(value);
