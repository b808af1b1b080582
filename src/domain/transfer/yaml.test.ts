import fc from "fast-check";
import { expect, it } from "vitest";
import { AppError } from "#core/errors.ts";
import type { Json } from "#expressions/json.ts";
import { readYaml, writeYaml } from "./yaml.ts";

it("reads what it has written, whatever the value", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => {
      fc.pre(!JSON.stringify(value).includes("\\u0000"));
      const json = JSON.parse(JSON.stringify(value)) as Json;
      expect(JSON.stringify(readYaml(writeYaml(json)))).toBe(JSON.stringify(json));
    }),
  );
});

it("takes a backslash in front of u0000 for what it is", () => {
  expect(readYaml("a: '\\u0000'")).toEqual({ a: "\\u0000" });
});

it("reads what people write", () => {
  expect(
    readYaml("# mine\nname: Shop\non: yes\nport: 080\nlist:\n  - a\n  - 'b: c'\ntext: |\n  two\n  lines\n"),
  ).toEqual({
    name: "Shop",
    // As YAML 1.2 has it: no text turns into true or false but those two.
    on: "yes",
    port: 80,
    list: ["a", "b: c"],
    text: "two\nlines\n",
  });
});

it.each([
  ["an alias", "a: &x [1]\nb: *x", "Line 2"],
  ["aliases that multiply", `a: &a [x,x,x,x]\nb: &b [*a,*a,*a,*a]\nc: [*b,*b,*b,*b]`, "Line 2"],
  ["a type of its own", "a: 1\nb: !!js/function 'return 1'", "Line 2"],
  ["a type of its own", "a: !local {b: 1}", "Line 1"],
  ["a merge that refers", "a: &a {x: 1}\nb:\n  <<: *a", "Line 3"],
  ["a name twice", "a: 1\na: 2", "Line 2"],
  ["a name that is a list", "? [1, 2]\n: x", "Line 1"],
  ["a name that is a number", "1: x", "Line 1"],
  ["two documents", "a: 1\n---\nb: 2", "Line"],
  ["broken text", "a: [1, 2", "Line"],
  ["NUL", 'a: "\\0"', "NUL"],
  ["NUL in a name", "a\u0000b: 1", "NUL"],
  ["half a character", 'a: ["\\ud83d"]', "half of a character"],
  ["more than 5 MiB", `a: ${"x".repeat(5_242_880)}`, "5 MiB"],
  ["a list in a list in a list …", `${"[".repeat(70)}${"]".repeat(70)}`, "nested deeper"],
])("refuses %s", (_, text, words) => {
  expect(() => readYaml(text)).toThrowError(words);
  expect(refusalOf(text)).toMatchObject({ code: "invalid_request", errors: [{ pointer: "/yaml" }] });
});

it("refuses nesting that would overflow, in time", () => {
  for (const text of ["[".repeat(100_000), "{a: ".repeat(50_000), `${"- ".repeat(20_000)}x`, "? ".repeat(50_000)]) {
    expect(refusalOf(text)).toMatchObject({ code: "invalid_request" });
  }
});

it("SR-32 `__proto__` is a name like any other", () => {
  const read = readYaml("__proto__: {polluted: 1}\nconstructor: 2");

  expect(Object.keys(read ?? {})).toEqual(["__proto__", "constructor"]);
  expect({}).not.toHaveProperty("polluted");
});

it("reads any text, or says why not", () => {
  const word = fc.constantFrom(..."[]{}:,-?*&!|>'\"%@`# \n\t", "a", "- ", ": ", "---\n", "<<", "\u0000", "\ud800", "é");
  fc.assert(
    fc.property(fc.array(word, { maxLength: 40 }), (words) => {
      expect(["nothing", "invalid_request"]).toContain(refusalOf(words.join(""))?.code ?? "nothing");
    }),
  );
});

function refusalOf(text: string): AppError | undefined {
  try {
    readYaml(text);
    return undefined;
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}
