// Schemas of OpenAPI 3.0 and 3.1 as the subset of JSON Schema that inputs have (docs/guides/schemas.md). References are
// put in place; what is too deep, too much or leads back to itself becomes "anything", and is told.
import { isList, isObject, type Json, type JsonObject } from "#expressions/json.ts";
import { compileLinearPattern } from "#expressions/linear-pattern.ts";
import { oneLineOf } from "./names.ts";
import type { References } from "./references.ts";

export interface SchemaLimits {
  depth: number;
  nodes: number;
}

/** What is being made; each part is counted against the same limits. */
export interface Making {
  readonly references: References;
  readonly limits: SchemaLimits;
  /** What is not in it: of an input what the provider gives, of an answer what it takes. */
  readonly without: "readOnly" | "writeOnly";
  nodes: number;
  note(why: string): void;
}

type Made = Record<string, Json>;

/** Parts of a schema that are numbers, and mean the same everywhere. */
const counts = ["minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"];
const lists = ["allOf", "anyOf", "oneOf"] as const;
const MOST_ALTERNATIVES = 20;
const MOST_ENUM = 300;

/** `path` are the references on the way here: one that is there already leads back. */
export function importSchema(schema: Json | undefined, making: Making, depth = 0, path: readonly string[] = []): Made {
  if (schema === undefined || schema === true) return {};
  if (schema === false) return { not: {} };
  if (++making.nodes > making.limits.nodes || depth > making.limits.depth) {
    making.note("A schema is larger than can be taken over; a part of it lets anything in.");
    return {};
  }
  const found = making.references.follow(schema);
  if (!found) {
    making.note("A $ref leads nowhere or out of the document; anything can stand there.");
    return {};
  }
  if (found.path.some((reference) => path.includes(reference))) {
    making.note("A schema leads back to itself; it is cut there, and anything can stand deeper.");
    return {};
  }
  return convert(found.value, making, depth, [...path, ...found.path]);
}

function convert(schema: JsonObject, making: Making, depth: number, path: readonly string[]): Made {
  const inner = (value: Json | undefined) => importSchema(value, making, depth + 1, path);
  const made: Made = {};
  copyWords(schema, made);
  copyType(schema, made);
  copyNumbers(schema, made);
  if (typeof schema.pattern === "string") copyPattern(schema.pattern, made, making);
  if (isObject(schema.properties)) copyProperties(schema, made, making, inner);
  if (schema.items !== undefined && !isList(schema.items)) made.items = inner(schema.items);
  if (isObject(schema.additionalProperties) || typeof schema.additionalProperties === "boolean") {
    const other = schema.additionalProperties;
    made.additionalProperties = typeof other === "boolean" ? other : inner(other);
  }
  for (const name of lists) {
    const parts = schema[name];
    if (parts === undefined || !isList(parts) || parts.length === 0) continue;
    if (name === "allOf") mergeAll(parts.map(inner), made);
    else if (parts.length <= MOST_ALTERNATIVES) made[name] = parts.map(inner);
    else making.note("A schema has more than 20 alternatives; anything can stand there.");
  }
  return made;
}

function copyWords(schema: JsonObject, made: Made): void {
  const title = oneLineOf(schema.title, 200);
  const description = oneLineOf(schema.description, 300);
  if (title !== undefined) made.title = title;
  if (description !== undefined) made.description = description;
  if (typeof schema.format === "string" && schema.format.length <= 64) made.format = schema.format;
  const usual = schema.default;
  if (usual !== undefined && isScalar(usual) && String(usual).length <= 500) made.default = usual;
  if (schema.deprecated === true) made.deprecated = true;
  if (schema.writeOnly === true) made.writeOnly = true;
}

const typeNames = new Set(["null", "boolean", "integer", "number", "string", "array", "object"]);

function copyType(schema: JsonObject, made: Made): void {
  const written = schema.type === undefined ? [] : isList(schema.type) ? schema.type : [schema.type];
  const types = written.filter((type): type is string => typeof type === "string" && typeNames.has(type));
  // OpenAPI 3.0 says it beside the type, JSON Schema in it.
  const nullable = schema.nullable === true && types.length > 0 && !types.includes("null");
  const all = [...new Set(nullable ? [...types, "null"] : types)];
  const [only, more] = all;
  if (only !== undefined) made.type = more === undefined ? only : all;
  const values = schema.enum;
  if (values !== undefined && isList(values) && values.length <= MOST_ENUM && values.every(isScalar)) {
    made.enum = nullable && !values.includes(null) ? [...values, null] : values;
  }
  if (schema.const !== undefined && isScalar(schema.const)) made.const = schema.const;
}

function copyNumbers(schema: JsonObject, made: Made): void {
  for (const name of counts) {
    const value = schema[name];
    if (typeof value === "number" && Number.isInteger(value) && value >= 0) made[name] = value;
  }
  if (typeof schema.multipleOf === "number" && schema.multipleOf > 0) made.multipleOf = schema.multipleOf;
  if (schema.uniqueItems === true) made.uniqueItems = true;
  for (const [limit, exclusive] of [
    ["minimum", "exclusiveMinimum"],
    ["maximum", "exclusiveMaximum"],
  ] as const) {
    const value = schema[limit];
    // In OpenAPI 3.0 the exclusive one is true or false.
    if (typeof value === "number") made[schema[exclusive] === true ? exclusive : limit] = value;
    if (typeof schema[exclusive] === "number") made[exclusive] = schema[exclusive];
  }
}

function copyPattern(pattern: string, made: Made, making: Making): void {
  try {
    if (compileLinearPattern(pattern).cost <= 300) made.pattern = pattern;
    else making.note("A pattern repeats too much and is left out.");
  } catch {
    making.note("A pattern needs what a linear engine does not have, and is left out.");
  }
}

function copyProperties(
  schema: JsonObject,
  made: Made,
  making: Making,
  inner: (value: Json | undefined) => Made,
): void {
  const properties: [string, Json][] = [];
  const hidden = new Set<string>();
  for (const [name, value] of Object.entries(isObject(schema.properties) ? schema.properties : {})) {
    if (making.references.object(value)?.[making.without] === true) hidden.add(name);
    else if (name !== "__proto__") properties.push([name, inner(value)]);
  }
  made.properties = Object.fromEntries(properties);
  const required = isList(schema.required ?? null) ? namesIn(schema.required).filter((name) => !hidden.has(name)) : [];
  if (required.length > 0) made.required = required;
}

const namesIn = (value: Json | undefined): string[] =>
  value !== undefined && isList(value) ? value.filter((name): name is string => typeof name === "string") : [];

/** Objects that are said in several parts become one, which a form can show; other parts stay beside each other. */
function mergeAll(parts: readonly Made[], made: Made): void {
  const rest: Made[] = [];
  for (const part of parts) {
    if (!isPlainObject(part) || (made.type !== undefined && made.type !== "object")) rest.push(part);
    else {
      made.type = "object";
      made.properties = { ...asObject(made.properties), ...asObject(part.properties) };
      const required = [...new Set([...namesIn(made.required), ...namesIn(part.required)])];
      if (required.length > 0) made.required = required;
      made.title ??= part.title ?? "";
      made.description ??= part.description ?? "";
      if (made.title === "") delete made.title;
      if (made.description === "") delete made.description;
    }
  }
  const said = rest.filter((part) => Object.keys(part).length > 0);
  if (said.length > 0) made.allOf = said;
}

const plainParts = new Set(["type", "properties", "required", "title", "description"]);
const isPlainObject = (part: Made): boolean =>
  (part.type === "object" || part.properties !== undefined) && Object.keys(part).every((name) => plainParts.has(name));

const asObject = (value: Json | undefined): JsonObject => (isObject(value) ? value : {});

const isScalar = (value: Json): value is string | number | boolean | null =>
  value === null || typeof value !== "object";
