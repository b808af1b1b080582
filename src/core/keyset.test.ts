import { expect, it } from "vitest";
import { fromCursor, toCursor } from "./keyset.ts";

it("gives back what a listing left off at, whatever is in it", () => {
  expect(fromCursor(toCursor('a "name", 1', null, "7"), 3)).toEqual(['a "name", 1', null, "7"]);
  expect(fromCursor(undefined, 2)).toBeUndefined();
});

it("refuses what is no cursor of this list", () => {
  for (const cursor of ["", "x", "7", "{}", '["a"]', '["a", 1]', '["a","b","c"]']) {
    expect(() => fromCursor(cursor, 2)).toThrow(expect.objectContaining({ code: "cursor_not_valid" }));
  }
});
