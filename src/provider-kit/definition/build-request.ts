import { AppError, invalidField, ProviderError } from "#core/errors.ts";
import { ExpressionError } from "#expressions/expression-error.ts";
import { isObject, type Json, type JsonObject } from "#expressions/json.ts";
import { checkHeader, checkPath, encodePathSegment } from "#expressions/place.ts";
import type { ResolvedJson, ResolvedText } from "#expressions/secret-handle.ts";
import { escapePointer } from "#expressions/template-value.ts";
import type { HttpRequest } from "../http.ts";
import type { KeptValues } from "../provider.ts";
import { type ActionDefinition, type Parameter, readsBy } from "./action-shape.ts";
import { fillTold, placeholder, type Values } from "./address.ts";
import type { Definition } from "./definition.ts";
import { fixedForm, fixedHeaders, fixedJson, fixedQuery } from "./fixed-parts.ts";
import { valuesOf } from "./variables.ts";
import { flatten, listText, queryPairs } from "./written-value.ts";

/** What a request is made of beside the input. */
export interface RequestScope {
  readonly config: unknown;
  readonly kept: KeptValues;
  /** For actions that tell the provider by which key it knows a repeat. */
  readonly key?: string;
}

/**
 * The request of an action. No value can get out of its place: each is encoded for where it stands (SR-26), and the
 * host is the definition's. Workspace secrets are handles that outbound fills in (SR-25). Throws AppError
 * `invalid_request` with a pointer into the input.
 */
export function buildRequest(
  definition: Definition,
  action: ActionDefinition,
  input: JsonObject,
  scope: RequestScope,
): HttpRequest {
  const values = allValues(definition, scope);
  const given = new Inputs(input);
  const url = `${baseOf(definition, values)}${pathOf(action, given, values)}`;
  const { pairs, secret } = fixedQuery(definition, action, values);
  const query = [...pairs, ...given.of(action, "query", queryPairs).flat()].join("&");
  const headers = fixedHeaders(definition, action, values);
  given.of(action, "header", ({ name }, value) => headers.set(name.toLowerCase(), checkHeader(listText(value, ","))));
  if (action.idempotencyHeader !== undefined && scope.key !== undefined) {
    headers.set(action.idempotencyHeader.toLowerCase(), checkHeader(scope.key));
  }
  const body = bodyOf(definition, action, given.rest(), values);
  const repeatable = isRepeatable(action, scope);
  return {
    method: action.method,
    url: query === "" ? url : `${url}?${query}`,
    headers: Object.fromEntries(headers),
    ...(Object.keys(secret).length > 0 && { query: secret }),
    ...(body !== undefined && { body }),
    ...(repeatable !== undefined && { repeatable }),
  };
}

/** The values of a connection: what it was given, and what the provider has told. */
export const allValues = (definition: Definition, { config, kept }: Pick<RequestScope, "config" | "kept">): Values =>
  new Map([...valuesOf(definition.variables, config), ...Object.entries(kept)]);

/** The address that paths are put behind. Throws ProviderError where the provider has yet to tell a part of it. */
export function baseOf(definition: Definition, values: Values): string {
  const base = fillTold(definition.displayName, definition.baseUrl, values).replace(/\/$/, "");
  if (base.includes("{")) {
    throw new ProviderError("reauthorize", `${definition.displayName} has not told its address yet. Sign in again.`);
  }
  return base;
}

/** An input, and which of its properties have found their place. */
class Inputs {
  readonly #input: JsonObject;
  readonly #taken = new Set<string>();

  constructor(input: JsonObject) {
    this.#input = input;
  }

  /** What `write` makes of each parameter of one place that has a value. */
  of<T>(action: ActionDefinition, place: Parameter["in"], write: (parameter: Parameter, value: Json) => T): T[] {
    return action.parameters
      .filter((parameter) => parameter.in === place)
      .flatMap((parameter) => {
        const property = parameter.input ?? parameter.name;
        this.#taken.add(property);
        const value = Object.hasOwn(this.#input, property) ? this.#input[property] : undefined;
        if (value !== undefined && value !== null) return [refusingAt(property, () => write(parameter, value))];
        if (parameter.required || place === "path") {
          throw invalidField(`/${escapePointer(property)}`, "This is missing.", "required");
        }
        return [];
      });
  }

  rest(): [name: string, value: Json][] {
    return Object.entries(this.#input).filter(([name]) => !this.#taken.has(name));
  }
}

function refusingAt<T>(property: string, write: () => T): T {
  try {
    return write();
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    throw invalidField(`/${escapePointer(property)}`, `${error.message}.`);
  }
}

function pathOf(action: ActionDefinition, given: Inputs, values: Values): string {
  const own = given.of(action, "path", ({ name }, value) => {
    const text = listText(value, ",");
    return [name, segment(text) && text] as const;
  });
  return fillPath(action.path, new Map([...values, ...own]));
}

/**
 * A path with its values, each of which stays within its segment. Throws AppError `invalid_request` for one that is not
 * known, ProviderError for one that cannot stand there: an input was judged before, so the provider has told it.
 */
export function fillPath(path: string, values: Values): string {
  try {
    const filled = path.replace(placeholder, (_, name: string) => {
      const value = values.get(name);
      if (value === undefined) throw new AppError("invalid_request", `Nothing is known yet for {${name}} in the path.`);
      return segment(value);
    });
    checkPath(filled);
    return filled;
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    throw new ProviderError("unexpected-reply", `What the provider has told cannot stand in a path: ${error.message}`);
  }
}

function segment(value: string): string {
  if (value === "." || value === "..") {
    throw new ExpressionError("template_value_refused", "A part of a path cannot be a dot");
  }
  return encodePathSegment(value);
}

function bodyOf(
  definition: Definition,
  { body }: ActionDefinition,
  rest: [string, Json][],
  values: Values,
): HttpRequest["body"] {
  const unused = body && body.input === undefined ? undefined : rest.find(([name]) => name !== body?.input);
  if (unused) throw invalidField(`/${escapePointer(unused[0])}`, "No part of the request takes this.", "unknown");
  if (!body) return undefined;
  const whole = body.input === undefined ? undefined : rest[0]?.[1];
  const fixed = body.fixed ?? {};
  const isMembers = whole === undefined || isObject(whole);
  if (!isMembers && (body.kind === "form" || Object.keys(fixed).length > 0)) {
    throw invalidField(`/${escapePointer(body.input ?? "")}`, "This has to be an object.", "type");
  }
  if (!isMembers) return { json: whole };
  if (whole === undefined && rest.length === 0 && Object.keys(fixed).length === 0) return undefined;
  const members = whole === undefined ? rest : Object.entries(whole);
  // By entries: a member may be called __proto__.
  if (body.kind === "json") {
    return { json: Object.fromEntries<ResolvedJson>([...members, ...fixedJson(fixed, values)]) };
  }
  const entered = members.flatMap(([name, value]) => refusingAt(name, () => flatten(name, value)));
  return {
    form: Object.fromEntries<string | ResolvedText>([...entered, ...fixedForm(definition, fixed, values)]),
  };
}

/** Undefined where the method tells it well enough. */
function isRepeatable(action: ActionDefinition, scope: RequestScope): boolean | undefined {
  if (action.idempotencyHeader !== undefined && scope.key !== undefined) return true;
  if (action.effect === undefined || action.effect === readsBy(action.method)) return undefined;
  return action.effect === "reads";
}
