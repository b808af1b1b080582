import { describe, expect, it } from "vitest";
import { allowanceForecast, forecast, type Progress, paceOf } from "./forecast.ts";

/** A run that copies so many files and bytes a second, told of once a second; each file takes two requests. */
function running(seconds: number, perSecond: { files: number; bytes: number }, all = { files: 10_000, bytes: 1e9 }) {
  return Array.from({ length: seconds + 1 }, (_, second): Progress => {
    const [files, bytes] = [second * perSecond.files, second * perSecond.bytes];
    const left = { filesLeft: all.files - files, bytesLeft: all.bytes - bytes };
    return { at: second * 1000, files, bytes, ...left, requests: 700 + files * 2 };
  });
}
const at = (progress: readonly Progress[]) => progress.at(-1)?.at ?? 0;

describe("the forecast of a run", () => {
  it("says nothing from a single figure, from a few seconds, or from a few files of many", () => {
    const steady = { files: 100, bytes: 1e6 };
    for (const seconds of [0, 1, 4]) {
      const progress = running(seconds, steady);
      expect(forecast(progress, at(progress))).toEqual({ kind: "unknown" });
    }
    const slow = running(8, { files: 1, bytes: 10 });
    expect(forecast(slow, at(slow))).toEqual({ kind: "unknown" });
    expect(forecast([], 0)).toEqual({ kind: "unknown" });
  });

  it("is what is left at a steady pace: by files, or by bytes where a few large ones are left", () => {
    const small = running(20, { files: 100, bytes: 1e6 }, { files: 12_000, bytes: 30e6 });
    expect(forecast(small, at(small))).toMatchObject({ kind: "left", ms: expect.closeTo(100_000, -1) });
    const large = running(20, { files: 1, bytes: 10e6 }, { files: 40, bytes: 2_200e6 });
    expect(forecast(large, at(large))).toMatchObject({ kind: "left", ms: expect.closeTo(200_000, -1) });
  });

  it("does not jump for one odd second, and follows a pace that stays another", () => {
    const steady = running(60, { files: 100, bytes: 0 }, { files: 20_000, bytes: 0 });
    const [last] = steady.slice(-1);
    if (!last) throw new Error("there is none");
    const burst = [
      ...steady,
      { ...last, at: last.at + 1000, files: last.files + 1000, filesLeft: last.filesLeft - 1000 },
    ];
    expect(paceOf(burst)?.filesPerSecond).toBeLessThan(150);
    const slower = [...steady];
    for (let second = 1; second <= 60; second++) {
      slower.push({
        ...last,
        at: last.at + second * 1000,
        files: last.files + second * 10,
        filesLeft: last.filesLeft - second * 10,
      });
    }
    expect(paceOf(slower)?.filesPerSecond).toBeLessThan(30);
  });

  it("is the same however often figures arrive", () => {
    const [often, seldom] = [running(40, { files: 50, bytes: 1000 }), running(40, { files: 50, bytes: 1000 })];
    const thinned = seldom.filter((_, second) => second % 8 === 0);
    expect(paceOf(often)?.filesPerSecond).toBeCloseTo(paceOf(thinned)?.filesPerSecond ?? 0, 5);
  });

  it("says that nothing moves where nothing does, instead of a time that grows", () => {
    const progress = running(20, { files: 10, bytes: 0 });
    expect(forecast(progress, at(progress) + 60_000)).toEqual({ kind: "stuck", sinceMs: 60_000 });
  });

  it("is nothing more once nothing is left", () => {
    const done = running(10, { files: 10, bytes: 10 }, { files: 100, bytes: 100 });
    expect(forecast(done, at(done))).toEqual({ kind: "left", ms: 0 });
  });
});

describe("whether what is left to do fits into what is left of the allowance", () => {
  // 10 files and 20 requests a second: 200 done, 800 left, which take 1,600 requests and 80 seconds.
  const progress = running(20, { files: 10, bytes: 0 }, { files: 1_000, bytes: 0 });
  const fits = (remaining: number, resetsInMs?: number, of = progress) =>
    allowanceForecast(of, { remaining, resetsAt: resetsInMs === undefined ? undefined : at(of) + resetsInMs }, at(of));

  it("says so where it does, from the requests that a file has taken since the copying began", () => {
    expect(fits(1_600, 1_000)).toEqual({ kind: "enough", requests: 1_600 });
    expect(fits(5_000)).toEqual({ kind: "enough", requests: 1_600 });
  });

  it("tells whether it is renewed before it is used up, and takes it for short where nobody knows when that is", () => {
    expect(fits(1_000, 50_000)).toEqual({ kind: "lasts", requests: 1_600 });
    expect(fits(1_000, 51_000)).toEqual({ kind: "short", requests: 1_600 });
    expect(fits(0, 1_000)).toEqual({ kind: "short", requests: 1_600 });
    expect(fits(1_000)).toEqual({ kind: "short", requests: 1_600 });
  });

  it("says nothing from a few files of many, where nothing was asked, and once nothing is left", () => {
    expect(fits(10, 1_000, [])).toEqual({ kind: "unknown" });
    expect(fits(10, 1_000, running(9, { files: 1, bytes: 0 }))).toEqual({ kind: "unknown" });
    expect(fits(10, 1_000, running(3, { files: 1, bytes: 0 }, { files: 5, bytes: 0 }))).toEqual({
      kind: "enough",
      requests: 4,
    });
    const idle = progress.map((one) => ({ ...one, requests: 700 }));
    expect(fits(10, 1_000, idle)).toEqual({ kind: "unknown" });
    const over = running(10, { files: 10, bytes: 0 }, { files: 100, bytes: 0 });
    expect(fits(10, 1_000, over)).toEqual({ kind: "unknown" });
  });
});
