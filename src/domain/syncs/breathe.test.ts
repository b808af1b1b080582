import { expect, it } from "vitest";
import { breather } from "./breathe.ts";

it("SR-72 long work lets others have their turn again and again", async () => {
  const breathe = breather();
  let working = true;
  let turns = 0;
  const other = () => {
    turns++;
    if (working) setImmediate(other);
  };
  setImmediate(other);
  const end = performance.now() + 200;
  let pieces = 0;
  while (performance.now() < end) {
    pieces++;
    await breathe();
  }
  working = false;
  expect(pieces).toBeGreaterThan(turns);
  expect(turns).toBeGreaterThan(2);
});
