// When something is due, as data and arithmetic: no clock, no database.
import { Cron } from "croner";
import { AppError, invalidField } from "#core/errors.ts";

export type ScheduleRule =
  | { kind: "manual" }
  | { kind: "interval"; minutes: number }
  /** Five fields, read in an IANA time zone. */
  | { kind: "cron"; expression: string; zone: string };

const minuteMs = 60_000;
const mostMinutes = 366 * 24 * 60;

/**
 * Reads a rule from outside.
 *
 * @param pointer where the rule stands in the request, as a JSON Pointer, for instance `/schedule`
 * @throws AppError `invalid_request` that names the field and says what to do
 */
export function parseRule(value: unknown, pointer = ""): ScheduleRule {
  if (typeof value !== "object" || value === null || !("kind" in value)) {
    throw invalidField(pointer, "A schedule is an object with a kind: manual, interval or cron.");
  }
  switch (value.kind) {
    case "manual":
      return { kind: "manual" };
    case "interval":
      return { kind: "interval", minutes: parseMinutes("minutes" in value ? value.minutes : undefined, pointer) };
    case "cron": {
      const zone = parseZone("zone" in value ? value.zone : undefined, pointer);
      const expression = parseExpression("expression" in value ? value.expression : undefined, zone, pointer);
      return { kind: "cron", expression, zone };
    }
    default:
      throw invalidField(`${pointer}/kind`, "The kind of a schedule is manual, interval or cron.");
  }
}

/**
 * The first tick after a moment; none for a manual rule, or a cron rule that never comes again.
 *
 * On nights when clocks change, a cron time that is written in numbers fires once: in a skipped hour at the first
 * moment after it, in a repeated hour the first time round. One with `*` or a step in its minutes or hours follows the
 * hours that there are: none in a skipped hour, all in both of a repeated one. Intervals know no clocks.
 *
 * @param anchor any tick of an interval: the others are whole intervals away from it
 */
export function nextTick(rule: ScheduleRule, after: Date, anchor: Date): Date | undefined {
  switch (rule.kind) {
    case "manual":
      return undefined;
    case "interval":
      return new Date(latestOnGrid(rule.minutes, after, anchor) + rule.minutes * minuteMs);
    case "cron":
      return cronOf(rule).nextRun(after) ?? undefined;
  }
}

/** The last tick at or before a moment: the one that runs when several were missed (SR-95). */
export function latestTick(rule: ScheduleRule, until: Date, anchor: Date): Date | undefined {
  switch (rule.kind) {
    case "manual":
      return undefined;
    case "interval":
      return new Date(latestOnGrid(rule.minutes, until, anchor));
    case "cron":
      // croner looks strictly before its reference, and in whole seconds; ticks are whole minutes.
      return cronOf(rule).previousRuns(1, new Date(Math.floor(until.getTime() / 1_000) * 1_000 + 1_000))[0];
  }
}

/** The next ticks in order, strictly after `from`. */
export function upcomingTicks(rule: ScheduleRule, from: Date, count: number, anchor: Date = from): Date[] {
  const ticks: Date[] = [];
  let tick = nextTick(rule, from, anchor);
  while (tick && ticks.length < count) {
    ticks.push(tick);
    tick = nextTick(rule, tick, anchor);
  }
  return ticks;
}

function latestOnGrid(minutes: number, until: Date, anchor: Date): number {
  const step = minutes * minuteMs;
  return anchor.getTime() + Math.floor((until.getTime() - anchor.getTime()) / step) * step;
}

function cronOf({ expression, zone }: { expression: string; zone: string }): Cron {
  return new Cron(expression, { mode: "5-part", timezone: zone, fixedTimeRule: "no-wildcard" });
}

function parseMinutes(minutes: unknown, pointer: string): number {
  if (typeof minutes === "number" && Number.isInteger(minutes) && minutes >= 1 && minutes <= mostMinutes)
    return minutes;
  throw invalidField(`${pointer}/minutes`, `An interval is a whole number of minutes between 1 and ${mostMinutes}.`);
}

function parseZone(zone: unknown, pointer: string): string {
  // An offset such as +02:00 is not a zone: it does not know when clocks change.
  if (typeof zone === "string" && /^[A-Za-z]/.test(zone)) {
    try {
      new Intl.DateTimeFormat("en", { timeZone: zone });
      return zone;
    } catch {
      // Not one that this machine knows.
    }
  }
  throw invalidField(`${pointer}/zone`, "The time zone is a name such as Europe/Berlin, America/New_York or UTC.");
}

function parseExpression(expression: unknown, zone: string, pointer: string): string {
  const at = `${pointer}/expression`;
  const text = typeof expression === "string" ? expression.trim() : "";
  // `?` would mean the moment at which the expression is read, so that it never means the same twice.
  if (text.length > 200 || text.includes("?") || text.split(/\s+/).length !== 5) {
    throw invalidField(
      at,
      "A cron expression has five fields (minute, hour, day of month, month, day of week), such as 30 6 * * 1-5.",
    );
  }
  let first: Date | undefined;
  try {
    first = nextTick({ kind: "cron", expression: text, zone }, new Date(0), new Date(0));
  } catch (error) {
    if (error instanceof AppError || !(error instanceof Error)) throw error;
    throw invalidField(at, `This cron expression cannot be read: ${error.message.replace(/^CronPattern: /, "")}`);
  }
  if (!first) throw invalidField(at, "This cron expression names a day that never comes.");
  return text;
}
