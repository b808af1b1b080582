// What a definition says once and every request has. `{name}` is filled in; workspace secrets stay handles (SR-25).
import type { Place } from "#expressions/place.ts";
import { encodeQuery } from "#expressions/place.ts";
import { resolveTemplate } from "#expressions/resolve.ts";
import type { ResolvedJson, ResolvedText } from "#expressions/secret-handle.ts";
import { parseTemplate, secretsOf } from "#expressions/template.ts";
import { parseTemplateValue, resolveValue, secretsIn, type TemplateValue } from "#expressions/template-value.ts";
import type { ActionDefinition } from "./action-shape.ts";
import { placeholdersIn, type Values } from "./address.ts";
import type { Definition } from "./definition.ts";
import { fillText } from "./fill-auth.ts";

type Fixed = Pick<Definition, "headers" | "query" | "variables">;

/** Headers by their names in small letters; an action's own count over the provider's. */
export function fixedHeaders(
  definition: Fixed,
  action: Pick<ActionDefinition, "headers">,
  values: Values,
): Map<string, string | ResolvedText> {
  const headers = new Map<string, string | ResolvedText>([["accept", "application/json"]]);
  for (const [name, written] of Object.entries({ ...definition.headers, ...action.headers })) {
    const text = resolveFixed(definition, written, "header", values);
    if (text !== undefined) headers.set(name.toLowerCase(), text.secrets.length === 0 ? text.toString() : text);
  }
  return headers;
}

export interface FixedQuery {
  /** Pairs, encoded. */
  readonly pairs: readonly string[];
  readonly secret: Readonly<Record<string, ResolvedText>>;
}

export function fixedQuery(definition: Fixed, action: Pick<ActionDefinition, "query">, values: Values): FixedQuery {
  const pairs: string[] = [];
  const secret: Record<string, ResolvedText> = {};
  for (const [name, written] of Object.entries({ ...definition.query, ...action.query })) {
    const text = resolveFixed(definition, written, "query", values);
    if (text === undefined) continue;
    if (text.secrets.length === 0) pairs.push(`${encodeQuery(name)}=${text}`);
    else secret[name] = text;
  }
  return { pairs, secret };
}

type Written = Readonly<Record<string, unknown>>;

/** The fixed members of a JSON body. */
export const fixedJson = (written: Written, values: Values): [name: string, value: ResolvedJson][] =>
  Object.entries(written).map(([name, one]) => {
    const value = fillValue(parseTemplateValue(one), values);
    return [name, resolveValue(value, { steps: [], secrets: secretsIn(value) })];
  });

/** The fixed fields of a form: one that has a secret is encoded already, as its type says. */
export const fixedForm = (definition: Fixed, written: Written, values: Values): [string, string | ResolvedText][] =>
  Object.entries(written).flatMap(([name, one]): [string, string | ResolvedText][] => {
    if (typeof one !== "string") return [[name, String(one)]];
    const hasSecret = secretsOf(parseTemplate(one)).length > 0;
    const text = resolveFixed(definition, one, hasSecret ? "form" : "json", values);
    return text === undefined ? [] : [[name, hasSecret ? text : text.toString()]];
  });

/** Undefined where an optional variable in it has no value. */
function resolveFixed(definition: Fixed, written: string, place: Place, values: Values): ResolvedText | undefined {
  const { version, parts } = parseTemplate(written);
  const isOpen = parts.some((part) => typeof part === "string" && hasOpenVariable(definition, part, values));
  if (isOpen) return undefined;
  const template = { version, parts: parts.map((part) => (typeof part === "string" ? fillText(part, values) : part)) };
  // Whether a secret is there and may go where this goes, outbound finds out.
  return resolveTemplate(template, { steps: [], secrets: secretsOf(template) }, place);
}

const hasOpenVariable = ({ variables }: Fixed, text: string, values: Values): boolean =>
  placeholdersIn(text).some((name) => !values.has(name) && variables.some((variable) => variable.name === name));

function fillValue(value: TemplateValue, values: Values): TemplateValue {
  switch (value.kind) {
    case "literal":
      return value;
    case "template": {
      const { version, parts } = value.template;
      const filled = parts.map((part) => (typeof part === "string" ? fillText(part, values) : part));
      return { kind: "template", template: { version, parts: filled } };
    }
    case "list":
      return { kind: "list", entries: value.entries.map((entry) => fillValue(entry, values)) };
    case "object":
      return {
        kind: "object",
        entries: value.entries.map(([key, entry]) => [key, fillValue(entry, values)] as const),
      };
  }
}
