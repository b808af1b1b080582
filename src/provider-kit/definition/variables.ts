import { z } from "zod";
import type { Schema } from "#core/schema.ts";
import { compileLinearPattern } from "#expressions/linear-pattern.ts";
import type { Values } from "./address.ts";
import { camelKeys } from "./camel-keys.ts";
import { ident, line, oneLine, pattern } from "./shapes.ts";

const USUAL_PATTERN = "[A-Za-z0-9-]+";
const LONGEST_VALUE = 1024;

/** What each connection fills in, as `{name}` in addresses, paths and fixed values. */
export const variableShape = z
  .strictObject({
    name: ident,
    label: line(200),
    description: line(500).exactOptional(),
    /** For the whole value, in RE2's syntax. */
    pattern: pattern.exactOptional(),
    enum: z.array(line(200)).min(1).max(100).exactOptional(),
    default: line(LONGEST_VALUE).exactOptional(),
    optional: z.boolean().exactOptional(),
    /** Shown around the field, and taken off where somebody enters them too. */
    prefix: line(100).exactOptional(),
    suffix: line(100).exactOptional(),
  })
  .superRefine((variable, context) => {
    if (variable.default !== undefined && !accepts(variable, variable.default)) {
      context.addIssue({ code: "custom", path: ["default"], message: "The default is not a value that it can have." });
    }
  })
  .transform(camelKeys);

export type Variable = z.output<typeof variableShape>;

type Limits = Pick<Variable, "pattern" | "enum">;

const accepts = (variable: Limits, value: string): boolean =>
  variable.enum ? variable.enum.includes(value) : matchesWhole(variable.pattern ?? USUAL_PATTERN, value);

/** Whether a pattern fits all of a text. The pattern is one that compiles by itself. */
export const matchesWhole = (pattern: string, value: string): boolean =>
  value.length <= LONGEST_VALUE && compileLinearPattern(`^(?:${pattern})$`).matches(value);

/** The config of a connection: what is not one of the values is refused before it gets into any address. */
export function configOf(variables: readonly Variable[]): Schema<Readonly<Record<string, string>>> {
  const type = z.strictObject(Object.fromEntries(variables.map((variable) => [variable.name, valueShape(variable)])));
  return {
    parse: (config) => withoutAbsent(type.parse(config)),
    jsonSchema: {
      type: "object",
      properties: Object.fromEntries(variables.map((variable) => [variable.name, fieldOf(variable)])),
      required: variables.filter(isRequired).map(({ name }) => name),
      additionalProperties: false,
    },
  };
}

const isRequired = ({ optional, default: usual }: Variable): boolean => !optional && usual === undefined;

function valueShape(variable: Variable) {
  const value = oneLine(LONGEST_VALUE)
    .transform((entered) => bare(variable, entered.trim()))
    .refine((entered) => accepts(variable, entered), { error: wordsFor(variable) });
  if (variable.default !== undefined) return value.default(variable.default);
  return variable.optional ? value.optional() : value;
}

/** People paste `https://shop.example.com` where `shop` is meant. */
function bare({ prefix = "", suffix = "" }: Variable, entered: string): string {
  const front = entered.startsWith(prefix) ? entered.slice(prefix.length) : entered;
  return front.endsWith(suffix) ? front.slice(0, front.length - suffix.length) : front;
}

function wordsFor({ enum: listed, pattern, label }: Variable): string {
  if (listed) return `${label} has to be one of ${listed.join(", ")}.`;
  return pattern === undefined
    ? `${label} holds only letters, digits and hyphens.`
    : `${label} does not fit the pattern ${pattern}.`;
}

const withoutAbsent = (config: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(Object.entries(config).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));

const fieldOf = (variable: Variable): Record<string, unknown> => ({
  type: "string",
  title: variable.label,
  ...(variable.description !== undefined && { description: variable.description }),
  ...(variable.enum && { enum: variable.enum }),
  ...(variable.default !== undefined && { default: variable.default }),
  ...(variable.prefix !== undefined && { "x-prefix": variable.prefix }),
  ...(variable.suffix !== undefined && { "x-suffix": variable.suffix }),
  // With a prefix or suffix the whole address may be pasted, so that the form cannot judge the value by itself.
  ...(!variable.enum &&
    variable.prefix === undefined &&
    variable.suffix === undefined && { pattern: `^(?:${variable.pattern ?? USUAL_PATTERN})$` }),
});

/** The values of a config as far as they are filled in and right; the defaults of the others. */
export function valuesOf(variables: readonly Variable[], config: unknown): Values {
  const values = new Map<string, string>();
  const given = typeof config === "object" && config !== null ? new Map(Object.entries(config)) : new Map();
  for (const variable of variables) {
    const entered: unknown = given.get(variable.name);
    const value = typeof entered === "string" ? bare(variable, entered.trim()) : variable.default;
    if (value === undefined) continue;
    if (!accepts(variable, value)) throw new Error(wordsFor(variable));
    values.set(variable.name, value);
  }
  return values;
}
