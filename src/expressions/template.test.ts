import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ExpressionError } from "./expression-error.ts";
import { parseTemplate, placeholdersOf, printTemplate, readTemplate, secretsOf } from "./template.ts";

const path = (root: string, ...segments: (string | number)[]) => ({ root, path: segments, filters: [] });

describe("parseTemplate", () => {
  it.each([
    ["", []],
    ["plain { text } with }} and { { braces", ["plain { text } with }} and { { braces"]],
    ["{{step_1.field}}", [path("step_1", "field")]],
    ["{{steps.fetch.items[0].id}}", [path("steps", "fetch", "items", 0, "id")]],
    ['{{ trigger["a key.with {{ }} in it"].x-y }}', [path("trigger", "a key.with {{ }} in it", "x-y")]],
    ['{{steps["my step"]}}', [path("steps", "my step")]],
    ["{{item}}", [path("item")]],
    ["{{workspace.api_key}}", [path("workspace", "api_key")]],
    ["{{\n item\t}}", [path("item")]],
    ["a {{item}}{{item}} b", ["a ", path("item"), path("item"), " b"]],
    ["\\{{item}}", ["{{item}}"]],
    ["\\{{{{item}}", ["{{", path("item")]],
    ["C:\\dir \\{ \\", ["C:\\dir \\{ \\"]],
    ["{{item.__proto__.constructor}}", [path("item", "__proto__", "constructor")]],
  ])("SR-23 reads %j", (text, parts) => {
    expect(parseTemplate(text)).toEqual({ version: 1, parts });
  });

  it("SR-23 reads filters with literals", () => {
    expect(placeholdersOf(parseTemplate('{{ item.a|default( "x" ) | join(", ")|count }}'))).toEqual([
      {
        root: "item",
        path: ["a"],
        filters: [{ name: "default", argument: "x" }, { name: "join", argument: ", " }, { name: "count" }],
      },
    ]);
    const given = ["null", "true", "false", "-1.5", "0.000001", '""'].map(
      (literal) => placeholdersOf(parseTemplate(`{{item|default(${literal})}}`))[0]?.filters[0]?.argument,
    );
    expect(given).toEqual([null, true, false, -1.5, 0.000001, ""]);
  });

  it.each([
    ["{{{item}}}", 0, "Three braces"],
    ["ab {{", 5, "A path belongs here"],
    ["{{item", 0, "no }}"],
    ["{{item}", 6, "`}` is not expected"],
    ["{{}}", 2, "A path belongs here"],
    ["{{env.PATH}}", 2, "`env` cannot be read"],
    ["{{step_0}}", 2, "`step_0` cannot be read"],
    ["{{step_01}}", 2, "cannot be read"],
    ["{{constructor}}", 2, "cannot be read"],
    ["{{steps}}", 2, "name of a step"],
    ["{{steps[0]}}", 2, "name of a step"],
    ["{{workspace}}", 2, "name of one secret"],
    ["{{workspace.a.b}}", 2, "name of one secret"],
    ["{{workspace.a | upper}}", 16, "cannot be changed by filters"],
    ["{{item.}}", 7, "A name belongs"],
    ["{{item.1}}", 7, "A name belongs"],
    ["{{item[]}}", 7, "a position"],
    ["{{item[-1]}}", 7, "a position"],
    ["{{item[01]}}", 7, "a position"],
    ["{{item['a']}}", 7, "a position"],
    ['{{item["a\\"b"]}}', 7, "without a quote"],
    ['{{item["a\nb"]}}', 7, "without a quote"],
    ["{{item[0}}", 6, "no ]"],
    ["{{item + 1}}", 7, "`+` is not expected"],
    ["{{item.a()}}", 8, "`(` is not expected"],
    ["{{item {{item}} }}", 7, "`{` is not expected"],
    ["{{item | eval}}", 9, "no filter `eval`"],
    ["{{item | constructor}}", 9, "no filter `constructor`"],
    ["{{item | default}}", 9, "needs an argument"],
    ["{{item | join(1)}}", 9, "needs a text"],
    ["{{item | trim(1)}}", 9, "has no argument"],
    ["{{item | default(item)}}", 17, "stands a"],
    ["{{item | default(1}}", 16, "no )"],
    ["{{item | default(0.0000001)}}", 17, "stands a"],
  ])("SR-23 refuses %j at %d: %s", (text, at, message) => {
    expect(caughtFrom(() => parseTemplate(text))).toMatchObject({
      code: "template_invalid",
      at,
      message: expect.stringContaining(message),
    });
  });

  it.each([
    ["64 KiB", "x".repeat(65_536), "é".repeat(32_769)],
    ["256 placeholders", "{{item}}".repeat(256), "{{item}}".repeat(257)],
    ["32 segments", `{{item${".a".repeat(32)}}}`, `{{item${".a".repeat(33)}}}`],
  ])("SR-28 has a limit of %s", (_, most, more) => {
    expect(parseTemplate(most).version).toBe(1);
    expect(caughtFrom(() => parseTemplate(more))).toMatchObject({ code: "template_too_large" });
  });

  it("reads any text, or says why not", () => {
    fc.assert(
      fc.property(anyTemplate(), (text) => {
        const error = caughtFrom(() => {
          const template = parseTemplate(text);
          expect(parseTemplate(printTemplate(template))).toEqual(template);
          expect(printTemplate(parseTemplate(printTemplate(template)))).toBe(printTemplate(template));
          expect(readTemplate(JSON.parse(JSON.stringify(template)))).toEqual(template);
          expect(text.includes("{{") || template.parts.length <= 1).toBe(true);
        });
        if (error !== undefined) expect(error).toBeInstanceOf(ExpressionError);
      }),
      { numRuns: 3000 },
    );
  });
});

describe("readTemplate", () => {
  it("takes back what storage has put in another order", () => {
    const template = parseTemplate('a {{steps.x[0] | default("b")}}');
    const stored = {
      parts: ["a ", { filters: [{ argument: "b", name: "default" }], path: ["x", 0], root: "steps" }],
      version: 1,
    };
    expect(readTemplate(stored)).toEqual(template);
  });

  const good = { root: "item", path: ["a"], filters: [] };

  it.each([
    null,
    "text",
    { version: 2, parts: [] },
    { version: 1, parts: [{ ...good, root: "env" }] },
    { version: 1, parts: [{ ...good, path: [-1] }] },
    { version: 1, parts: [{ ...good, path: ['a"] }} {{ workspace["x'] }] },
    { version: 1, parts: [{ ...good, path: [{ toString: 1 }] }] },
    { version: 1, parts: [{ ...good, filters: [{ name: "eval" }] }] },
    { version: 1, parts: [{ ...good, more: 1 }] },
    { version: 1, parts: [null] },
    { version: 1, parts: ["a", "b"] },
    { version: 1, parts: ["\\", good] },
    { version: 1, parts: ["{", good] },
  ])("SR-23 refuses a stored tree that no text reads as: %j", (stored) => {
    expect(caughtFrom(() => readTemplate(stored))).toMatchObject({ code: "template_invalid" });
  });
});

it("tells which secrets a template uses", () => {
  expect(secretsOf(parseTemplate('{{workspace.a}} {{item.workspace.b}} {{workspace["c d"]}}'))).toEqual(["a", "c d"]);
});

/** Texts that are nearly templates. */
function anyTemplate() {
  const piece = fc.constantFrom(
    ...'{}[]().|\\" \n-0',
    "{{",
    "}}",
    "{{ ",
    "item",
    "{{item",
    "{{item}}",
    "steps.a",
    "workspace.k",
    '["k"]',
    "[0]",
    ".b",
    "| default(1.50)",
    "| default(-0.000001)",
    '|join(",")',
    "\\{{",
    "__proto__",
    "\ud83d",
    "é",
  );
  return fc.array(piece, { maxLength: 24 }).map((pieces) => pieces.join(""));
}

function caughtFrom(work: () => unknown): unknown {
  try {
    work();
    return undefined;
  } catch (error) {
    return error;
  }
}
