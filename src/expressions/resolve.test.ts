import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ExpressionError } from "./expression-error.ts";
import type { Json } from "./json.ts";
import type { Place } from "./place.ts";
import { checkTemplate, resolveTemplate, type Scope } from "./resolve.ts";
import { fillSecrets } from "./secret-handle.ts";
import { parseTemplate } from "./template.ts";
import { parseTemplateValue, readTemplateValue, resolveValue } from "./template-value.ts";

const output: Json = JSON.parse(
  '{"items": [{"id": 7, "name": "A&B"}], "next": null, "Total": 2, "odd key": true, "__proto__": {"x": 1}, "text": " É "}',
);
const scope: Scope = {
  steps: [
    { name: "fetch", output },
    { name: "two words", output: [] },
  ],
  trigger: { body: { x: "{{workspace.key}} {{item}}" } },
  secrets: ["key", "other_key"],
};

const textOf = (template: string, place: Place = "text", where = scope) =>
  resolveTemplate(parseTemplate(template), where, place).toString();
const valueFrom = (written: unknown, where = scope) => resolveValue(parseTemplateValue(written), where);

describe("resolveTemplate", () => {
  it.each([
    ["Id {{steps.fetch.items[0].id}}!", "Id 7!"],
    ["{{step_1.items[0].name}}", "A&B"],
    ['{{steps.fetch["odd key"]}}', "true"],
    ['{{steps["two words"]|count}}', "0"],
    ["{{steps.fetch.text|trim|lower}}", "é"],
    ["{{steps.fetch.items|json}}", '[{"id":7,"name":"A&B"}]'],
    ["{{steps.fetch.items | first | count}}", "2"],
    ['{{steps.fetch.gone|upper|default("none")}}', "none"],
    ['{{steps.fetch.next|default("")}}', ""],
    ["{{steps.gone.a.b|default(3)}}", "3"],
    ['{{steps["two words"]|first|default("-")}}', "-"],
    ['{{item|default("-")}}', "-"],
    ["{{steps.fetch.__proto__.x}}", "1"],
  ])("puts values into %j", (template, text) => {
    expect(textOf(template)).toBe(text);
  });

  it("joins lists", () => {
    expect(textOf('{{item|join("; ")}}', "text", { ...scope, item: ["a", 1, true] })).toBe("a; 1; true");
  });

  it.each([
    ["path", "/a/{{item}}/b", "/a/x%2F..%26%20%22/b"],
    ["query", "a b={{item}}", "a%20b%3Dx%2F..%26%20%22"],
    ["form", "a b={{item}}", "a+b%3Dx%2F..%26+%22"],
    ["header", "Bearer {{item}}", 'Bearer x/..& "'],
    ["html", "<b>{{item}}</b>", "<b>x/..&#38; &#34;</b>"],
    ["xml", "<b>{{item}}</b>", "<b>x/..&#38; &#34;</b>"],
    ["markdown", "*{{item}}*", '*x\\/\\.\\.\\& \\"*'],
    ["text", "*{{item}}*", '*x/..& "*'],
  ] as const)("SR-26 encodes for a %s", (place, template, text) => {
    expect(textOf(template, place, { ...scope, item: 'x/..& "' })).toBe(text);
  });

  it.each([
    ["path", "/a/{{item}}/b", ".."],
    ["path", "/a/.{{item}}", "."],
    ["path", "/a/{{item}}/b", ""],
    ["path", "/a/%2e{{item}}", "."],
    ["header", "{{item}}", "a\r\nx: y"],
    ["xml", "{{item}}", "\u0000"],
  ] as const)("SR-26 refuses what a %s cannot hold: %j with %j", (place, template, item) => {
    expect(caughtFrom(() => textOf(template, place, { ...scope, item }))).toMatchObject({
      code: "template_value_refused",
    });
  });

  it.each(["", "a", "//a.example/b", "{{item}}/a", "/../x", "/a?b", "/a#b", "/a\\b", "/a b"])(
    "SR-26 refuses the path %j when it is saved",
    (path) => {
      expect(() => checkTemplate(parseTemplate(path), "path")).toThrow(ExpressionError);
    },
  );

  it("SR-27 is expanded once", () => {
    expect(textOf("{{trigger.body.x}}")).toBe("{{workspace.key}} {{item}}");
    expect(valueFrom("{{trigger.body}}")).toEqual({ x: "{{workspace.key}} {{item}}" });
  });

  it.each([
    ["steps.fetch.item", "`steps.fetch.item` does not exist. Did you mean `steps.fetch.items`?"],
    ["steps.fetch.total", "`steps.fetch.total` does not exist. Did you mean `steps.fetch.Total`?"],
    ["steps.fetch.odd_key.x", '`steps.fetch.odd_key` does not exist. Did you mean `steps.fetch["odd key"]`?'],
    [
      "steps.fetch.items[3].id",
      "`steps.fetch.items[3]` does not exist. `steps.fetch.items` is a list of 1, counted from [0].",
    ],
    [
      "steps.fetch.items.id",
      "`steps.fetch.items.id` does not exist. `steps.fetch.items` is a list. Did you mean `steps.fetch.items[0].id`?",
    ],
    [
      "steps.fetch.items[0].id.x",
      "`steps.fetch.items[0].id.x` does not exist. `steps.fetch.items[0].id` is a number and holds nothing else.",
    ],
    ["steps.fetch.items[0].zzz", "`steps.fetch.items[0].zzz` does not exist. `steps.fetch.items[0]` has `id`, `name`."],
    ["steps.fetsh.items", "`steps.fetsh` does not exist. Did you mean `steps.fetch`?"],
    ["step_3.x", "`step_3` does not exist: 2 steps have run before this one."],
    ["item.x", "`item` does not exist here: only inside a for-each."],
    ["steps.fetch.constructor", "`steps.fetch.constructor` does not exist."],
    ["steps.fetch.items.length", "`steps.fetch.items.length` does not exist."],
    ["steps.fetch.text.length", "`steps.fetch.text.length` does not exist."],
    ["trigger.toString", "`trigger.toString` does not exist."],
    ["workspace.kee", "`workspace.kee` does not exist. Did you mean `workspace.key`?"],
  ])("SR-27 a missing path names the nearest one: %s", (path, message) => {
    expect(caughtFrom(() => textOf(`{{${path}}}`, "header"))).toMatchObject({
      code: "template_path_missing",
      message: expect.stringContaining(message),
    });
  });

  it.each([
    "{{steps.fetch.next}}",
    "{{steps.fetch.items}}",
    "a {{steps.fetch}}",
    "{{steps.fetch|upper}}",
    '{{steps.fetch.Total|join(",")}}',
  ])("SR-27 never writes null, lists or objects in silence: %s", (template) => {
    expect(caughtFrom(() => textOf(template))).toMatchObject({ code: "template_value_refused" });
  });

  it("SR-28 gives at most 1 MiB, all templates of a value together", () => {
    const large = { ...scope, item: "x".repeat(400_000) };
    expect(textOf("{{item}}{{item}}", "text", large)).toHaveLength(800_000);
    for (const work of [
      () => textOf("{{item}}{{item}}{{item}}", "text", large),
      () => valueFrom(["{{item}}", "{{item}}", "{{item}}"], large),
      () => valueFrom(["a{{item}}", "{{item}}", { a: "{{item}}" }], large),
    ]) {
      expect(caughtFrom(work)).toMatchObject({ code: "template_too_large" });
    }
  });
});

describe("resolveValue", () => {
  it("keeps the type of a value where an expression is the whole value", () => {
    expect(
      valueFrom({
        id: "{{steps.fetch.items[0].id}}",
        list: ["{{ steps.fetch.items }}", "no. {{steps.fetch.items[0].id}}", 5, null, true],
        none: "{{steps.fetch.next}}",
        plain: "\\{{",
      }),
    ).toEqual({ id: 7, list: [[{ id: 7, name: "A&B" }], "no. 7", 5, null, true], none: null, plain: "{{" });
  });

  it("SR-24 gives copies without prototypes", () => {
    const value = valueFrom({ all: "{{steps.fetch}}" });
    const all: unknown = Reflect.get(Object(value), "all");
    expect(Object.getPrototypeOf(value)).toBeNull();
    expect(Object.getPrototypeOf(all)).toBeNull();
    expect(Object.keys(Object(all))).toContain("__proto__");
    expect(all).not.toBe(output);
    expect(valueFrom(JSON.parse('{"__proto__": {"polluted": "{{steps.fetch.Total}}"}}'))).toSatisfy((made: object) =>
      Object.hasOwn(made, "__proto__"),
    );
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  });

  it.each([
    ["a function", { a: () => 1 }],
    ["a getter", Object.defineProperty({}, "a", { enumerable: true, get: () => 1 })],
    ["a host object", { a: new Map() }],
    ["NaN", [Number.NaN]],
    ["undefined", [undefined]],
    ["a list with holes", new Array(3)],
  ])("SR-24 lets no %s in", (_, item) => {
    expect(() => valueFrom("{{item}}", { ...scope, item: item as unknown as Json })).toThrow(ExpressionError);
    expect(() => parseTemplateValue(item)).toThrow(ExpressionError);
  });

  it("SR-26 names of members are no templates", () => {
    expect(() => parseTemplateValue({ a: [{ "{{item}}": 1 }] })).toThrow("/a/0/{{item}}");
    expect(() => parseTemplateValue({ a: ["{{item"] })).toThrow("At /a/0:");
  });

  it("comes out of storage as it went in, or not at all", () => {
    const value = parseTemplateValue({ a: ["{{item}}", 1, null], b: { c: "x" } });
    expect(readTemplateValue(JSON.parse(JSON.stringify(value)))).toEqual(value);
    for (const stored of [
      null,
      {},
      { kind: "list" },
      { kind: "literal", value: {} },
      { kind: "object", entries: [1] },
    ]) {
      expect(() => readTemplateValue(stored)).toThrow("not a template");
    }
  });

  it("any value that is no template comes out as the same JSON", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (json) => {
        fc.pre(!JSON.stringify(json).includes("{{"));
        const plain = JSON.parse(JSON.stringify(json));
        expect(JSON.parse(JSON.stringify(valueFrom(json)))).toEqual(plain);
        expect(JSON.parse(JSON.stringify(valueFrom("{{item}}", { ...scope, item: plain })))).toEqual(plain);
      }),
    );
  });
});

describe("secrets", () => {
  it("SR-25 are handles until outbound fills them in", () => {
    const resolved = resolveTemplate(parseTemplate("Bearer {{workspace.key}}"), scope, "header");
    for (const shown of [String(resolved), JSON.stringify(resolved), inspect({ resolved }), inspect(resolved.parts)]) {
      expect(shown).toContain("[secret]");
      expect(shown).not.toContain("key");
    }
    expect(resolved.secrets.map(({ name }) => name)).toEqual(["key"]);
    expect(resolved.fill(({ name }) => `<${name}>`)).toBe("Bearer <key>");
    expect(() => resolved.fill(() => "a\r\nb")).toThrow("line breaks");
  });

  it("SR-25 pass through JSON unresolved", () => {
    const body = valueFrom({ token: "{{workspace.key}}", list: ["{{workspace.other_key}}-{{steps.fetch.Total}}"] });
    expect(JSON.parse(JSON.stringify(body))).toEqual({ token: "[secret]", list: ["[secret]-2"] });
    expect(fillSecrets(body, ({ name }) => `${name}"`)).toEqual({ token: 'key"', list: ['other_key"-2'] });
  });

  it("SR-26 are encoded for their place like any value", () => {
    const fill = (place: Place) =>
      resolveTemplate(parseTemplate("{{workspace.key}}"), scope, place).fill(() => "a&<b c");
    expect([fill("query"), fill("form"), fill("xml")]).toEqual(["a%26%3Cb%20c", "a%26%3Cb+c", "a&#38;&#60;b c"]);
  });

  it.each(["path", "html", "markdown", "text"] as const)("SR-25 are refused in a %s", (place) => {
    const template = parseTemplate("/a/{{workspace.key}}");
    const refusal = { code: "template_secret_refused" };
    expect(caughtFrom(() => checkTemplate(template, place))).toMatchObject(refusal);
    expect(caughtFrom(() => resolveTemplate(template, scope, place))).toMatchObject(refusal);
  });
});

function caughtFrom(work: () => unknown): unknown {
  try {
    work();
    return undefined;
  } catch (error) {
    return error;
  }
}
