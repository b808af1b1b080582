import { expect, it } from "vitest";
import { createQuotas, readQuota } from "./quota.ts";

const now = new Date("2026-11-29T12:00:00Z");
const told = (limit: string | undefined, remaining: string | undefined, reset?: string) => {
  const headers = new Headers();
  if (limit !== undefined) headers.set("ratelimit-limit", limit);
  if (remaining !== undefined) headers.set("ratelimit-remaining", remaining);
  if (reset !== undefined) headers.set("RateLimit-Reset", reset);
  return headers;
};
const at = (seconds: number) => new Date(now.getTime() + seconds * 1000);

it("reads what is left, of how much, and when it is renewed", () => {
  const quota = { limit: 1250, remaining: 240, resetsAt: at(30), countedBy: "provider" };
  expect(readQuota(told("1250", "240", "30"), now)).toEqual(quota);
  expect(readQuota(told(" 1250, 1250;w=60, 1200000;w=86400 ", "240", " 30 "), now)).toEqual(quota);
  expect(readQuota(told("1250;w=60", "0", "0"), now)).toEqual({ ...quota, remaining: 0, resetsAt: now });
});

it.each(["", "-1", "1.5", "1e3", "many", "0x10", "12 of 100", "9".repeat(16), "NaN", "Infinity", "５"])(
  "takes “%s” for no figure",
  (odd) => {
    expect(readQuota(told("1250", toLatin(odd), "30"), now)).toBeUndefined();
    expect(readQuota(told(toLatin(odd), "240", "30"), now)).toEqual({
      remaining: 240,
      resetsAt: at(30),
      countedBy: "provider",
    });
    expect(readQuota(told("1250", "240", toLatin(odd)), now)).toEqual({
      limit: 1250,
      remaining: 240,
      countedBy: "provider",
    });
  },
);

/** Headers have bytes; other letters come as several of them. */
const toLatin = (text: string) => Buffer.from(text).toString("latin1");

it("knows nothing where not all is told, where more is left than there is, or where the time is of another sort", () => {
  expect(readQuota(new Headers(), now)).toBeUndefined();
  expect(readQuota(told("1250", undefined, "30"), now)).toBeUndefined();
  expect(readQuota(told("100", "101", "30"), now)).toBeUndefined();
  // Seconds since 1970.
  expect(readQuota(told("100", "50", "1796040000"), now)).toEqual({
    limit: 100,
    remaining: 50,
    countedBy: "provider",
  });
});

const ticking = () => {
  const clock = { at: now, now: () => clock.at };
  return clock;
};
const well = { status: 200, headers: new Headers() };

it("believes what was told until the allowance is renewed, and for a minute where that is not told", () => {
  const clock = ticking();
  const quotas = createQuotas(clock);
  expect(quotas.note("ana", well)).toBeUndefined();
  const last = quotas.note("ana", { status: 200, headers: told("100", "20", "30") });
  expect(last).toMatchObject({ remaining: 20 });
  clock.at = at(29);
  expect(quotas.note("ana", well)).toEqual(last);
  expect(quotas.note("ben", well)).toBeUndefined();
  clock.at = at(30);
  expect(quotas.note("ana", well)).toBeUndefined();
  quotas.note("ana", { status: 200, headers: told(undefined, "20") });
  clock.at = at(89);
  expect(quotas.note("ana", well)).toMatchObject({ remaining: 20 });
  clock.at = at(90);
  expect(quotas.note("ana", well)).toBeUndefined();
});

it("counts what is asked of an allowance that no answer tells of, for each key by itself", () => {
  const clock = ticking();
  const quotas = createQuotas(clock);
  const allowance = { requests: 3, perSeconds: 60, note: "for most" };
  const note = (key: string, answer = well) => quotas.note(key, answer, allowance);
  expect(note("ana")).toEqual({
    limit: 3,
    remaining: 2,
    resetsAt: at(60),
    countedBy: "hawser",
    note: "for most",
  });
  clock.at = at(10);
  expect(note("ben")).toMatchObject({ remaining: 2, resetsAt: at(70) });
  for (const remaining of [1, 0, 0]) expect(note("ana")).toMatchObject({ remaining, resetsAt: at(60) });
  clock.at = at(60);
  expect(note("ana")).toMatchObject({ remaining: 2, resetsAt: at(120) });
  // Nobody can be told “too many” who has something left: the count is wrong, until it begins anew.
  expect(note("ana", { ...well, status: 429 })).toBeUndefined();
  clock.at = at(119);
  expect(note("ana")).toBeUndefined();
  clock.at = at(120);
  expect(note("ana")).toMatchObject({ remaining: 2 });
  // What the other side tells counts more.
  expect(note("ana", { status: 200, headers: told("50", "9", "5") })).toMatchObject({
    remaining: 9,
    countedBy: "provider",
  });
  clock.at = at(125);
  expect(note("ana")).toMatchObject({ remaining: 0, countedBy: "hawser" });
});
