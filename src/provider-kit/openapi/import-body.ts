import { isList, isObject, type Json } from "#expressions/json.ts";
import { LeftOut } from "./import-parameters.ts";
import { importSchema, type Making } from "./import-schema.ts";
import type { References } from "./references.ts";

export interface ImportedBody {
  body: Record<string, Json>;
  properties: [name: string, schema: Record<string, Json>][];
  required: string[];
}

/**
 * What is sent as JSON or as a form. An object whose properties are told becomes inputs beside the parameters, anything
 * else one input `body`. Throws LeftOut where a body is needed that is neither.
 */
export function importBody(
  written: Json | undefined,
  taken: ReadonlySet<string>,
  references: References,
  making: Making,
): ImportedBody | undefined {
  const requestBody = references.object(written);
  if (!requestBody) return undefined;
  const needed = requestBody.required === true;
  const content = isObject(requestBody.content) ? Object.entries(requestBody.content) : [];
  const found = chosen(content);
  if (!found) {
    const types = content
      .map(([type]) => type)
      .slice(0, 3)
      .join(", ");
    if (needed) throw new LeftOut(`Its body is ${types || "of no type"}; JSON and forms can be sent.`);
    if (content.length > 0) making.note(`A body of ${types} is left off; JSON and forms can be sent.`);
    return undefined;
  }
  const schema = importSchema(found.schema, making, 1);
  const properties = isObject(schema.properties)
    ? Object.entries(schema.properties).filter(([, value]) => isObject(value))
    : [];
  const isOpen = isObject(schema.additionalProperties) || schema.additionalProperties === true;
  const isSplit =
    properties.length > 0 &&
    !isOpen &&
    ["allOf", "anyOf", "oneOf", "not"].every((name) => schema[name] === undefined) &&
    !properties.some(([name]) => taken.has(name));
  if (isSplit) {
    const required = needed && schema.required !== undefined && isList(schema.required) ? schema.required : [];
    return {
      body: { kind: found.kind },
      properties: properties.map(([name, value]) => [name, isObject(value) ? { ...value } : {}]),
      required: required.filter((name) => typeof name === "string"),
    };
  }
  const input = taken.has("body") ? "request_body" : "body";
  if (taken.has(input)) throw new LeftOut("Its parameters leave no name for the body.");
  return { body: { kind: found.kind, input }, properties: [[input, schema]], required: needed ? [input] : [] };
}

function chosen(content: readonly [string, Json][]): { kind: "json" | "form"; schema: Json | undefined } | undefined {
  const json = jsonMedia(Object.fromEntries(content));
  if (json !== undefined) return { kind: "json", schema: schemaIn(json) };
  const form = content.find(([type]) => /^application\/x-www-form-urlencoded\b/i.test(type))?.[1];
  return form === undefined ? undefined : { kind: "form", schema: schemaIn(form) };
}

/** The part of a `content` that is JSON, or may be. */
export function jsonMedia(content: Json | undefined): Json | undefined {
  if (!isObject(content)) return undefined;
  const isJson = (type: string) => /^application\/(?:[\w.+-]*\+)?json\b|^\*\/\*$|^application\/\*$/i.test(type);
  return Object.entries(content).find(([type]) => isJson(type))?.[1];
}

const schemaIn = (media: Json): Json | undefined => (isObject(media) ? media.schema : undefined);
