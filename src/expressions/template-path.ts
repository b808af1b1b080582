import type { Json } from "./json.ts";
import { isList, isObject } from "./json.ts";

const MOST_CANDIDATES = 200;
const LONGEST_CANDIDATE = 64;

/** A path as it is written in a template. */
export const pathText = (root: string, path: readonly (string | number)[]): string =>
  root +
  path
    .map((segment) => {
      if (typeof segment === "number") return `[${segment}]`;
      return /^[A-Za-z_][A-Za-z0-9_-]*$/.test(segment) ? `.${segment}` : `["${segment}"]`;
    })
    .join("");

/** What stands at a path, or the sentence that says where it ends and what may have been meant. */
export type Lookup = { found: true; value: Json } | { found: false; because: string };

/** Walks own properties only; a name on a list or a position on an object is not there. */
export function lookUp(value: Json, path: readonly (string | number)[], root: string, from = 0): Lookup {
  let current = value;
  for (let at = from; at < path.length; at++) {
    const segment = path[at] ?? "";
    const next = childOf(current, segment);
    if (next === undefined) return { found: false, because: missing(current, path, root, at) };
    current = next;
  }
  return { found: true, value: current };
}

function childOf(value: Json, segment: string | number): Json | undefined {
  if (typeof segment === "number") return isList(value) && Object.hasOwn(value, segment) ? value[segment] : undefined;
  return isObject(value) && Object.hasOwn(value, segment) ? value[segment] : undefined;
}

function missing(holder: Json, path: readonly (string | number)[], root: string, at: number): string {
  const wanted = path[at] ?? "";
  const gone = `\`${pathText(root, path.slice(0, at + 1))}\` does not exist.`;
  const above = `\`${pathText(root, path.slice(0, at))}\``;
  if (isList(holder)) {
    if (holder.length === 0) return `${gone} ${above} is an empty list.`;
    return typeof wanted === "number"
      ? `${gone} ${above} is a list of ${holder.length}, counted from [0].`
      : `${gone} ${above} is a list. Did you mean \`${pathText(root, [...path.slice(0, at), 0, wanted])}\`?`;
  }
  if (!isObject(holder)) return `${gone} ${above} is ${nameOf(holder)} and holds nothing else.`;
  return `${gone} ${suggestion(Object.keys(holder), String(wanted), (key) => pathText(root, [...path.slice(0, at), key]), above)}`;
}

/** "Did you mean …?" where a name is near, otherwise a few of those that are there. */
export function suggestion(
  names: readonly string[],
  wanted: string,
  write: (name: string) => string,
  holder: string,
): string {
  const writable = names.filter((name) => name.length <= LONGEST_CANDIDATE && !/["\\\p{Cc}]/u.test(name));
  const near = nearest(writable.slice(0, MOST_CANDIDATES), wanted);
  if (near !== undefined) return `Did you mean \`${write(near)}\`?`;
  const few = writable.slice(0, 5).map((name) => `\`${name}\``);
  return few.length === 0 ? `${holder} is empty.` : `${holder} has ${few.join(", ")}${names.length > 5 ? ", …" : ""}.`;
}

function nearest(names: readonly string[], wanted: string): string | undefined {
  if (wanted.length > LONGEST_CANDIDATE) return undefined;
  let best: string | undefined;
  let least = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const name of names) {
    const distance = name.toLowerCase() === wanted.toLowerCase() ? 0 : distanceBetween(name, wanted);
    if (distance < least) {
      least = distance;
      best = name;
    }
  }
  return best;
}

/** How many characters have to be added, taken away or changed (Levenshtein). */
function distanceBetween(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      const change = (row[j - 1] ?? 0) + (one[i - 1] === other[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}

/** "a text", "a list", …: what a value is called in a sentence. */
export function nameOf(value: Json): string {
  if (value === null) return "null";
  if (isList(value)) return "a list";
  return { string: "a text", number: "a number", boolean: "true or false", object: "an object" }[
    typeof value as "string" | "number" | "boolean" | "object"
  ];
}
