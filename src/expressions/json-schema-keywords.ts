import { isList, isObject, type Json, type JsonObject, sameJson } from "./json.ts";
import type { Check, Run } from "./json-schema-run.ts";
import type { LinearPattern } from "./linear-pattern.ts";
import { escapePointer } from "./template-value.ts";

/** What a keyword may ask for while it is compiled. */
interface Around {
  readonly schema: JsonObject;
  refuse(why: string): Error;
  pattern(text: string): LinearPattern;
  /** A schema inside the keyword's value, at `key` if it has several. */
  compile(inner: Json | undefined, key?: string): Check;
  /** The schema of a keyword beside this one. */
  sibling(key: string): Check;
}

type Compile = (value: Json, around: Around) => Check;

const annotations = new Set(
  "title description default examples deprecated readOnly writeOnly format $comment contentEncoding contentMediaType".split(
    " ",
  ),
);

/** Keywords that say something about a value and ask nothing of it; those of extensions begin with x-. */
export const isAnnotation = (name: string): boolean => annotations.has(name) || name.startsWith("x-");

const types = {
  null: (value: Json) => value === null,
  boolean: (value: Json) => typeof value === "boolean",
  integer: (value: Json) => Number.isInteger(value),
  number: (value: Json) => typeof value === "number",
  string: (value: Json) => typeof value === "string",
  array: (value: Json) => isList(value),
  object: (value: Json) => isObject(value),
} as const;

type TypeName = keyof typeof types;
const isTypeName = (name: Json): name is TypeName => typeof name === "string" && Object.hasOwn(types, name);

const say = (run: Run, pointer: string, code: string, detail: string) => run.report({ pointer, code, detail });

/** A value of the schema's in a sentence. */
function shown(value: Json): string {
  const written = JSON.stringify(value);
  return written.length <= 60 ? written : `${written.slice(0, 59)}…`;
}

/** Every keyword that asks something of a value. */
export const keywords = {
  type(value, { refuse }) {
    const names = isList(value) ? value : [value];
    if (names.length === 0 || !names.every(isTypeName)) throw refuse("a type is one of seven words, or a list of them");
    const detail = `This has to be ${names.join(" or ")}`;
    return (instance, pointer, run) => {
      if (!names.some((name) => types[name](instance))) say(run, pointer, "type", detail);
    };
  },

  enum(value, { refuse }) {
    if (!isList(value)) throw refuse("enum is a list of values");
    const few = value.slice(0, 10).map(shown);
    const detail = `This has to be one of ${few.join(", ")}${value.length > 10 ? ", …" : ""}`;
    return (instance, pointer, run) => {
      if (!value.some((one) => sameJson(one, instance, () => run.spend(1)))) say(run, pointer, "enum", detail);
    };
  },

  const: (value) => (instance, pointer, run) => {
    if (!sameJson(value, instance, () => run.spend(1))) {
      say(run, pointer, "const", `This has to be ${shown(value)}`);
    }
  },

  minimum: forNumbers(
    "minimum",
    (limit) => `This has to be at least ${limit}`,
    (one, limit) => one >= limit,
  ),
  maximum: forNumbers(
    "maximum",
    (limit) => `This can be at most ${limit}`,
    (one, limit) => one <= limit,
  ),
  exclusiveMinimum: forNumbers(
    "exclusiveMinimum",
    (limit) => `This has to be more than ${limit}`,
    (one, limit) => one > limit,
  ),
  exclusiveMaximum: forNumbers(
    "exclusiveMaximum",
    (limit) => `This has to be less than ${limit}`,
    (one, limit) => one < limit,
  ),
  multipleOf(value, { refuse }) {
    if (typeof value !== "number" || value <= 0) throw refuse("multipleOf is a number above 0");
    return (instance, pointer, run) => {
      if (typeof instance !== "number") return;
      const times = instance / value;
      // 0.3 is three times 0.1, although not for a computer.
      const off = Math.abs(times - Math.round(times));
      if (!(off < 1e-9)) say(run, pointer, "multipleOf", `This has to be a multiple of ${value}`);
    };
  },

  minLength: atLeast("minLength", "characters", characters),
  maxLength: atMost("maxLength", "characters", characters),
  pattern(value, { refuse, pattern: compilePattern }) {
    if (typeof value !== "string") throw refuse("a pattern is a text");
    const pattern = compilePattern(value);
    return (instance, pointer, run) => {
      if (typeof instance !== "string") return;
      if (!matches(pattern, instance, run)) say(run, pointer, "pattern", `This does not fit the pattern ${value}`);
    };
  },

  minItems: atLeast("minItems", "entries", entries),
  maxItems: atMost("maxItems", "entries", entries),
  uniqueItems(value, { refuse }) {
    if (typeof value !== "boolean") throw refuse("uniqueItems is true or false");
    return (instance, pointer, run) => {
      if (!value || !isList(instance)) return;
      const seen = new Set(instance.map((entry) => inOneOrder(entry, run)));
      if (seen.size < instance.length) say(run, pointer, "uniqueItems", "No entry can be there twice");
    };
  },
  prefixItems(value, { refuse, compile }) {
    if (!isList(value)) throw refuse("prefixItems is a list of schemas");
    const checks = value.map((inner, at) => compile(inner, String(at)));
    return (instance, pointer, run) => {
      if (!isList(instance)) return;
      for (const [at, entry] of instance.slice(0, checks.length).entries())
        checks[at]?.(entry, `${pointer}/${at}`, run);
    };
  },
  items(value, { refuse, schema, compile }) {
    if (isList(value)) throw refuse("a list of schemas is written as prefixItems");
    const check = compile(value);
    const prefix = schema.prefixItems;
    const from = prefix !== undefined && isList(prefix) ? prefix.length : 0;
    return (instance, pointer, run) => {
      if (!isList(instance)) return;
      for (let at = from; at < instance.length && !run.isOver; at++)
        check(instance[at] ?? null, `${pointer}/${at}`, run);
    };
  },

  minProperties: atLeast("minProperties", "properties", members),
  maxProperties: atMost("maxProperties", "properties", members),
  required(value, { refuse }) {
    const names = namesIn(value, () => refuse("required is a list of names"));
    return (instance, pointer, run) => {
      if (isObject(instance)) requireAll(names, instance, pointer, run);
    };
  },
  dependentRequired(value, { refuse }) {
    if (!isObject(value)) throw refuse("dependentRequired has lists of names by names");
    const needed = Object.entries(value).map(
      ([name, list]) => [name, namesIn(list, () => refuse("dependentRequired has lists of names"))] as const,
    );
    return (instance, pointer, run) => {
      if (!isObject(instance)) return;
      for (const [name, names] of needed) if (Object.hasOwn(instance, name)) requireAll(names, instance, pointer, run);
    };
  },
  properties(value, { refuse, compile }) {
    if (!isObject(value)) throw refuse("properties are schemas by names");
    const checks = Object.entries(value).map(([name, inner]) => [name, compile(inner, name)] as const);
    return (instance, pointer, run) => {
      if (!isObject(instance)) return;
      run.spend(checks.length);
      for (const [name, check] of checks) {
        const member = Object.hasOwn(instance, name) ? instance[name] : undefined;
        if (member !== undefined) check(member, `${pointer}/${escapePointer(name)}`, run);
      }
    };
  },
  patternProperties(value, { refuse, compile, pattern: compilePattern }) {
    const checks = Object.entries(patternsIn(value, refuse)).map(
      ([text, inner]) => [compilePattern(text), compile(inner, text)] as const,
    );
    return (instance, pointer, run) => {
      if (!isObject(instance)) return;
      for (const [name, member] of Object.entries(instance)) {
        for (const [pattern, check] of checks) {
          if (matches(pattern, name, run)) check(member, `${pointer}/${escapePointer(name)}`, run);
        }
      }
    };
  },
  additionalProperties(value, { refuse, schema, compile, pattern: compilePattern }) {
    const check = compile(value);
    const named = schema.properties;
    const known = new Set(isObject(named) ? Object.keys(named) : []);
    const patterns = Object.keys(patternsIn(schema.patternProperties ?? {}, refuse)).map(compilePattern);
    return (instance, pointer, run) => {
      if (!isObject(instance)) return;
      for (const [name, member] of Object.entries(instance)) {
        if (run.isOver) return;
        run.spend(1);
        if (known.has(name) || patterns.some((pattern) => matches(pattern, name, run))) continue;
        const where = `${pointer}/${escapePointer(name)}`;
        if (value === false) say(run, where, "additionalProperties", "There is no property of this name");
        else check(member, where, run);
      }
    };
  },
  propertyNames(value, { compile }) {
    const check = compile(value);
    return (instance, pointer, run) => {
      if (!isObject(instance)) return;
      for (const name of Object.keys(instance)) check(name, `${pointer}/${escapePointer(name)}`, run);
    };
  },

  allOf(value, around) {
    const checks = listOfSchemas(value, around);
    return (instance, pointer, run) => {
      for (const check of checks) if (!run.isOver) check(instance, pointer, run);
    };
  },
  anyOf(value, around) {
    const checks = listOfSchemas(value, around);
    return (instance, pointer, run) => {
      if (!checks.some((check) => run.accepts(check, instance, pointer))) {
        say(run, pointer, "anyOf", "This fits none of the forms it can have");
      }
    };
  },
  oneOf(value, around) {
    const checks = listOfSchemas(value, around);
    return (instance, pointer, run) => {
      const fitting = checks.filter((check) => run.accepts(check, instance, pointer)).length;
      if (fitting === 0) say(run, pointer, "oneOf", "This fits none of the forms it can have");
      if (fitting > 1) say(run, pointer, "oneOf", "This fits more than one of the forms it can have");
    };
  },
  not(value, { compile }) {
    const check = compile(value);
    return (instance, pointer, run) => {
      if (run.accepts(check, instance, pointer)) say(run, pointer, "not", "This is what it cannot be");
    };
  },
  if(value, { schema, compile, sibling }) {
    const condition = compile(value);
    const consequence = schema.then === undefined ? undefined : sibling("then");
    const alternative = schema.else === undefined ? undefined : sibling("else");
    return (instance, pointer, run) => {
      (run.accepts(condition, instance, pointer) ? consequence : alternative)?.(instance, pointer, run);
    };
  },
  // Compiled with their `if`; without one they mean nothing, and are still to be schemas.
  // biome-ignore lint/suspicious/noThenProperty: the keyword's name; a function is never awaited here
  then: besideIf,
  else: besideIf,
} as const satisfies Record<string, Compile>;

export type Keyword = keyof typeof keywords;
export const isKeyword = (name: string): name is Keyword => Object.hasOwn(keywords, name);

function besideIf(value: Json, { schema, compile }: Around): Check {
  if (schema.if === undefined) compile(value);
  return () => {};
}

function forNumbers(
  code: string,
  detail: (limit: number) => string,
  fits: (one: number, limit: number) => boolean,
): Compile {
  return (limit, { refuse }) => {
    if (typeof limit !== "number") throw refuse(`${code} is a number`);
    return (instance, pointer, run) => {
      if (typeof instance === "number" && !fits(instance, limit)) say(run, pointer, code, detail(limit));
    };
  };
}

type Count = (value: Json, run: Run) => number | undefined;

function atLeast(code: string, what: string, count: Count): Compile {
  return forCounts(
    code,
    (limit) => `At least ${limit} ${what} are needed here`,
    count,
    (has, limit) => has >= limit,
  );
}

function atMost(code: string, what: string, count: Count): Compile {
  return forCounts(
    code,
    (limit) => `At most ${limit} ${what} fit here`,
    count,
    (has, limit) => has <= limit,
  );
}

function forCounts(
  code: string,
  detail: (limit: number) => string,
  count: Count,
  fits: (has: number, limit: number) => boolean,
): Compile {
  return (limit, { refuse }) => {
    if (typeof limit !== "number" || !Number.isInteger(limit) || limit < 0) throw refuse(`${code} is a count`);
    return (instance, pointer, run) => {
      const has = count(instance, run);
      if (has !== undefined && !fits(has, limit)) say(run, pointer, code, detail(limit));
    };
  };
}

function characters(value: Json, run: Run): number | undefined {
  if (typeof value !== "string") return undefined;
  run.spend(value.length);
  return Array.from(value).length;
}

function entries(value: Json): number | undefined {
  return isList(value) ? value.length : undefined;
}

function members(value: Json): number | undefined {
  return isObject(value) ? Object.keys(value).length : undefined;
}

function matches(pattern: LinearPattern, text: string, run: Run): boolean {
  // The engine's figure is its worst case; usual patterns take about a tenth of it.
  run.spend(Math.ceil((text.length * pattern.cost) / 10));
  return pattern.matches(text);
}

function namesIn(value: Json, refuse: () => Error): readonly string[] {
  if (!isList(value) || !value.every((name) => typeof name === "string")) throw refuse();
  return value;
}

function requireAll(names: readonly string[], instance: JsonObject, pointer: string, run: Run): void {
  run.spend(names.length);
  for (const name of names) {
    if (!Object.hasOwn(instance, name)) say(run, `${pointer}/${escapePointer(name)}`, "required", "This is missing");
  }
}

function patternsIn(value: Json, refuse: (why: string) => Error): JsonObject {
  if (!isObject(value)) throw refuse("patternProperties are schemas by patterns");
  return value;
}

function listOfSchemas(value: Json, { refuse, compile }: Around): readonly Check[] {
  if (!isList(value) || value.length === 0) throw refuse("this is a list of schemas");
  return value.map((inner, at) => compile(inner, String(at)));
}

/** The value as text, the same for the same JSON whatever the order of its keys. */
function inOneOrder(value: Json, run: Run): string {
  run.spend(typeof value === "string" ? 1 + value.length : 1);
  if (isList(value)) return `[${value.map((entry) => inOneOrder(entry, run)).join()}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const written = Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}:${inOneOrder(member, run)}`);
  return `{${written.sort().join()}}`;
}
