import fc from "fast-check";
import { expect, it } from "vitest";
import { mostForOne, nextShare } from "./fair-share.ts";

it("SR-71 no workspace gets more than half the places, or its limit", () => {
  expect(mostForOne({ atOnce: 20, atOncePerWorkspace: 10 })).toBe(10);
  expect(mostForOne({ atOnce: 20, atOncePerWorkspace: 3 })).toBe(3);
  expect(mostForOne({ atOnce: 5, atOncePerWorkspace: 10 })).toBe(2);
  expect(mostForOne({ atOnce: 1, atOncePerWorkspace: 10 })).toBe(1);
});

/** Places taken when workspaces with endless work come one after another and nothing ends. */
function crowd(atOnce: number, workspaces: number): Map<string, number> {
  const running = new Map<string, number>();
  for (let number = 0; number < workspaces; number++) {
    const name = `w${number}`;
    for (;;) {
      const { batchSize, ignoreGroups } = nextShare({ atOnce, atOncePerWorkspace: atOnce }, running);
      if (batchSize === 0 || ignoreGroups.includes(name)) break;
      running.set(name, (running.get(name) ?? 0) + batchSize);
    }
  }
  return running;
}

it("SR-71 however much the first ones have to do, whoever comes next finds a place", () => {
  expect([...crowd(20, 5).values()]).toEqual([10, 5, 3, 1, 1]);
  expect(crowd(100, 6).size).toBe(6);
});

it("never takes more than there are places, and never leaves the only workspace without one", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 20 }), (atOnce, workspaces) => {
      const taken = [...crowd(atOnce, workspaces).values()].reduce((sum, count) => sum + count, 0);

      expect(taken).toBeGreaterThan(0);
      expect(taken).toBeLessThanOrEqual(atOnce);
    }),
  );
});
