import { isList, isObject, type Json, type JsonObject } from "#expressions/json.ts";
import { headerName } from "../definition/shapes.ts";
import { importSchema, type Making } from "./import-schema.ts";
import { Names, oneLineOf, toSnake } from "./names.ts";
import type { References } from "./references.ts";

export interface ImportedParameters {
  parameters: Record<string, Json>[];
  /** Schemas by the input's property. */
  properties: [name: string, schema: Record<string, Json>][];
  required: string[];
  /** The path with the names that its placeholders have here. */
  path: string;
}

/** Why an operation cannot be taken over. */
export class LeftOut extends Error {}

type Place = "path" | "query" | "header";

/** The parameters of an operation over those of its path. Throws LeftOut for one that is needed and cannot be sent. */
export function importParameters(
  path: string,
  operation: JsonObject,
  shared: Json | undefined,
  references: References,
  making: Making,
): ImportedParameters {
  const made: ImportedParameters = { parameters: [], properties: [], required: [], path };
  const inputs = new Names();
  const found = parametersOf(operation, shared, references);
  for (const name of undeclaredIn(path, found)) {
    found.push({ name, in: "path", required: true, schema: { type: "string" } });
    making.note(`The path's {${name}} is not declared; it is taken as a text.`);
  }
  for (const parameter of found) {
    const place = placeOf(parameter, making);
    if (place === undefined) continue;
    const wire = String(parameter.name);
    if (place === "path" && !path.includes(`{${wire}}`)) {
      making.note(`The path has no {${wire}}, so that the parameter goes nowhere.`);
      continue;
    }
    const name = place === "path" && !/^[A-Za-z][A-Za-z0-9_]{0,62}$/.test(wire) ? toSnake(wire, 60) : wire;
    if (place === "path") made.path = made.path.replaceAll(`{${wire}}`, `{${name}}`);
    const input = inputs.unique(wire === "__proto__" ? "proto" : wire, 120);
    const style = styleOf(parameter, place);
    made.parameters.push({
      name,
      in: place,
      ...(input !== name && { input }),
      ...((parameter.required === true || place === "path") && { required: true }),
      ...(style !== undefined && { style }),
    });
    made.properties.push([input, schemaOf(parameter, making)]);
    if (parameter.required === true || place === "path") made.required.push(input);
  }
  return made;
}

/** By place and name; the operation's own count. */
function parametersOf(operation: JsonObject, shared: Json | undefined, references: References): JsonObject[] {
  const found = new Map<string, JsonObject>();
  for (const list of [shared, operation.parameters]) {
    if (list === undefined || !isList(list)) continue;
    for (const written of list) {
      const parameter = references.object(written);
      if (!parameter || typeof parameter.name !== "string" || typeof parameter.in !== "string") continue;
      found.set(`${parameter.in} ${parameter.name}`, parameter);
    }
  }
  return [...found.values()];
}

function undeclaredIn(path: string, found: readonly JsonObject[]): string[] {
  const declared = new Set(found.filter((one) => one.in === "path").map(({ name }) => name));
  const used = [...path.matchAll(/\{([^{}]+)\}/g)].map(([, name]) => name ?? "");
  return [...new Set(used)].filter((name) => !declared.has(name));
}

const ignoredHeaders = new Set(["accept", "content-type", "authorization"]);

function placeOf({ name, in: place, required, style }: JsonObject, making: Making): Place | undefined {
  const wire = String(name);
  const leaveOff = (why: string) => {
    if (required === true) throw new LeftOut(why);
    making.note(why);
    return undefined;
  };
  if (wire.length > 128 || wire === "" || /\p{Cc}/u.test(wire))
    return leaveOff("A parameter has a name that cannot be sent.");
  if (place === "path" && style !== undefined && style !== "simple")
    throw new LeftOut("Its path writes values in a style of its own.");
  if (place === "path" || place === "query") return place;
  if (place === "cookie") return leaveOff(`The cookie "${wire}" is not sent.`);
  if (place !== "header" || ignoredHeaders.has(wire.toLowerCase())) return undefined;
  return headerName.safeParse(wire).success ? "header" : leaveOff(`The header "${wire}" is not one that can be set.`);
}

function styleOf(parameter: JsonObject, place: Place): string | undefined {
  if (place !== "query") return undefined;
  if (isObject(parameter.content)) return "json";
  const { style } = parameter;
  if (style === "deepObject") return "deep_object";
  if (style === "pipeDelimited" && parameter.explode !== true) return "pipe";
  if (style === "spaceDelimited" && parameter.explode !== true) return "space";
  return parameter.explode === false ? "comma" : undefined;
}

function schemaOf(parameter: JsonObject, making: Making): Record<string, Json> {
  const [content] = isObject(parameter.content) ? Object.values(parameter.content) : [];
  const schema = importSchema(parameter.schema ?? (isObject(content) ? content.schema : undefined), making);
  const description = oneLineOf(parameter.description, 300);
  return { ...(description !== undefined && { description }), ...schema };
}
