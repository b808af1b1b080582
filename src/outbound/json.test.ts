import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { JsonRefused, parseJson } from "./json.ts";

const nested = (depth: number, open = "[", close = "]") => open.repeat(depth) + close.repeat(depth);

describe("parseJson", () => {
  it("SR-32 reads what JSON.parse reads", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 8 }), (text) => {
        expect(JSON.stringify(parseJson(text))).toBe(JSON.stringify(JSON.parse(text)));
      }),
      { numRuns: 500 },
    );
  });

  it("SR-32 refuses more than 32 levels, of arrays, objects or both, and a million of them", () => {
    expect(parseJson(nested(32))).toBeDefined();
    for (const text of [
      nested(33),
      nested(33, '{"a":', "1}"),
      nested(17, '[{"a":', "1}]"),
      nested(1_000_000),
      "[".repeat(1_000_000),
    ]) {
      expect(() => parseJson(text)).toThrow(JsonRefused);
    }
  });

  it("SR-32 counts no brackets inside strings, whatever is escaped there", () => {
    const strings = fc.string({ unit: fc.constantFrom("[", "{", "}", "]", '"', "\\", "a", "\u2028") });
    fc.assert(
      fc.property(fc.array(strings, { maxLength: 20 }), (list) => {
        expect(parseJson(JSON.stringify(list), { maxDepth: 1 })).toEqual(list);
      }),
    );
    expect(() => parseJson('["\\\\",[]]', { maxDepth: 1 })).toThrow(JsonRefused);
  });

  it("SR-32 refuses more bytes than allowed, counted as UTF-8", () => {
    expect(parseJson('"ééé"', { maxBytes: 8 })).toBe("ééé");
    expect(() => parseJson('"ééé"', { maxBytes: 7 })).toThrow(JsonRefused);
    expect(() => parseJson('"aaaaaaaa"', { maxBytes: 9 })).toThrow(JsonRefused);
  });

  it("SR-32 keeps __proto__ and constructor as plain keys of objects without a prototype", () => {
    const value = parseJson('{"__proto__":{"admin":true},"constructor":1,"list":[{"a":{}}]}') as Record<
      string,
      unknown
    >;
    expect(Object.keys(value)).toEqual(["__proto__", "constructor", "list"]);
    expect([value.admin, value.toString, Object.getPrototypeOf(value)]).toEqual([undefined, undefined, null]);
    const [{ a }] = value.list as [{ a: object }];
    expect(Object.getPrototypeOf(a)).toBe(null);
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });

  it.each(["", "{", "nul", "{'a':1}", "[1,]", "\uFEFF{}", '"unfinished', "1 2"])(
    "refuses %j without repeating it",
    (text) => {
      expect(() => parseJson(text)).toThrow(new JsonRefused("This is not valid JSON."));
    },
  );
});
