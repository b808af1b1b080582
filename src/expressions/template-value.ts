import { ExpressionError } from "./expression-error.ts";
import { copyJson, isList, type Json } from "./json.ts";
import { newOutputBudget, type OutputBudget, resolveLeaf, type Scope } from "./resolve.ts";
import type { ResolvedJson } from "./secret-handle.ts";
import { parseTemplate, readTemplate, secretsOf, type Template } from "./template.ts";

const DEEPEST = 32;
const LARGEST = 262_144;

/** JSON whose texts are templates, such as the body of a request. As it is stored. */
export type TemplateValue =
  | { readonly kind: "literal"; readonly value: null | boolean | number }
  | { readonly kind: "template"; readonly template: Template }
  | { readonly kind: "list"; readonly entries: readonly TemplateValue[] }
  | { readonly kind: "object"; readonly entries: readonly (readonly [key: string, value: TemplateValue])[] };

/**
 * Reads JSON as its author wrote it. Keys are no templates. Throws as `parseTemplate`, with the place in the message,
 * and for JSON beyond 256 KiB or a depth of 32.
 */
export function parseTemplateValue(written: unknown): TemplateValue {
  const refuse = (why: string) => new ExpressionError("template_too_large", why);
  return parse(copyJson(written, { depth: DEEPEST, size: LARGEST, refuse }), "");
}

function parse(value: Json, pointer: string): TemplateValue {
  if (typeof value === "string") return { kind: "template", template: parseAt(value, pointer) };
  if (value === null || typeof value !== "object") return { kind: "literal", value };
  if (isList(value)) return { kind: "list", entries: value.map((entry, at) => parse(entry, `${pointer}/${at}`)) };
  return {
    kind: "object",
    entries: Object.entries(value).map(([key, entry]) => {
      const where = `${pointer}/${escapePointer(key)}`;
      if (key.includes("{{")) {
        throw new ExpressionError("template_invalid", `The name at ${where} cannot hold a placeholder; values can`);
      }
      return [key, parse(entry, where)] as const;
    }),
  };
}

function parseAt(text: string, pointer: string): Template {
  try {
    return parseTemplate(text);
  } catch (error) {
    if (!(error instanceof ExpressionError) || pointer === "") throw error;
    throw new ExpressionError(error.code, `At ${pointer}: ${error.message}`, error.at);
  }
}

/** One part of a JSON Pointer (RFC 6901). */
export const escapePointer = (key: string): string => key.replaceAll("~", "~0").replaceAll("/", "~1");

/** Takes a value out of storage; everything in it is checked again. */
export function readTemplateValue(stored: unknown, depth = 0): TemplateValue {
  const wrong = new ExpressionError("template_invalid", "What is stored is not a template of this version");
  if (typeof stored !== "object" || stored === null || !("kind" in stored) || depth > DEEPEST) throw wrong;
  if (stored.kind === "template" && "template" in stored) {
    return { kind: "template", template: readTemplate(stored.template) };
  }
  if (stored.kind === "literal" && "value" in stored) {
    const { value } = stored;
    if (value === null || typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value))) {
      return { kind: "literal", value };
    }
  }
  if (!("entries" in stored) || !Array.isArray(stored.entries)) throw wrong;
  const entries: readonly unknown[] = stored.entries;
  if (stored.kind === "list") {
    return { kind: "list", entries: entries.map((entry) => readTemplateValue(entry, depth + 1)) };
  }
  if (stored.kind !== "object") throw wrong;
  return {
    kind: "object",
    entries: entries.map((entry) => {
      if (!Array.isArray(entry) || typeof entry[0] !== "string") throw wrong;
      return [entry[0], readTemplateValue(entry[1], depth + 1)] as const;
    }),
  };
}

/** The JSON with every template resolved. Objects have no prototype; secrets are still to be filled in. */
export function resolveValue(
  value: TemplateValue,
  scope: Scope,
  budget: OutputBudget = newOutputBudget(),
): ResolvedJson {
  switch (value.kind) {
    case "literal":
      return value.value;
    case "template":
      return resolveLeaf(value.template, scope, budget);
    case "list":
      return value.entries.map((entry) => resolveValue(entry, scope, budget));
    case "object": {
      const resolved: Record<string, ResolvedJson> = Object.create(null);
      for (const [key, entry] of value.entries) resolved[key] = resolveValue(entry, scope, budget);
      return resolved;
    }
  }
}

/** The names of the workspace secrets anywhere in it. */
export function secretsIn(value: TemplateValue): readonly string[] {
  switch (value.kind) {
    case "literal":
      return [];
    case "template":
      return secretsOf(value.template);
    case "list":
      return value.entries.flatMap(secretsIn);
    case "object":
      return value.entries.flatMap(([, entry]) => secretsIn(entry));
  }
}
