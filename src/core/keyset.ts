import { AppError } from "./errors.ts";
import type { Cursor } from "./ids.ts";

/** Where a listing left off: the sort values of the last row that was given out, as text. */
export const toCursor = (...after: (string | null)[]): Cursor => JSON.stringify(after) as Cursor;

/** The values of a cursor; `cursor_not_valid` for what does not hold `length` of them, nothing without a cursor. */
export function fromCursor(cursor: string | undefined, length: number): (string | null)[] | undefined {
  if (cursor === undefined) return undefined;
  let after: unknown;
  try {
    after = JSON.parse(cursor);
  } catch {}
  if (Array.isArray(after) && after.length === length && after.every(isValue)) return after;
  throw new AppError("cursor_not_valid", "This cursor does not belong to this list. Start again without one.");
}

const isValue = (value: unknown): value is string | null => value === null || typeof value === "string";
