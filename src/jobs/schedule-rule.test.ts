import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AppError } from "#core/errors.ts";
import { latestTick, nextTick, parseRule, type ScheduleRule, upcomingTicks } from "./schedule-rule.ts";

const berlin = (expression: string): ScheduleRule => ({ kind: "cron", expression, zone: "Europe/Berlin" });
const at = (text: string) => new Date(text);
const ticksAfter = (rule: ScheduleRule, from: string, count: number) =>
  upcomingTicks(rule, at(from), count).map((tick) => tick.toISOString().replace(":00.000Z", "Z"));

// In Berlin clocks go from 02:00 to 03:00 on 29 March 2026, and from 03:00 back to 02:00 on 25 October 2026, at 01:00 UTC.
describe("SR-95 on the night when an hour is skipped", () => {
  it("a time within the skipped hour fires once, at the first moment after it", () => {
    expect(ticksAfter(berlin("30 2 * * *"), "2026-03-28T12:00Z", 2)).toEqual([
      "2026-03-29T01:00Z",
      "2026-03-30T00:30Z",
    ]);
  });

  it("one of several times within it fires once, too", () => {
    expect(ticksAfter(berlin("30 2,14 * * *"), "2026-03-28T14:00Z", 3)).toEqual([
      "2026-03-29T01:00Z",
      "2026-03-29T12:30Z",
      "2026-03-30T00:30Z",
    ]);
  });

  it("an hourly rule fires in each hour that there is", () => {
    expect(ticksAfter(berlin("0 * * * *"), "2026-03-28T23:30Z", 3)).toEqual([
      "2026-03-29T00:00Z",
      "2026-03-29T01:00Z",
      "2026-03-29T02:00Z",
    ]);
  });
});

describe("SR-95 on the night when an hour is repeated", () => {
  it("a time within the repeated hour fires once", () => {
    expect(ticksAfter(berlin("30 2 * * *"), "2026-10-24T12:00Z", 2)).toEqual([
      "2026-10-25T00:30Z",
      "2026-10-26T01:30Z",
    ]);
  });

  it("a time within it that was missed the first time round does not fire again the second", () => {
    expect(ticksAfter(berlin("30 2 * * *"), "2026-10-25T00:45Z", 1)).toEqual(["2026-10-26T01:30Z"]);
  });

  it("an hourly rule fires in both", () => {
    expect(ticksAfter(berlin("0 * * * *"), "2026-10-24T23:30Z", 3)).toEqual([
      "2026-10-25T00:00Z",
      "2026-10-25T01:00Z",
      "2026-10-25T02:00Z",
    ]);
  });
});

it("SR-95 a cron rule follows the clocks of its own zone, whatever the machine's is", () => {
  const newYork: ScheduleRule = { kind: "cron", expression: "0 9 * * 1-5", zone: "America/New_York" };

  expect(ticksAfter(newYork, "2026-03-06T20:00Z", 1)).toEqual(["2026-03-09T13:00Z"]);
  expect(ticksAfter(newYork, "2026-01-05T20:00Z", 1)).toEqual(["2026-01-06T14:00Z"]);
});

it("SR-95 an interval keeps its distance over clock changes", () => {
  expect(ticksAfter({ kind: "interval", minutes: 45 }, "2026-10-25T00:30Z", 3)).toEqual([
    "2026-10-25T01:15Z",
    "2026-10-25T02:00Z",
    "2026-10-25T02:45Z",
  ]);
});

it("an interval keeps its rhythm after ticks were missed", () => {
  const hourly: ScheduleRule = { kind: "interval", minutes: 60 };
  const anchor = at("2026-01-01T00:10:00Z");
  const now = at("2026-01-01T05:55:00Z");

  expect(latestTick(hourly, now, anchor)).toEqual(at("2026-01-01T05:10:00Z"));
  expect(nextTick(hourly, now, anchor)).toEqual(at("2026-01-01T06:10:00Z"));
});

it("the latest tick is the one before the next, at any moment and in any zone", () => {
  const rules = fc.oneof(
    fc.record({ kind: fc.constant("interval" as const), minutes: fc.integer({ min: 1, max: 10_000 }) }),
    fc.record({
      kind: fc.constant("cron" as const),
      expression: fc.constantFrom(
        "30 2 * * *",
        "*/20 * * * *",
        "0 2,3 * * *",
        "15 0 * * 7",
        "0 0 1 * *",
        "*/7 1-3 * * *",
      ),
      zone: fc.constantFrom("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC", "Asia/Kathmandu"),
    }),
  );
  const clockChanges = ["2026-03-29T01:00Z", "2026-10-25T01:00Z", "2026-11-01T06:00Z", "2026-10-03T15:30Z"].map(at);
  const moments = fc.oneof(
    fc.date({ min: at("2026-01-01"), max: at("2027-12-31"), noInvalidDate: true }),
    fc
      .tuple(fc.constantFrom(...clockChanges), fc.integer({ min: -10_000, max: 10_000 }))
      .map(([change, seconds]) => new Date(change.getTime() + seconds * 1_000)),
  );
  const anchor = at("2026-01-01T00:00:00Z");
  fc.assert(
    fc.property(rules, moments, (rule, now) => {
      const latest = latestTick(rule, now, anchor);
      const next = nextTick(rule, now, anchor);
      if (!latest || !next) throw new Error("these rules always have both");

      expect(latest.getTime()).toBeLessThanOrEqual(now.getTime());
      expect(next.getTime()).toBeGreaterThan(now.getTime());
      expect(nextTick(rule, latest, anchor)).toEqual(next);
    }),
  );
});

it("a manual rule has no ticks", () => {
  expect(upcomingTicks({ kind: "manual" }, at("2026-01-01"), 5)).toEqual([]);
  expect(latestTick({ kind: "manual" }, at("2026-01-01"), at("2026-01-01"))).toBeUndefined();
});

describe("a rule from outside", () => {
  it.each<[unknown]>([
    [{ kind: "manual" }],
    [{ kind: "interval", minutes: 1 }],
    [{ kind: "cron", expression: "*/5 8-18 * * mon-fri", zone: "Europe/Berlin" }],
    [{ kind: "cron", expression: "0 0 29 2 *", zone: "UTC" }],
  ])("is taken as it is: %j", (rule) => {
    expect(parseRule(rule)).toEqual(rule);
  });

  const cron = (expression: unknown, zone: unknown = "Europe/Berlin") => ({ kind: "cron", expression, zone });
  it.each<[string, unknown, string]>([
    ["is no object", "hourly", "/schedule"],
    ["is null", null, "/schedule"],
    ["has no kind", {}, "/schedule"],
    ["has an unknown kind", { kind: "weekly" }, "/schedule/kind"],
    ["SR-70 is more frequent than once a minute", { kind: "interval", minutes: 0 }, "/schedule/minutes"],
    ["SR-70 has a part of a minute", { kind: "interval", minutes: 0.5 }, "/schedule/minutes"],
    ["has minutes as text", { kind: "interval", minutes: "5" }, "/schedule/minutes"],
    ["has an interval beyond a year", { kind: "interval", minutes: 600_000 }, "/schedule/minutes"],
    ["SR-70 has seconds", cron("*/10 * * * * *"), "/schedule/expression"],
    ["has too few fields", cron("0 5 *"), "/schedule/expression"],
    ["has a name instead of fields", cron("@daily"), "/schedule/expression"],
    ["has a value that there is not", cron("61 * * * *"), "/schedule/expression"],
    ["has words that mean nothing", cron("a b c d e"), "/schedule/expression"],
    ["means something else each time it is read", cron("? * * * *"), "/schedule/expression"],
    ["never fires", cron("0 0 30 2 *"), "/schedule/expression"],
    ["has no expression", { kind: "cron", zone: "UTC" }, "/schedule/expression"],
    ["is endlessly long", cron(`${"0,".repeat(5_000)}0 * * * *`), "/schedule/expression"],
    ["has an unknown zone", cron("0 5 * * *", "Mars/Olympus"), "/schedule/zone"],
    ["has an offset for a zone", cron("0 5 * * *", "+02:00"), "/schedule/zone"],
    ["has no zone", { kind: "cron", expression: "0 5 * * *" }, "/schedule/zone"],
  ])("is refused, naming the field, when it %s", (_, rule, pointer) => {
    let refusal: unknown;
    try {
      parseRule(rule, "/schedule");
    } catch (error) {
      refusal = error;
    }

    expect(refusal).toBeInstanceOf(AppError);
    expect(refusal).toMatchObject({ code: "invalid_request", errors: [{ pointer }] });
  });
});
