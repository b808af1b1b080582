import { ProviderError } from "#core/errors.ts";
import { ExpressionError } from "#expressions/expression-error.ts";
import { isList, type Json } from "#expressions/json.ts";
import { compileJsonPath } from "#expressions/json-path.ts";
import type { OutputMapping } from "./action-shape.ts";

/**
 * What an action gives, of what the provider answered: all of it without a mapping. A path that can lead to one place
 * only gives what is there, or null; any other gives a list. It throws ProviderError `unexpected-reply` where the answer
 * is too much for a path.
 */
export function outputMapper(mapping: OutputMapping | undefined): (reply: Json) => Json {
  if (mapping === undefined) return (reply) => reply;
  if (typeof mapping === "string") return selector(mapping);
  const parts = Object.entries(mapping).map(([name, path]) => [name, selector(path)] as const);
  // A name may be __proto__, so these are entries and not members.
  return (reply) => Object.fromEntries(parts.map(([name, select]) => [name, select(reply)]));
}

export const selectFrom = (path: string, value: Json): Json => selector(path)(value);

function selector(path: string): (value: Json) => Json {
  const select = finder(path);
  return leadsToOne(path) ? (value) => select(value)[0] ?? null : select;
}

/** The entries of a list: those of the one list that the path leads to, or all that it finds. */
export function itemsIn(path: string, reply: Json): readonly Json[] {
  const found = finder(path)(reply);
  if (!leadsToOne(path)) return found;
  const [list] = found;
  if (list === undefined || list === null) return [];
  if (!isList(list)) throw new ProviderError("unexpected-reply", `What stands at ${path} of the answer is no list`);
  return list;
}

function finder(path: string): (value: Json) => readonly Json[] {
  const compiled = compileJsonPath(path);
  return (value) => {
    try {
      return compiled.select(value);
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      throw new ProviderError("unexpected-reply", `The answer is too much for ${path}: ${error.message}`);
    }
  };
}

/** Only names and positions: no wildcard, filter, slice, list of selectors or descent outside of quotes. */
const leadsToOne = (path: string): boolean =>
  !/[*?:,]|\.\./.test(path.replace(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/g, ""));
