import { ExpressionError } from "#expressions/expression-error.ts";
import { isList, isObject, type Json, type JsonObject } from "#expressions/json.ts";
import { compileSchema } from "#expressions/json-schema.ts";
import { path as pathShape } from "../definition/action-shape.ts";
import { importBody, jsonMedia } from "./import-body.ts";
import { importParameters, LeftOut } from "./import-parameters.ts";
import { importSchema, type Making, type SchemaLimits } from "./import-schema.ts";
import { type Names, oneLineOf, toSnake } from "./names.ts";
import type { References } from "./references.ts";
import type { Reporter } from "./report.ts";

const LONGEST_KEY = 100;

/** From generous to what always fits; a schema that is still too much then lets anything in. */
const limits: readonly SchemaLimits[] = [
  { depth: 8, nodes: 400 },
  { depth: 4, nodes: 120 },
  { depth: 2, nodes: 60 },
];

export interface Operation {
  method: string;
  path: string;
  operation: JsonObject;
  /** Parameters of the path. */
  shared: Json | undefined;
}

/** One operation as an action, or undefined where it is left out, which is reported. */
export function importAction(
  { method, path, operation, shared }: Operation,
  around: { references: References; reporter: Reporter; keys: Names },
): Record<string, Json> | undefined {
  const where = `${method} ${path}`;
  const { references, reporter, keys } = around;
  try {
    const { input, parameters, body, path: renamed } = importInput();
    if (!pathShape.safeParse(renamed).success) throw new LeftOut("Its path cannot be called.");
    const id =
      typeof operation.operationId === "string" && operation.operationId !== "" ? operation.operationId : where;
    const description = oneLineOf(operation.description, 500);
    const answer = importAnswer(operation, references);
    return {
      key: keys.unique(toSnake(id, LONGEST_KEY), LONGEST_KEY),
      name: oneLineOf(operation.summary, 255) ?? oneLineOf(operation.operationId, 255) ?? where.slice(0, 255),
      ...(description !== undefined && { description }),
      method,
      path: renamed,
      ...(parameters.length > 0 && { parameters }),
      ...(body && { body }),
      input,
      ...(answer && { answer }),
    };
  } catch (error) {
    if (!(error instanceof LeftOut)) throw error;
    reporter.leaveOut(where, error.message);
    return undefined;
  }

  function importInput() {
    for (const limit of limits) {
      const notes: string[] = [];
      const making: Making = {
        references,
        limits: limit,
        nodes: 0,
        without: "readOnly",
        note: (why) => void notes.push(why),
      };
      const made = assemble(making);
      if (!fits(made.input)) continue;
      for (const why of notes) reporter.note(where, why);
      return made;
    }
    reporter.note(where, "Its input is too much to be described; anything can be entered.");
    const made = assemble({
      references,
      limits: { depth: 0, nodes: 60 },
      nodes: 0,
      without: "readOnly",
      note: () => {},
    });
    return { ...made, input: { type: "object" } };
  }

  function assemble(making: Making) {
    const found = importParameters(path, operation, shared, references, making);
    const taken = new Set(found.properties.map(([name]) => name));
    if (method === "GET" && operation.requestBody !== undefined) making.note("A GET has no body; it is left off.");
    const sent = method === "GET" ? undefined : importBody(operation.requestBody, taken, references, making);
    const required = [...found.required, ...(sent?.required ?? [])];
    const input: Record<string, Json> = {
      type: "object",
      properties: Object.fromEntries([...found.properties, ...(sent?.properties ?? [])]),
      ...(required.length > 0 && { required }),
      additionalProperties: false,
    };
    return { input, parameters: found.parameters, body: sent?.body, path: found.path };
  }
}

/** What the first answer of success holds, as far as it is JSON and small enough to be looked at. */
function importAnswer(operation: JsonObject, references: References): Record<string, Json> | undefined {
  const responses = isObject(operation.responses) ? operation.responses : {};
  const status = Object.keys(responses).find((code) => /^2(?:\d\d|XX)$/i.test(code));
  const response = status === undefined ? undefined : references.object(responses[status]);
  const media = jsonMedia(response?.content);
  if (!isObject(media) || media.schema === undefined) return undefined;
  const making: Making = { references, limits: answerLimits, nodes: 0, without: "writeOnly", note: () => {} };
  const answer = importSchema(media.schema, making);
  return Object.keys(answer).length > 0 && fits(answer) ? answer : undefined;
}

function fits(schema: Record<string, Json>): boolean {
  try {
    compileSchema(schema);
    return true;
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return false;
  }
}

const answerLimits: SchemaLimits = { depth: 4, nodes: 60 };

const methods = ["get", "post", "put", "patch", "delete"] as const;
const others = ["head", "options", "trace"] as const;

/** The operations of a document in its order. Those of methods that no action has are reported. */
export function operationsOf(document: JsonObject, references: References, reporter: Reporter): Operation[] {
  const paths = isObject(document.paths) ? document.paths : {};
  return Object.entries(paths).flatMap(([path, written]) => {
    if (path.startsWith("x-")) return [];
    const item = references.object(written);
    if (!item) return [];
    for (const method of others) {
      if (isObject(item[method])) reporter.leaveOut(`${method.toUpperCase()} ${path}`, "Actions have other methods.");
    }
    return methods.flatMap((method) => {
      const operation = item[method];
      if (!isObject(operation)) return [];
      const where = `${method.toUpperCase()} ${path}`;
      if (namesServers(operation) || namesServers(item)) {
        reporter.leaveOut(where, "It is at another server than the rest.");
        return [];
      }
      return [{ method: method.toUpperCase(), path, operation, shared: item.parameters }];
    });
  });
}

const namesServers = ({ servers }: JsonObject): boolean =>
  servers !== undefined && isList(servers) && servers.length > 0;
