import fc from "fast-check";
import { jsonpath } from "json-p3";
import { describe, expect, it } from "vitest";
import { ExpressionError } from "./expression-error.ts";
import type { Json } from "./json.ts";
import { compileJsonPath } from "./json-path.ts";

const store: Json = {
  books: [
    { title: "A", price: 8, isbn: "1" },
    { title: "B", price: 12.5 },
    { title: "C", price: 9, tags: ["x", null] },
  ],
  bike: { price: 400, "odd name": { deep: [1, [2, { price: 3 }]] } },
};

const select = (path: string, value: Json = store) => compileJsonPath(path).select(value);

describe("compileJsonPath", () => {
  it.each([
    ["$.books[0].title", ["A"]],
    ["$['bike']['odd name'].deep[-1][0]", [2]],
    ["$.books[*].title", ["A", "B", "C"]],
    ["$.books[1:].title", ["B", "C"]],
    ["$.books[::-2].title", ["C", "A"]],
    ["$.books[0,2]['title','price']", ["A", 8, "C", 9]],
    ["$..price", [8, 12.5, 9, 400, 3]],
    ["$.books[?@.price < 10 && @.isbn].title", ["A"]],
    ["$.books[?!(@.isbn) || @.title == 'A'].title", ["A", "B", "C"]],
    ["$.books[?9 <= @.price].title", ["B", "C"]],
    ["$.books[?@.tags[1] == null].title", ["C"]],
    ["$.books[?@.isbn != '1'].title", ["B", "C"]],
    ["$.books[?@.tags[-2] == 'x'].title", ["C"]],
    ["$.none[*]", []],
    ["$.books.length", []],
    ["$.books[0].title.length", []],
    ["$.constructor", []],
    ["$.__proto__", []],
    ["$", [store]],
  ])("SR-29 %s", (path, found) => {
    expect(select(path)).toEqual(found);
  });

  it.each([
    "$[?match(@.a, '.*')]",
    "$[?search(@.a, 'x')]",
    "$[?length(@.a) > 1]",
    "$[?count(@.*) > 1]",
    "$[?value(@.a) == 1]",
    "$[?@.a == @.b]",
    "$[?@.a == $.b]",
    "$[?$.a]",
    "$[?@.*]",
    "$[?@..a]",
    "$[?@.a =~ /x/]",
    "$[?(1 == 1)]",
    "$[?@.a + 1 == 2]",
    "$.a.~",
    "$[(@.length-1)]",
    "a.b",
    "",
    "$[",
    `$${".a".repeat(33)}`,
    `$.${"a".repeat(1023)}`,
    `$[?${"(".repeat(1000)}`,
    `$[?${"!".repeat(900)}@.a]`,
  ])("SR-29 refuses %s", (path) => {
    expect(caughtFrom(() => compileJsonPath(path))).toMatchObject({ code: "json_path_invalid" });
  });

  it("SR-29 selects what the reference implementation selects", () => {
    fc.assert(
      fc.property(anyPath(), anyJson(), (path, json) => {
        expect(select(path, json)).toEqual(jsonpath.query(path, JSON.parse(JSON.stringify(json))).values());
      }),
      { numRuns: 3000 },
    );
  });

  it.each(["$..*..*..*..*", "$..[*,*]..[?@.a || @.b || @.c]", "$[*]..a..b..c", "$..[::1]..[::-1]"])(
    "SR-29 stops %s after 100,000 visits",
    (path) => {
      const wide: Json = Array.from({ length: 300 }, () => Array.from({ length: 300 }, () => [[[1]]]));
      expect(caughtFrom(() => select(path, wide))).toMatchObject({ code: "json_path_too_much" });
    },
  );

  it("SR-29 stops a slice that would run over a huge range", () => {
    expect(select("$[-9007199254740991:9007199254740991:1]", [1, 2])).toEqual([1, 2]);
    expect(select("$[9007199254740991:-9007199254740991:-1]", [1, 2])).toEqual([2, 1]);
  });

  it("SR-29 stops in a value that is nested too deeply", () => {
    const deep: Json = JSON.parse(`${"[".repeat(5000)}${"]".repeat(5000)}`);
    for (const path of ["$..a", "$"]) {
      expect(caughtFrom(() => select(path, deep))).toMatchObject({ code: "json_path_too_much" });
    }
  });

  it("SR-24 gives copies without prototypes", () => {
    const value: Json = JSON.parse('{"a": {"__proto__": {"b": 1}}}');
    const [copy] = select("$.a", value);
    expect(Object.getPrototypeOf(copy)).toBeNull();
    expect(select("$..['__proto__'].b", value)).toEqual([1]);
    expect(select("$.a.b", value)).toEqual([]);
  });

  it("reads any text, or says why not", () => {
    const piece = fc.constantFrom(
      ..."$@.[]()?*,:'\"\\!=<>&|-01a ",
      "..",
      "__proto__",
      "constructor",
      "[?@.a==1]",
      "match(",
      "\ud83d",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), anyJson(), (pieces, json) => {
        const error = caughtFrom(() => select(`$${pieces.join("")}`, json));
        if (error !== undefined) expect(error).toBeInstanceOf(ExpressionError);
      }),
      { numRuns: 3000 },
    );
  });
});

const name = fc.constantFrom("a", "b", "c");

function anyPath() {
  const index = fc.integer({ min: -3, max: 3 }).map(String);
  const maybe = fc.oneof(fc.constant(""), index);
  const singular = fc
    .array(
      fc.oneof(
        name.map((one) => `.${one}`),
        index.map((one) => `[${one}]`),
      ),
      { maxLength: 2 },
    )
    .map((steps) => `@${steps.join("")}`);
  const literal = fc.constantFrom("null", "true", "0", "1", "-1.5", "'a'", "'b'");
  const operator = fc.constantFrom("==", "!=", "<", "<=", ">", ">=");
  const test = fc.oneof(
    singular,
    singular.map((one) => `!${one}`),
    fc.tuple(singular, operator, literal).map((all) => all.join("")),
    fc.tuple(literal, operator, singular).map((all) => all.join("")),
  );
  const selector = fc.oneof(
    name.map((one) => `'${one}'`),
    index,
    fc.constant("*"),
    fc.tuple(maybe, maybe, maybe).map((all) => all.join(":")),
    test.map((one) => `?${one}`),
    fc.tuple(test, fc.constantFrom("&&", "||"), test).map((all) => `?${all.join("")}`),
  );
  const segment = fc
    .tuple(fc.constantFrom("", "", ".."), fc.array(selector, { minLength: 1, maxLength: 2 }))
    .map(([dots, all]) => `${dots}[${all.join()}]`);
  return fc.array(segment, { maxLength: 3 }).map((all) => `$${all.join("")}`);
}

function anyJson(): fc.Arbitrary<Json> {
  const leaf = fc.constantFrom<Json>(null, true, false, 0, 1, -1.5, "a", "b", "");
  return fc.letrec<{ json: Json }>((tie) => ({
    json: fc.oneof(
      { depthSize: "small", maxDepth: 4 },
      leaf,
      fc.array(tie("json"), { maxLength: 4 }),
      fc.dictionary(name, tie("json"), { maxKeys: 3, noNullPrototype: true }),
    ),
  })).json;
}

function caughtFrom(work: () => unknown): unknown {
  try {
    work();
    return undefined;
  } catch (error) {
    return error;
  }
}
