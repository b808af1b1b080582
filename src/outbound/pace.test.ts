import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createPace, type Rate } from "./pace.ts";
import { manualTimer } from "./testing/manual-timer.ts";

const rate: Rate = { requestsPerSecond: 2, atOnce: 100 };

/** Enters `count` times and tells when each one got in. */
function enterMany(count: number, { rate: at = rate, key = "k", stay = false } = {}) {
  const timer = manualTimer();
  const pace = createPace(timer);
  const entered: number[] = [];
  const over: (() => void)[] = [];
  for (let index = 0; index < count; index++) {
    void pace.enter(key, at).then((leave) => {
      entered.push(timer.now());
      over.push(leave);
      if (!stay) leave();
    });
  }
  return { timer, pace, entered, over };
}

describe("pace", () => {
  it("lets a second's worth in at once and the rest one by one", async () => {
    const { timer, entered } = enterMany(6);
    await timer.pass(10_000);
    expect(entered).toEqual([0, 0, 500, 1000, 1500, 2000]);
  });

  it("lets no more in at once than agreed, and the next when one leaves", async () => {
    const { timer, entered, over } = enterMany(5, { rate: { requestsPerSecond: 1000, atOnce: 2 }, stay: true });
    await timer.pass(1_000);
    expect(entered).toHaveLength(2);
    over[0]?.();
    over[0]?.();
    await timer.pass(1);
    expect(entered).toHaveLength(3);
  });

  it("serves a rate below one a second", async () => {
    const { timer, entered } = enterMany(3, { rate: { requestsPerSecond: 0.1, atOnce: 1 } });
    await timer.pass(60_000);
    expect(entered).toEqual([0, 10_000, 20_000]);
  });

  it("SR-80 holds everybody of the key for as long as Retry-After says, and nobody else", async () => {
    const { timer, pace, entered } = enterMany(0);
    pace.hold("k", 30_000);
    pace.hold("k", 10_000);
    for (const key of ["k", "other"]) void pace.enter(key, rate).then(() => entered.push(timer.now()));
    await timer.pass(29_999);
    expect(entered).toEqual([0]);
    await timer.pass(1);
    expect(entered).toEqual([0, 30_000]);
  });

  it("SR-80 sends away at once who would have to wait for over 15 minutes, those who wait already too", async () => {
    const timer = manualTimer();
    const pace = createPace(timer, { now: () => new Date("2026-11-21T10:00:00Z") });
    pace.hold("k", 900_000);
    const waiting = pace.enter("k", rate);
    pace.hold("k", 7_200_000);
    const paused = { reason: "host-paused", sent: false, retryAt: new Date("2026-11-21T12:00:00Z") };
    await expect(waiting).rejects.toMatchObject(paused);
    await expect(pace.enter("k", rate)).rejects.toMatchObject(paused);
    await timer.pass(7_200_000);
    (await pace.enter("k", rate))();
  });

  it("forgets who stopped waiting, and goes on with the next", async () => {
    const { timer, pace, entered } = enterMany(2, { rate: { requestsPerSecond: 1, atOnce: 1 }, stay: false });
    const stop = new AbortController();
    const given = pace.enter("k", { requestsPerSecond: 1, atOnce: 1 }, stop.signal);
    void pace.enter("k", { requestsPerSecond: 1, atOnce: 1 }).then(() => entered.push(timer.now()));
    stop.abort(new Error("cancelled"));
    await expect(given).rejects.toThrow("cancelled");
    await timer.pass(10_000);
    expect(entered).toEqual([0, 1000, 2000]);
    await expect(pace.enter("k", rate, stop.signal)).rejects.toThrow("cancelled");
  });

  it("never exceeds the rate by more than a second's worth, and lets everybody in", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 60 }), async (perSecond, count) => {
        const { timer, entered } = enterMany(count, { rate: { requestsPerSecond: perSecond, atOnce: 1000 } });
        await timer.pass(100_000);
        expect(entered).toHaveLength(count);
        for (const [index, at] of entered.entries())
          expect(index + 1).toBeLessThanOrEqual(perSecond + (at / 1000) * perSecond + 1e-6);
      }),
      { numRuns: 30 },
    );
  });
});
