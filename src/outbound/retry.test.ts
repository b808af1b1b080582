import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createHostHealth } from "./host-health.ts";
import { decideRetry, isHostFailure, type Outcome, readRetryAfter } from "./retry.ts";
import { manualTimer } from "./testing/manual-timer.ts";

const answered = (status: number, retryAfterMs?: number): Outcome => ({
  kind: "answered",
  status,
  ...(retryAfterMs && { retryAfterMs }),
});
const first = { tries: 1, repeatable: true, chance: 1 };

describe("decideRetry", () => {
  it("SR-80 repeats 408, 425, 429, 500, 502, 503, 504 and what was not sent, and nothing else", () => {
    const repeated = Array.from({ length: 500 }, (_, index) => index + 100).filter(
      (status) => decideRetry(answered(status), first).next === "again",
    );
    expect(repeated).toEqual([408, 425, 429, 500, 502, 503, 504]);
    expect(decideRetry({ kind: "not-sent" }, first).next).toBe("again");
    expect(decideRetry({ kind: "unknown" }, first).next).toBe("done");
  });

  it("SR-80 repeats nothing that is not repeatable", () => {
    for (const outcome of [answered(429), answered(503), { kind: "not-sent" } as const]) {
      expect(decideRetry(outcome, { ...first, repeatable: false }).next).toBe("done");
    }
  });

  it("SR-80 tries five times at most", () => {
    const nexts = [1, 2, 3, 4, 5, 6].map((tries) => decideRetry(answered(503), { ...first, tries }).next);
    expect(nexts).toEqual(["again", "again", "again", "again", "done", "done"]);
  });

  it("tries less often where somebody waits for the answer", () => {
    const nexts = [1, 2].map((tries) => decideRetry(answered(503), { ...first, tries, most: 2 }).next);
    expect(nexts).toEqual(["again", "done"]);
  });

  it("SR-80 waits a random part of 1, 2, 4, 8 seconds", () => {
    const waits = (chance: number) =>
      [1, 2, 3, 4].map((tries) => decideRetry(answered(500), { ...first, tries, chance }));
    expect(waits(1)).toEqual([1000, 2000, 4000, 8000].map((inMs) => ({ next: "again", inMs })));
    expect(waits(0.5)).toEqual([500, 1000, 2000, 4000].map((inMs) => ({ next: "again", inMs })));
    expect(waits(0)).toEqual(Array(4).fill({ next: "again", inMs: 0 }));
  });

  it("SR-80 honours Retry-After up to 15 minutes, and hands longer waits back", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100_000_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (ms, chance) => {
          const decision = decideRetry(answered(429, ms), { ...first, chance });
          expect(decision.next).toBe(ms > 900_000 ? "later" : "again");
          if (decision.next !== "done") expect(decision.inMs).toBeGreaterThanOrEqual(ms);
        },
      ),
    );
  });
});

describe("readRetryAfter", () => {
  const now = new Date("2026-11-21T10:00:00Z");
  it.each([
    ["120", 120_000],
    [" 1 ", 1_000],
    ["Sat, 21 Nov 2026 10:00:30 GMT", 30_000],
    ["Sat, 21 Nov 2026 09:00:00 GMT", undefined],
    ["0", undefined],
    ["-5", undefined],
    ["soon", undefined],
    ["", undefined],
    ["99999999999999999999", undefined],
    [null, undefined],
  ])("reads %j as %s ms", (text, ms) => {
    expect(readRetryAfter(text, now)).toBe(ms);
  });
});

describe("host health", () => {
  it("SR-80 pauses a host after 5 failures in a row, and sends one call ahead after 30 s", async () => {
    const timer = manualTimer();
    const health = createHostHealth(timer);
    for (let failure = 1; failure <= 5; failure++) {
      expect(health.mayCall("a").allowed).toBe(true);
      health.report("a", "failed");
    }
    expect(health.mayCall("a")).toEqual({ allowed: false, inMs: 30_000 });
    expect(health.mayCall("b").allowed).toBe(true);
    await timer.pass(30_000);
    expect([health.mayCall("a").allowed, health.mayCall("a").allowed]).toEqual([true, false]);
    health.report("a", "well");
    expect([health.mayCall("a").allowed, health.mayCall("a").allowed]).toEqual([true, true]);
  });

  it("SR-80 pauses it again when that one call fails, or never reports", async () => {
    const timer = manualTimer();
    const health = createHostHealth(timer);
    for (let failure = 1; failure <= 5; failure++) health.report("a", "failed");
    for (let round = 1; round <= 3; round++) {
      await timer.pass(30_000);
      expect(health.mayCall("a").allowed).toBe(true);
      if (round === 2) health.report("a", "failed");
      expect(health.mayCall("a")).toEqual({ allowed: false, inMs: 30_000 });
    }
  });

  it("SR-80 counts only failures in a row", () => {
    const health = createHostHealth(manualTimer());
    for (let index = 0; index < 100; index++) {
      health.report("a", index % 5 === 4 ? "well" : "failed");
      health.report("a", "unclear");
    }
    expect(health.mayCall("a").allowed).toBe(true);
  });

  it("SR-80 does not hold against a host what is the request's fault or ours", () => {
    expect([200, 304, 400, 401, 404, 408, 429, 501].filter((status) => isHostFailure(answered(status)))).toEqual([]);
    expect([500, 502, 503, 504].every((status) => isHostFailure(answered(status)))).toBe(true);
    expect(isHostFailure({ kind: "not-sent" }) && isHostFailure({ kind: "unknown" })).toBe(true);
  });

  it("SR-80 keeps retries below a tenth of a busy host's calls, and lets a quiet one have a few", async () => {
    const timer = manualTimer();
    const health = createHostHealth(timer);
    const retriesAllowed = (calls: number) => {
      let allowed = 0;
      for (let call = 0; call < calls; call++) {
        health.mayCall("a");
        if (health.mayRetry("a")) allowed += 1;
      }
      return allowed;
    };
    expect(retriesAllowed(50)).toBe(10);
    expect(retriesAllowed(950)).toBe(90);
    await timer.pass(10 * 60_000);
    expect(retriesAllowed(20)).toBe(10);
  });
});
