import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createThrottle } from "./throttle.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("works at once, at most once in a pause, and ends with what was asked for last", async () => {
  const done: number[] = [];
  const throttle = createThrottle<number>(250, async (what) => void done.push(what));

  for (let number = 1; number <= 20; number++) throttle.touch("run", number);
  expect(done).toEqual([1]);
  await vi.advanceTimersByTimeAsync(249);
  expect(done).toEqual([1]);
  await vi.advanceTimersByTimeAsync(1);
  expect(done).toEqual([1, 20]);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(done).toEqual([1, 20]);
});

it("does not begin again before slow work is over, so that an old answer never comes after a new one", async () => {
  const begun: number[] = [];
  let finish = () => {};
  const throttle = createThrottle<number>(250, (what) => {
    begun.push(what);
    return new Promise((resolve) => {
      finish = resolve;
    });
  });

  throttle.touch("run", 1);
  throttle.touch("run", 2);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(begun).toEqual([1]);
  finish();
  await vi.advanceTimersByTimeAsync(250);
  expect(begun).toEqual([1, 2]);
});

it("keeps keys apart, and does nothing after it was stopped", async () => {
  const done: string[] = [];
  const throttle = createThrottle<string>(250, async (what) => void done.push(what));

  throttle.touch("a", "a1");
  throttle.touch("b", "b1");
  throttle.touch("a", "a2");
  throttle.stop();
  throttle.touch("c", "c1");
  await vi.advanceTimersByTimeAsync(1_000);

  expect(done).toEqual(["a1", "b1"]);
});
