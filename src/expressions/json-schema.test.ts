import { Validator } from "@cfworker/json-schema";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ExpressionError } from "./expression-error.ts";
import type { Json } from "./json.ts";
import { compileSchema } from "./json-schema.ts";

const errorsOf = (schema: unknown, value: unknown) => {
  const result = compileSchema(schema).validate(value);
  return result.valid ? [] : result.errors.map(({ pointer, code }) => `${pointer} ${code}`);
};

describe("compileSchema", () => {
  const person = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Person",
    type: "object",
    required: ["name", "a/b"],
    additionalProperties: false,
    properties: {
      name: { type: "string", minLength: 1, maxLength: 3, pattern: "^[a-z]*$" },
      age: { type: ["integer", "null"], minimum: 0, exclusiveMaximum: 150, multipleOf: 1 },
      "a/b": { $ref: "#/$defs/list" },
      kind: { enum: ["x", { y: 1 }], default: "x" },
    },
    patternProperties: { "^x-": { const: true } },
    $defs: {
      list: { type: "array", items: { $ref: "#/$defs/item" }, maxItems: 2, uniqueItems: true },
      item: { type: "number" },
    },
  };

  it.each([
    [{ name: "ab", "a/b": [1, 2], age: null, kind: { y: 1 }, "x-a": true }, []],
    [{ name: "\u{1F600}" }, ["/name pattern", "/a~1b required"]],
    [{ name: "", "a/b": [1, 1, "x"] }, ["/a~1b/2 type", "/a~1b maxItems", "/a~1b uniqueItems", "/name minLength"]],
    [
      { name: "abcd", "a/b": [], age: 150.5, z: 1 },
      ["/name maxLength", "/age type", "/age exclusiveMaximum", "/age multipleOf", "/z additionalProperties"],
    ],
    [{ name: "a", "a/b": [], kind: "y", "x-": 1 }, ["/kind enum", "/x- const"]],
    [[], [" type"]],
  ])("says what is wrong where: %j", (value, errors) => {
    expect(errorsOf(person, value).sort()).toEqual([...errors].sort());
  });

  it.each([
    ["a remote $ref", { $ref: "https://a.example/x.json" }],
    ["a file", { $ref: "other.json#/a" }],
    ["an anchor", { $ref: "#name" }],
    ["a $ref that leads nowhere", { $ref: "#/$defs/none" }],
    ["a $ref into a prototype", { $ref: "#/constructor" }],
    ["$id", { $id: "https://a.example" }],
    ["$dynamicRef", { $dynamicRef: "#x" }],
    ["$data", { properties: { a: { minimum: { $data: "1/b" } } } }],
    ["a foreign dialect", { $schema: "https://json-schema.org/draft/2019-09/schema" }],
    ["nullable", { type: "string", nullable: true }],
    ["an unknown keyword", { minimun: 1 }],
    ["a keyword of the prototype", { constructor: {} }],
    ["an unknown type", { type: "toString" }],
    ["a schema that is a text", { properties: { a: "string" } }],
    ["a list of items", { items: [{}] }],
    ["a mistake nobody would reach", { $defs: { a: { type: 1 } } }],
  ])("SR-30 refuses %s", (_, schema) => {
    expect(caughtFrom(() => compileSchema(schema))).toMatchObject({ code: "schema_invalid" });
  });

  it.each([
    ["64 KiB", { description: "x".repeat(65_536) }],
    ["2,000 schemas", { allOf: Array.from({ length: 2_000 }, () => ({})) }],
    ["a depth of 32", Array.from({ length: 33 }).reduce((inner) => ({ not: inner }), {})],
    ["a schema that contains itself", circular()],
    [
      "a bounded amount of patterns",
      { allOf: Array.from({ length: 200 }, (_, at) => ({ pattern: `\\p{L}{300}${at}` })) },
    ],
  ])("SR-30 refuses more than %s", (_, schema) => {
    expect(caughtFrom(() => compileSchema(schema))).toMatchObject({ code: "schema_too_much" });
  });

  it.each([
    ["256 KiB", "x".repeat(262_144)],
    ["a depth of 32", JSON.parse(`${"[".repeat(34)}${"]".repeat(34)}`)],
    ["JSON", { a: () => 1 }],
    ["JSON that ends", circular()],
  ])("SR-30 an instance of more than %s is not valid", (_, value) => {
    expect(errorsOf({}, value)).toEqual([" not_json"]);
  });

  it("SR-30 reports at most 20 errors", () => {
    expect(
      errorsOf(
        { items: { type: "string" } },
        Array.from({ length: 100 }, () => 1),
      ),
    ).toHaveLength(20);
  });

  it.each([
    ["itself", { $ref: "#" }, 1],
    ["another and back", { $ref: "#/$defs/a", $defs: { a: { anyOf: [{ $ref: "#" }] } } }, 1],
    ["twice as much at each step", doubling(60), 1],
    [
      "what costs more and more",
      { items: { allOf: Array.from({ length: 1000 }, () => ({ uniqueItems: true })) } },
      [Array.from({ length: 20_000 }, (_, at) => at)],
    ],
  ])("SR-30 a schema that leads to %s is stopped", (_, schema, value) => {
    const compiled = compileSchema(schema);
    expect(caughtFrom(() => compiled.validate(value))).toMatchObject({ code: "schema_too_much" });
  });

  it("SR-30 an error stays short, whatever the schema says", () => {
    const long = Array.from({ length: 100 }, (_, at) => "x".repeat(200) + at);
    const result = compileSchema({ enum: long, const: long }).validate(1);
    for (const { detail } of result.valid ? [] : result.errors) expect(detail.length).toBeLessThan(700);
    expect(result.valid).toBe(false);
  });

  it("SR-30 a schema may contain itself, as trees do", () => {
    const tree = { type: "object", properties: { children: { items: { $ref: "#" } } }, required: ["name"] };
    const nested = { name: 1, children: [{ name: 2, children: [{ children: [] }] }] };
    expect(errorsOf(tree, nested)).toEqual(["/children/0/children/0/name required"]);
  });

  it.each([
    ["a", "(a)\\1"],
    ["a", "(?=a)"],
    ["a", "a{1,1000}b{1,1000}"],
  ])("SR-31 refuses patterns that could be slow (%s, %s)", (_, pattern) => {
    for (const schema of [{ pattern }, { patternProperties: { [pattern]: true } }]) {
      expect(caughtFrom(() => compileSchema(schema))).toMatchObject({ code: "pattern_invalid" });
    }
  });

  it("SR-31 a pattern over a large text takes linear time, or is stopped", () => {
    const value = `${"a".repeat(200_000)}!`;
    expect(errorsOf({ pattern: "^(a+)+$" }, value)).toEqual([" pattern"]);
    const heavy = compileSchema({ pattern: "(a?){200}!x$" });
    expect(caughtFrom(() => heavy.validate(value))).toMatchObject({ code: "schema_too_much" });
  });

  it("SR-24 gives a copy without prototypes, and reaches none", () => {
    const value: unknown = JSON.parse('{"__proto__": {"a": 1}, "b": {}}');
    const result = compileSchema({ required: ["__proto__"], properties: { b: true } }).validate(value);
    expect(result.valid && Object.getPrototypeOf(result.value)).toBeNull();
    expect(errorsOf({ required: ["toString", "constructor", "__proto__"] }, {})).toHaveLength(3);
    expect(errorsOf({ additionalProperties: false, properties: {} }, value)).toHaveLength(2);
    expect(errorsOf(JSON.parse('{"properties": {"__proto__": {"type": "string"}}}'), value)).toEqual([
      "/__proto__ type",
    ]);
  });

  it("SR-30 agrees with another validator on every schema of the subset", () => {
    fc.assert(
      fc.property(anySchema(), anyJson(), (schema, value) => {
        const plain = JSON.parse(JSON.stringify(schema));
        const reference = new Validator(plain, "2020-12").validate(JSON.parse(JSON.stringify(value)));
        expect(compileSchema(schema).validate(value).valid).toBe(reference.valid);
      }),
      { numRuns: 5000 },
    );
  });

  it("takes any JSON for a schema, or says why not", () => {
    const word = fc.constantFrom(
      "type",
      "properties",
      "items",
      "$ref",
      "allOf",
      "not",
      "#",
      "#/items",
      "__proto__",
      "a",
    );
    const json = fc.letrec<{ json: unknown }>((tie) => ({
      json: fc.oneof(
        { maxDepth: 5 },
        word,
        fc.boolean(),
        fc.integer(),
        fc.array(tie("json")),
        fc.dictionary(word, tie("json")),
      ),
    })).json;
    fc.assert(
      fc.property(json, json, (schema, value) => {
        const error = caughtFrom(() => compileSchema(schema).validate(value));
        if (error !== undefined) expect(error).toBeInstanceOf(ExpressionError);
      }),
      { numRuns: 3000 },
    );
  });
});

function circular(): unknown {
  const one: { not?: unknown } = {};
  one.not = one;
  return one;
}

/** Asks the last question 2 to the power of `steps` times. */
function doubling(steps: number): unknown {
  const $defs: Record<string, unknown> = { [`s${steps}`]: false };
  for (let at = 0; at < steps; at++) {
    $defs[`s${at}`] = { anyOf: [{ $ref: `#/$defs/s${at + 1}` }, { $ref: `#/$defs/s${at + 1}` }] };
  }
  return { $ref: "#/$defs/s0", $defs };
}

const name = fc.constantFrom("a", "b", "x1");

function anyJson(): fc.Arbitrary<Json> {
  const leaf = fc.constantFrom<Json>(null, true, false, 0, 1, 2, 2.5, -3, "", "a", "bb", "x1");
  return fc.letrec<{ json: Json }>((tie) => ({
    json: fc.oneof(
      { maxDepth: 3 },
      leaf,
      fc.array(tie("json"), { maxLength: 3 }),
      fc.dictionary(name, tie("json"), { maxKeys: 3, noNullPrototype: true }),
    ),
  })).json;
}

function anySchema(): fc.Arbitrary<unknown> {
  const count = fc.integer({ min: 0, max: 3 });
  const type = fc.constantFrom("null", "boolean", "integer", "number", "string", "array", "object");
  const pattern = fc.constantFrom("^a", "b", "[0-9]$", "^x\\d?$");
  return fc.letrec<{ schema: unknown }>((tie) => {
    const inner = tie("schema");
    const several = fc.array(inner, { minLength: 1, maxLength: 2 });
    const keyword = fc.oneof(
      fc.record({ type: fc.oneof(type, fc.uniqueArray(type, { minLength: 1, maxLength: 3 })) }),
      fc.record({ enum: fc.array(anyJson(), { minLength: 1, maxLength: 3 }) }),
      fc.record({ const: anyJson() }),
      fc.record({ minimum: count, exclusiveMaximum: count }),
      fc.record({ maximum: count, exclusiveMinimum: count }),
      fc.record({ multipleOf: fc.constantFrom(0.5, 1, 2) }),
      fc.record({ minLength: count, maxLength: count }),
      fc.record({ pattern }),
      fc.record({ minItems: count, maxItems: count }),
      fc.record({ uniqueItems: fc.boolean() }),
      fc.record({ prefixItems: several, items: inner }, { requiredKeys: [] }),
      fc.record({ minProperties: count, maxProperties: count }),
      fc.record({ required: fc.uniqueArray(name, { maxLength: 2 }) }),
      fc.record({ dependentRequired: fc.dictionary(name, fc.uniqueArray(name), { noNullPrototype: true }) }),
      fc.record(
        {
          properties: fc.dictionary(name, inner, { noNullPrototype: true }),
          patternProperties: fc.dictionary(pattern, inner, { noNullPrototype: true }),
          additionalProperties: inner,
        },
        { requiredKeys: [] },
      ),
      fc.record({ propertyNames: inner }),
      fc.record({ allOf: several }),
      fc.record({ anyOf: several }),
      fc.record({ oneOf: several }),
      fc.record({ not: inner }),
      // biome-ignore lint/suspicious/noThenProperty: the keyword's name
      fc.record({ if: inner, then: inner, else: inner }, { requiredKeys: [] }),
    );
    const both = fc.tuple(keyword, keyword).map(([one, other]) => ({ ...one, ...other }));
    return { schema: fc.oneof({ maxDepth: 3 }, fc.boolean(), both, both) };
  }).schema;
}

function caughtFrom(work: () => unknown): unknown {
  try {
    work();
    return undefined;
  } catch (error) {
    return error;
  }
}
