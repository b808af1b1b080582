import { ProviderError } from "#core/errors.ts";
import { ExpressionError } from "#expressions/expression-error.ts";
import { isList, type Json } from "#expressions/json.ts";
import { compileJsonPath } from "#expressions/json-path.ts";
import type { OutputMapping } from "./action-shape.ts";

/**
 * What an action gives, of what the provider answered: all of it without a mapping. A path that can lead to one place
 * only gives what is there, or null; any other gives a list. Throws ProviderError `unexpected-reply` where the answer
 * is too much for a path.
 */
export function mapOutput(mapping: OutputMapping | undefined, reply: Json): Json {
  if (mapping === undefined) return reply;
  if (typeof mapping === "string") return selectFrom(mapping, reply);
  // A name may be __proto__, so these are entries and not members.
  return Object.fromEntries(Object.entries(mapping).map(([name, path]) => [name, selectFrom(path, reply)]));
}

export function selectFrom(path: string, value: Json): Json {
  const found = select(path, value);
  return leadsToOne(path) ? (found[0] ?? null) : found;
}

/** The entries of a list: those of the one list that the path leads to, or all that it finds. */
export function itemsIn(path: string, reply: Json): readonly Json[] {
  const found = select(path, reply);
  if (!leadsToOne(path)) return found;
  const [list] = found;
  if (list === undefined || list === null) return [];
  if (!isList(list)) throw new ProviderError("unexpected-reply", `What stands at ${path} of the answer is no list`);
  return list;
}

function select(path: string, value: Json): readonly Json[] {
  try {
    return compileJsonPath(path).select(value);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    throw new ProviderError("unexpected-reply", `The answer is too much for ${path}: ${error.message}`);
  }
}

/** Only names and positions: no wildcard, filter, slice, list of selectors or descent outside of quotes. */
const leadsToOne = (path: string): boolean =>
  !/[*?:,]|\.\./.test(path.replace(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/g, ""));
