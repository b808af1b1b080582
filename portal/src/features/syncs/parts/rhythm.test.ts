import { expect, it } from "vitest";
import { rhythmOf, toCron } from "./rhythm.ts";

it.each(["0 6 * * *", "30 22 * * 1-5", "5 7 * * 0", "0 0 14 * *", "*/15 8-17 * * 1-5", "0 6 1 1 *"])(
  "shows %s and gives it back unchanged",
  (expression) => {
    expect(toCron(rhythmOf(expression))).toBe(expression);
  },
);

it("keeps time and day when the repetition changes", () => {
  const weekly = rhythmOf("45 18 * * 5");
  expect(toCron({ ...weekly, every: "day" })).toBe("45 18 * * *");
  expect(toCron({ ...weekly, every: "month", day: "3" })).toBe("45 18 3 * *");
});
