// How the values of an input are written in an address, a header or a form.
import { ExpressionError } from "#expressions/expression-error.ts";
import { isList, isObject, type Json } from "#expressions/json.ts";
import { encodeQuery } from "#expressions/place.ts";
import type { Parameter } from "./action-shape.ts";

/** The pairs of one parameter, encoded. Throws ExpressionError for what a query cannot hold. */
export function queryPairs({ name, style }: Parameter, value: Json): string[] {
  const pair = (key: string, text: string) => `${encodeQuery(key)}=${encodeQuery(text)}`;
  const pairs = (flattened: [string, string][]) => flattened.map(([key, text]) => pair(key, text));
  if (style === "json") return [pair(name, JSON.stringify(value))];
  if (isObject(value)) {
    return style === "deep_object" || style === "brackets"
      ? pairs(flatten(name, value))
      : [pair(name, JSON.stringify(value))];
  }
  if (!isList(value)) return [pair(name, scalarText(value))];
  switch (style) {
    case "comma":
      return [`${encodeQuery(name)}=${value.map((one) => encodeQuery(scalarText(one))).join(",")}`];
    case "pipe":
      return [pair(name, listText(value, "|"))];
    case "space":
      return [pair(name, listText(value, " "))];
    case "brackets":
      return value.map((one) => pair(`${name}[]`, scalarText(one)));
    case "deep_object":
      return pairs(flatten(name, value));
    default:
      return value.map((one) => pair(name, scalarText(one)));
  }
}

/** What stands at `a[x][0]`, and so on; null stands nowhere. */
export function flatten(name: string, value: Json): [name: string, text: string][] {
  if (isList(value)) return value.flatMap((one, index) => flatten(`${name}[${index}]`, one));
  if (isObject(value)) return Object.entries(value).flatMap(([key, one]) => flatten(`${name}[${key}]`, one));
  return value === null ? [] : [[name, scalarText(value)]];
}

export const listText = (value: Json, separator: string): string =>
  isList(value) ? value.map(scalarText).join(separator) : scalarText(value);

export function scalarText(value: Json): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw new ExpressionError("template_value_refused", "Only a text, a number, true or false can stand here");
}
