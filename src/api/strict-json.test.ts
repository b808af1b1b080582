import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseStrictJson } from "./strict-json.ts";

const parse = (text: string) => parseStrictJson(new TextEncoder().encode(text));

describe("strict JSON", () => {
  it("SR-32 reads whatever JSON.stringify writes, within 32 levels and without __proto__", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 10, noUnicodeString: false }), (text) => {
        fc.pre(
          !text.includes("__proto__") && !text.includes("\\u0000") && JSON.stringify(JSON.parse(text)).isWellFormed(),
        );
        const plain = JSON.stringify(JSON.parse(text));
        fc.pre(!/\\ud[89a-f]/i.test(plain));
        expect(parse(plain)).toEqual(JSON.parse(text));
      }),
    );
  });

  it("SR-32 knows a key that is there twice, however it is written, and only in one object", () => {
    for (const text of ['{"a":1,"a":2}', '{"a":1,"\\u0061":2}', '[{"x":{"a":1,"b":2,"a" : 3}}]']) {
      expect(() => parse(text), text).toThrow("twice");
    }
    expect(parse('{"a":{"a":1},"b":["a","a",{"a":2}]}')).toEqual({ a: { a: 1 }, b: ["a", "a", { a: 2 }] });
  });

  it("SR-32 is not misled by brackets, quotes and colons inside of texts", () => {
    const value = { "{[": '}"]:{"a":1,"a":2}', "a:": ["\\", '"', '\\":'] };
    expect(parse(JSON.stringify(value))).toEqual(value);
  });

  it("SR-70 goes 32 levels deep and no further", () => {
    expect(parse(`${"[".repeat(32)}${"]".repeat(32)}`)).toBeDefined();
    expect(() => parse(`${"[".repeat(33)}${"]".repeat(33)}`)).toThrow("levels");
  });

  it("SR-32 refuses __proto__, NUL, half characters and what is not UTF-8", () => {
    for (const text of ['{"__proto__":1}', '{"\\u005f_proto__":1}', '["\\u0000"]', '["\\udc00"]', '{"\\ud800":1}']) {
      expect(() => parse(text), text).toThrow();
    }
    expect(() => parseStrictJson(new Uint8Array([0x22, 0xc3, 0x22]))).toThrow("UTF-8");
    expect(() => parseStrictJson(new Uint8Array([0xef, 0xbb, 0xbf, 0x31]))).toThrow("JSON");
  });
});
