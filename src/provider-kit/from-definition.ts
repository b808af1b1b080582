import { AppError } from "#core/errors.ts";
import type { Schema } from "#core/schema.ts";
import { isObject, type Json, type JsonObject } from "#expressions/json.ts";
import { compileSchema, type JsonSchema } from "#expressions/json-schema.ts";
import { type ActionDefinition, readsBy } from "./definition/action-shape.ts";
import { addressesOf } from "./definition/addresses-of.ts";
import { allValues } from "./definition/build-request.ts";
import { checkDefinition } from "./definition/check.ts";
import type { Definition } from "./definition/definition.ts";
import { explainFailure } from "./definition/explain-failure.ts";
import { fillAuth } from "./definition/fill-auth.ts";
import { asJson } from "./definition/read-reply.ts";
import { runAction } from "./definition/run-action.ts";
import { configOf } from "./definition/variables.ts";
import { fingerprint } from "./fingerprint.ts";
import type { Action, Glyph, Provider } from "./provider.ts";

/** A provider that users described as data. From here on it is a provider like any other. */
export const providerFrom = (key: string, definition: Definition): Provider => ({
  key,
  name: definition.displayName,
  description: definition.description,
  category: "custom",
  glyph: glyphOf(definition.displayName),
  ...(definition.variables.length > 0 && { config: configOf(definition.variables) }),
  ...(definition.pace && { pace: definition.pace }),
  ...(definition.steps.length > 0 && { setup: setupOf(definition) }),
  addresses: (config, kept) => addressesOf(definition, allValues(definition, { config, kept })),
  auth(config) {
    const values = allValues(definition, { config, kept: {} });
    const [first, ...others] = definition.auth.map((auth) => fillAuth(auth, values));
    if (!first) throw new Error("a definition without a way to sign in was let through");
    return [first, ...others];
  },
  check: (call) => checkDefinition(definition, call),
  explain: (failure) => explainFailure(definition, failure, new Date()),
  ...(definition.actions.length > 0 && { actions: actionsOf(definition) }),
});

const setupOf = ({ auth, steps }: Definition): NonNullable<Provider["setup"]> =>
  Object.fromEntries(auth.map(({ type }) => [type, steps]));

const actionsOf = (definition: Definition): Record<string, Action> =>
  Object.fromEntries(definition.actions.map((action) => [action.key, toAction(definition, action)]));

/** What the definition knows of it: nothing where it makes something else of the answer. */
const outputOf = ({ answer, output, pagination }: ActionDefinition): Schema<Json> => ({
  parse: asJson,
  jsonSchema: answer !== undefined && output === undefined && pagination.kind === "none" ? answer : {},
});

const toAction = (definition: Definition, action: ActionDefinition): Action<unknown, JsonObject, Json> => ({
  name: action.name,
  input: inputOf(action),
  output: outputOf(action),
  effect: action.effect ?? readsBy(action.method),
  ...(action.cacheTtlS !== undefined && { cacheTtlS: action.cacheTtlS }),
  run: (call, input, key) => runAction(definition, action, call, input, key),
});

/** Compiled when it is first needed: a definition may have thousands of them. */
export function inputOf({ input }: Pick<ActionDefinition, "input">): Schema<JsonObject> {
  let compiled: JsonSchema | undefined;
  return {
    jsonSchema: input,
    /** Throws AppError `invalid_request` with pointers into the input. */
    parse(value) {
      compiled ??= compileSchema(input);
      const read = compiled.validate(value);
      if (!read.valid) {
        const [first] = read.errors;
        throw new AppError("invalid_request", first?.detail ?? "The input is not valid.", { errors: read.errors });
      }
      if (!isObject(read.value)) throw new AppError("invalid_request", "An input is an object.");
      return read.value;
    },
  };
}

const hues = ["teal", "blue", "violet", "magenta", "red", "orange", "green", "slate"] as const;

function glyphOf(name: string): Glyph {
  const words = name.match(/[\p{L}\p{N}]+/gu) ?? [];
  const letters = words.length > 1 ? words.slice(0, 2).map((word) => Array.from(word)[0]) : Array.from(words[0] ?? "?");
  const at = fingerprint(name).charCodeAt(0) % hues.length;
  return { letters: letters.slice(0, 2).join("").toUpperCase(), hue: hues[at] ?? "slate" };
}
