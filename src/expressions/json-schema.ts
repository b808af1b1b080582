import type { FieldError } from "#core/errors.ts";
import { ExpressionError } from "./expression-error.ts";
import { copyJson, isList, isObject, type Json, type JsonObject } from "./json.ts";
import { isAnnotation, isKeyword, type Keyword, keywords } from "./json-schema-keywords.ts";
import type { Check, Run } from "./json-schema-run.ts";
import { compileLinearPattern, type LinearPattern } from "./linear-pattern.ts";
import { escapePointer } from "./template-value.ts";

const LARGEST_SCHEMA = 65_536;
const DEEPEST_SCHEMA = 32;
const MOST_NODES = 2_000;
const LARGEST_INSTANCE = 262_144;
const DEEPEST_INSTANCE = 32;
const MOST_ERRORS = 20;
const MOST_STEPS = 2_000_000;
const MOST_REFERENCES = 128;
const MOST_PATTERN_COST = 10_000;

export type Validated =
  | { valid: true; value: Json }
  /** At most 20. */
  | { valid: false; errors: readonly FieldError[] };

export interface JsonSchema {
  /**
   * `value` comes back as a copy without prototypes. What is no JSON, larger than 256 KiB or deeper than 32 levels is
   * not valid. Throws `schema_too_much` where the schema would take too long over it.
   */
  validate(value: unknown): Validated;
}

/**
 * Compiles a schema of somebody else's (SR-30): the subset in docs/guides/schemas.md, in the meaning of JSON Schema
 * 2020-12. Throws `schema_invalid` with the pointer of what is wrong, `pattern_invalid`, and `schema_too_much` beyond
 * 64 KiB, 2,000 schemas or a depth of 32.
 */
export function compileSchema(written: unknown): JsonSchema {
  const document = copyJson(written, { depth: 4 * DEEPEST_SCHEMA, size: LARGEST_SCHEMA, refuse: schemaTooMuch });
  const check = compileDocument(document);
  return {
    validate(value) {
      const errors: FieldError[] = [];
      const refuse = (why: string) => new NotAnInstance(why);
      let instance: Json;
      try {
        instance = copyJson(value, { depth: DEEPEST_INSTANCE, size: LARGEST_INSTANCE, refuse });
      } catch (error) {
        if (!(error instanceof NotAnInstance)) throw error;
        return { valid: false, errors: [{ pointer: "", code: "not_json", detail: error.message }] };
      }
      check(instance, "", newRun(errors));
      return errors.length === 0 ? { valid: true, value: instance } : { valid: false, errors };
    },
  };
}

class NotAnInstance extends Error {}

const schemaTooMuch = (why: string) => new ExpressionError("schema_too_much", why);

function newRun(errors: FieldError[]): Run {
  const steps = { left: MOST_STEPS };
  const run = (found: FieldError[], most: number): Run => ({
    spend(count) {
      steps.left -= count;
      if (steps.left < 0) throw schemaTooMuch("The schema takes too long over this value");
    },
    report(error) {
      if (found.length < most) found.push(error);
    },
    get isOver() {
      return found.length >= most;
    },
    references: 0,
    /** Tries a check without telling its errors. */
    accepts(check, value, pointer) {
      const inner: FieldError[] = [];
      const trial = run(inner, 1);
      trial.references = this.references;
      check(value, pointer, trial);
      return inner.length === 0;
    },
  });
  return run(errors, MOST_ERRORS);
}

function compileDocument(document: Json): Check {
  let nodes = 0;
  let patternCost = 0;
  const referenced = new Map<string, Check>();
  const patterns = new Map<string, LinearPattern>();

  const compile = (schema: Json | undefined, pointer: string, depth: number): Check => {
    if (++nodes > MOST_NODES) throw schemaTooMuch(`A schema has at most ${MOST_NODES} schemas in it`);
    if (depth > DEEPEST_SCHEMA) throw schemaTooMuch(`A schema is nested at most ${DEEPEST_SCHEMA} deep`);
    if (schema === true) return () => {};
    if (schema === false) {
      return (_, where, run) => run.report({ pointer: where, code: "false", detail: "This is not allowed here" });
    }
    if (!isObject(schema)) throw invalid(pointer, "a schema is an object, true or false");

    const checks: Check[] = [];
    for (const [name, value] of Object.entries(schema)) {
      const where = `${pointer}/${escapePointer(name)}`;
      if (name === "$ref") checks.push(refer(value, where));
      else if (name === "$defs" || name === "definitions") compileMembers(value, where, depth);
      else if (name === "$schema") checkDialect(value, where);
      else if (isAnnotation(name)) continue;
      else if (!isKeyword(name)) throw invalid(where, `\`${name}\` is not among the keywords that Hawser understands`);
      else checks.push(keyword(name, value, schema, where, depth));
    }
    return (instance, at, run) => {
      run.spend(1 + checks.length);
      for (const check of checks) {
        if (run.isOver) return;
        check(instance, at, run);
      }
    };
  };

  const keyword = (name: Keyword, value: Json, schema: JsonObject, where: string, depth: number): Check =>
    keywords[name](value, {
      schema,
      refuse: (why) => invalid(where, why),
      pattern,
      compile: (inner, key) => compile(inner, key === undefined ? where : `${where}/${escapePointer(key)}`, depth + 1),
      sibling: (key) => compile(schema[key], where.slice(0, where.lastIndexOf("/") + 1) + key, depth + 1),
    });

  const pattern = (text: string): LinearPattern => {
    const known = patterns.get(text);
    if (known) return known;
    const compiled = compileLinearPattern(text);
    patternCost += compiled.cost;
    if (patternCost > MOST_PATTERN_COST) throw schemaTooMuch("The patterns of the schema are too large together");
    patterns.set(text, compiled);
    return compiled;
  };

  const compileMembers = (value: Json, where: string, depth: number) => {
    if (!isObject(value)) throw invalid(where, "these are schemas by their names");
    for (const [name, inner] of Object.entries(value)) compile(inner, `${where}/${escapePointer(name)}`, depth + 1);
  };

  const refer = (reference: Json, where: string): Check => {
    if (typeof reference !== "string" || !/^#(?:\/|$)/.test(reference)) {
      throw invalid(where, "a $ref leads to a place in the same schema, as in #/$defs/name");
    }
    const known = referenced.get(reference);
    if (known) return known;
    // A schema may lead back to itself, so the way there is known before what is there.
    let target: Check = () => {};
    const check: Check = (instance, at, run) => {
      run.spend(1);
      if (++run.references > MOST_REFERENCES) throw schemaTooMuch("The schema leads back to itself without end");
      target(instance, at, run);
      run.references--;
    };
    referenced.set(reference, check);
    target = compile(find(document, reference, where), reference.slice(1), 0);
    return check;
  };

  return compile(document, "", 0);
}

function find(document: Json, reference: string, where: string): Json {
  let current: Json | undefined = document;
  for (const part of decode(reference.slice(1), where).split("/").slice(1)) {
    const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
    const here: Json = current;
    if (isList(here)) current = Object.hasOwn(here, key) ? here[Number(key)] : undefined;
    else current = isObject(here) && Object.hasOwn(here, key) ? here[key] : undefined;
    if (current === undefined) throw invalid(where, `\`${reference}\` leads nowhere`);
  }
  return current;
}

function decode(fragment: string, where: string): string {
  try {
    return decodeURIComponent(fragment);
  } catch {
    throw invalid(where, "the $ref is not written as an address");
  }
}

function checkDialect(dialect: Json, where: string): void {
  const known = ["https://json-schema.org/draft/2020-12/schema", "http://json-schema.org/draft-07/schema"];
  if (typeof dialect !== "string" || !known.includes(dialect.replace(/#$/, ""))) {
    throw invalid(where, "schemas are of JSON Schema 2020-12 or draft-07");
  }
}

const invalid = (pointer: string, why: string) =>
  new ExpressionError("schema_invalid", `The schema cannot be used: at \`${pointer || "/"}\`, ${why}`);
