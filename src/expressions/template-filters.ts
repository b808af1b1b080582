import { ExpressionError } from "./expression-error.ts";
import { isList, isObject, type Json } from "./json.ts";
import { nameOf } from "./template-path.ts";

export interface TemplateFilter {
  readonly name: FilterName;
  readonly argument?: string | number | boolean | null;
}

type Argument = "none" | "text" | "literal";

interface Filter {
  argument: Argument;
  /** `undefined` is "not there". What a filter does not understand it refuses. */
  apply(value: Json, argument: string): Json | undefined;
}

const text = (filter: string, change: (value: string) => string): Filter => ({
  argument: "none",
  apply(value) {
    if (typeof value !== "string") throw unfit(filter, "a text", value);
    return change(value);
  },
});

/** The whole list (SR-23); documented in docs/guides/templates.md. All are pure. */
const filters = {
  // Takes the place of a value that is missing or null, so it has no work of its own.
  default: { argument: "literal", apply: (value) => value },
  trim: text("trim", (value) => value.trim()),
  lower: text("lower", (value) => value.toLowerCase()),
  upper: text("upper", (value) => value.toUpperCase()),
  json: { argument: "none", apply: (value) => JSON.stringify(value) },
  join: {
    argument: "text",
    apply(value, separator) {
      if (!isList(value)) throw unfit("join", "a list", value);
      const other = value.find((entry) => entry === null || typeof entry === "object");
      if (other !== undefined) throw unfit("join", "a list of texts and numbers", other);
      return value.map(String).join(separator);
    },
  },
  first: {
    argument: "none",
    apply(value) {
      if (!isList(value)) throw unfit("first", "a list", value);
      return value[0];
    },
  },
  count: {
    argument: "none",
    apply(value) {
      if (isList(value)) return value.length;
      if (isObject(value)) return Object.keys(value).length;
      if (typeof value === "string") return Array.from(value).length;
      throw unfit("count", "a list, an object or a text", value);
    },
  },
} as const satisfies Record<string, Filter>;

export type FilterName = keyof typeof filters;

export const isFilterName = (name: string): name is FilterName => Object.hasOwn(filters, name);

/** What is wrong with a filter's argument, if anything. */
export function checkFilter({ name, argument }: TemplateFilter): string | undefined {
  const wanted: Argument = filters[name].argument;
  if (wanted === "none") return argument === undefined ? undefined : `The filter \`${name}\` has no argument`;
  if (argument === undefined) return `The filter \`${name}\` needs an argument, as in ${name}("text")`;
  if (wanted === "text" && typeof argument !== "string")
    return `The filter \`${name}\` needs a text, as in ${name}(", ")`;
  return undefined;
}

/** A value after one filter; `undefined` is a value that is not there. */
export function applyFilter({ name, argument = null }: TemplateFilter, value: Json | undefined): Json | undefined {
  if (name === "default") return value ?? argument;
  return value === undefined ? undefined : filters[name].apply(value, String(argument));
}

const unfit = (filter: string, wanted: string, value: Json) =>
  new ExpressionError(
    "template_value_refused",
    `The filter \`${filter}\` takes ${wanted}, and this is ${nameOf(value)}`,
  );
