import { expect, it } from "vitest";
import { endsInVain, nextStep, nextTry, renewalTime, wantedUntil } from "./next-step.ts";

const now = new Date("2026-03-01T12:00:00Z");
const after = (seconds: number) => new Date(now.getTime() + seconds * 1_000);
const made = { id: "s", expiresAt: after(3_600) };

it("decides what a channel needs", () => {
  const of = (
    channel: Partial<Parameters<typeof nextStep>[0]>,
    about: { wanted?: boolean; renewable?: boolean } = {},
  ) =>
    nextStep(
      { state: "live", subscription: made, nextAt: after(-1), isOfAnotherGrant: false, ...channel },
      { wanted: true, renewable: true, now, ...about },
    );
  expect(of({ state: "making", subscription: undefined })).toBe("subscribe");
  expect(of({ state: "making", subscription: undefined, nextAt: after(1) })).toBe("nothing");
  expect(of({ state: "making", subscription: undefined }, { wanted: false })).toBe("forget");
  expect(of({})).toBe("renew");
  expect(of({}, { renewable: false })).toBe("replace");
  expect(of({ nextAt: after(1) })).toBe("nothing");
  expect(of({ nextAt: undefined })).toBe("nothing");
  expect(of({ nextAt: after(1) }, { wanted: false })).toBe("end");
  expect(of({ nextAt: after(1), isOfAnotherGrant: true })).toBe("replace");
  expect(of({ state: "making", isOfAnotherGrant: true, nextAt: after(1) })).toBe("nothing");
  expect(of({ subscription: { id: "s", expiresAt: now } })).toBe("forget");
  expect(of({ state: "ending" })).toBe("end");
  expect(of({ state: "ending", nextAt: after(1) })).toBe("nothing");
  expect(of({ state: "ending", subscription: { id: "s" } })).toBe("end");
  expect(of({ state: "ending", subscription: { id: "s", expiresAt: after(-1) } })).toBe("forget");
});

it("renews after about three quarters of its life, not all at once", () => {
  expect(renewalTime(now, after(1_000), 0)).toEqual(after(700));
  expect(renewalTime(now, after(1_000), 1)).toEqual(after(800));
  expect(renewalTime(now, after(-5), 1)).toEqual(now);
  expect(wantedUntil(now)).toEqual(after(6 * 86_400));
});

it("pauses longer after each failure, up to an hour, and as long as the provider wants", () => {
  const pause = (kind: string, attempts: number, retryAt?: Date) =>
    (nextTry({ kind, retryAt }, { attempts, now, chance: 1 }).getTime() - now.getTime()) / 1_000;
  expect([1, 2, 3, 9, 10, 1_000].map((attempts) => pause("unavailable", attempts))).toEqual([
    10, 20, 40, 2_560, 3_600, 3_600,
  ]);
  expect(pause("forbidden", 1)).toBe(900);
  expect(pause("connection_not_active", 1)).toBe(900);
  expect(pause("rate-limited", 1, after(5_000))).toBe(5_000);
});

it("asks a provider for a day to end what nobody wants", () => {
  expect(endsInVain(undefined, now)).toBe(false);
  expect(endsInVain(after(-86_000), now)).toBe(false);
  expect(endsInVain(after(-87_000), now)).toBe(true);
});
