/** Parsed JSON. Objects that we make have no prototype, so that `__proto__` and `constructor` are keys like any other. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

/** What a value may hold at most. `refuse` makes the error for the caller's own words. */
export interface JsonLimits {
  depth: number;
  /** Of the value written as JSON, counted in UTF-16 units; near enough to bytes for a limit. */
  size: number;
  refuse(why: string): Error;
}

/**
 * A copy that is JSON through and through (SR-24): own data properties only, objects without a prototype. Throws what
 * `refuse` makes for functions, getters, objects of classes, numbers JSON has no word for, and beyond the limits; a
 * value that contains itself is too deep.
 */
export function copyJson(value: unknown, limits: JsonLimits): Json {
  let left = limits.size;
  const spend = (size: number) => {
    left -= size;
    if (left < 0) throw limits.refuse("The value is too large");
  };

  const copy = (original: unknown, depth: number): Json => {
    if (depth > limits.depth) throw limits.refuse(`The value is nested deeper than ${limits.depth} levels`);
    if (typeof original === "string") {
      spend(original.length + 2);
      return original;
    }
    spend(4);
    if (original === null || typeof original === "boolean") return original;
    if (typeof original === "number" && Number.isFinite(original)) return original;
    if (Array.isArray(original)) {
      // A list with holes has fewer entries than its length says, and could be billions of holes long.
      spend(original.length);
      return Array.from({ length: original.length }, (_, at) => copy(ownValue(original, String(at)), depth + 1));
    }
    if (typeof original !== "object" || !isPlain(original)) throw limits.refuse("The value is not JSON");
    const made: Record<string, Json> = Object.create(null);
    for (const key of Object.keys(original)) {
      spend(key.length + 3);
      made[key] = copy(ownValue(original, key), depth + 1);
    }
    return made;
  };

  const ownValue = (holder: object, key: string): unknown => {
    const property = Object.getOwnPropertyDescriptor(holder, key);
    if (property === undefined || !("value" in property)) throw limits.refuse("The value is not JSON");
    return property.value;
  };

  return copy(value, 0);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

export const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Whether two values are the same JSON; the order of keys does not count. `step` is called for each comparison. */
export function sameJson(left: Json, right: Json, step: () => void = () => {}): boolean {
  step();
  if (left === right) return true;
  if (isList(left)) {
    return (
      Array.isArray(right) &&
      left.length === right.length &&
      left.every((entry, at) => sameJson(entry, right[at] ?? null, step))
    );
  }
  if (!isObject(left) || !isObject(right)) return false;
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => {
      const mine = left[key];
      const theirs = Object.hasOwn(right, key) ? right[key] : undefined;
      return mine !== undefined && theirs !== undefined && sameJson(mine, theirs, step);
    })
  );
}
