import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileRules, type MetadataRule, RuleError } from "./path-rule.ts";

const valuesOf = (path: string, ...rules: MetadataRule[]) => compileRules(rules).apply(path).values;

describe("compileRules", () => {
  it("reads values off the names of folders", () => {
    const rule = { pattern: "/{system}/{equipment}/{document_type}/**" };
    expect(valuesOf("/Engineering/Main Engine/Manuals", rule)).toEqual({
      system: "Engineering",
      equipment: "Main Engine",
      document_type: "Manuals",
    });
    expect(valuesOf("/Engineering/Main Engine/Manuals/2024/Old", rule)).toMatchObject({ document_type: "Manuals" });
    expect(valuesOf("Engineering/Main Engine/Manuals/", rule)).toMatchObject({ document_type: "Manuals" });
    expect(valuesOf("/Engineering/Main Engine", rule)).toEqual({});
    expect(valuesOf("/", rule)).toEqual({});
    expect(valuesOf("", rule)).toEqual({});
  });

  it.each([
    ["/{vessel}-{hull}/**", "/MV Ana-1234-B/x", { vessel: "MV Ana", hull: "1234-B" }],
    ["/Hull {number}", "/HULL 12", { number: "12" }],
    ["/Hull {number}", "/Hull ", {}],
    ["/**/{last}", "/a/b/c", { last: "c" }],
    ["/{first}/**/{last}", "/a/c", { first: "a", last: "c" }],
    ["/{first}/**/{last}", "/a", {}],
    ["**/Manuals/{kind}/**", "/a/manuals/x/manuals/y", { kind: "x" }],
    ["/*/{second}/**", "/a/b/c", { second: "b" }],
    ["/Vol*/{part}", "/volume 3/x", { part: "x" }],
    ["/{a}-*-{b}", "/1-2-3-4", { a: "1", b: "3-4" }],
    ["/\\{{x}\\}", "/{y}", { x: "y" }],
    ["/{x}\\*", "/y*", { x: "y" }],
    ["/Übersicht/{x}", "/u\u0308bersicht/y", { x: "y" }],
    ["/{x}", "/u\u0308", { x: "\u00fc" }],
    ["/{constructor}", "/y", { constructor: "y" }],
  ])("fits %j to %j", (pattern, path, values) => {
    expect(valuesOf(path, { pattern })).toEqual(values);
  });

  it.each([
    [["trim"], "  a ", "a"],
    [["collapse-spaces", "trim"], " a _  b ", "a b"],
    [["lower"], "ÄB", "äb"],
    [["upper"], "äb", "ÄB"],
    [["title"], "MAIN engine's élan", "Main Engine's Élan"],
    [["strip-numbering"], "01 - Pumps", "Pumps"],
    [["strip-numbering"], "1.2.3 Pumps", "Pumps"],
    [["strip-numbering"], "03_Pumps", "Pumps"],
    [["strip-numbering"], "(4) Pumps", "Pumps"],
    [["strip-numbering"], "12. Pumps", "Pumps"],
    [["strip-numbering"], "3D Models", "3D Models"],
    [["strip-numbering"], "2024", "2024"],
    [["strip-numbering"], "2024 Reports", "2024 Reports"],
    [["strip-numbering"], "12 ", "12 "],
    [["strip-numbering", "title", "trim"], "01 - MAIN ENGINE ", "Main Engine"],
  ] as const)("normalises by %j", (steps, found, value) => {
    expect(valuesOf(`/${found}`, { pattern: "/{x}", normalise: { x: steps } })).toEqual({ x: value });
  });

  it("replaces what the dictionary knows, after normalising and in whatever case", () => {
    const rule: MetadataRule = {
      pattern: "/{type}",
      normalise: { type: ["strip-numbering"] },
      dictionary: { type: { manuals: "Manual", "betriebsanleitung ü": "Manual", constructor: "Maker" } },
    };
    expect(valuesOf("/01 - MANUALS", rule)).toEqual({ type: "Manual" });
    expect(valuesOf("/Betriebsanleitung U\u0308", rule)).toEqual({ type: "Manual" });
    expect(valuesOf("/Constructor", rule)).toEqual({ type: "Maker" });
    expect(valuesOf("/toString", rule)).toEqual({ type: "toString" });
  });

  it("lets later rules fill what earlier ones left empty, and nothing else", () => {
    const rules = [
      { pattern: "/Engineering/{equipment}/**", fixed: { department: "Technical" } },
      { pattern: "/{department}/{equipment}/{type}/**" },
      { pattern: "**", fixed: { type: "Other", department: "Unknown" } },
    ];
    expect(valuesOf("/Engineering/Pump/Manuals", ...rules)).toEqual({
      department: "Technical",
      equipment: "Pump",
      type: "Manuals",
    });
    expect(valuesOf("/Deck/Crane", ...rules)).toEqual({ department: "Unknown", type: "Other" });
  });

  it("counts a value that normalising leaves nothing of as empty", () => {
    const rules: MetadataRule[] = [
      { pattern: "/{x}", normalise: { x: ["trim"] } },
      { pattern: "**", fixed: { x: "y" } },
    ];
    expect(valuesOf("/   ", ...rules)).toEqual({ x: "y" });
  });

  it("says which rule took which characters of the path", () => {
    const path = "/01 - ENGINEERING/İ-u\u0308b";
    const { matches } = compileRules([
      { pattern: "/{system}/**", normalise: { system: ["strip-numbering", "title"] } },
      { pattern: "/*/{a}-{b}" },
    ]).apply(path);
    expect(matches).toEqual([
      { rule: 0, field: "system", value: "Engineering", raw: "01 - ENGINEERING", start: 1, end: 17 },
      { rule: 1, field: "a", value: "İ", raw: "İ", start: 18, end: 19 },
      { rule: 1, field: "b", value: "\u00fcb", raw: "u\u0308b", start: 20, end: 23 },
    ]);
  });

  it("gives positions that hold the raw value, for any path", () => {
    const rules = compileRules([
      { pattern: "/{a}/{b}/**" },
      { pattern: "**/{c}-{d}/**" },
      { pattern: "/{e}a*b{f}/**/{g}" },
    ]);
    const unit = fc.constantFrom(..."abAB-/ \u0308üÜİßςΣ", "\u{1F600}", "\u{1F468}\u200D\u{1F469}", "\ud83d");
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 40 }), (path) => {
        for (const { raw, start, end, value } of rules.apply(path).matches) {
          expect(path.slice(start, end)).toBe(raw);
          expect(raw).not.toContain("/");
          expect(value).toBe(raw.normalize("NFC"));
        }
      }),
      { numRuns: 5000 },
    );
  });

  it.each([
    [{ pattern: "" }, "pattern", 0, "empty"],
    [{ pattern: "/" }, "pattern", 0, "empty"],
    [{ pattern: "/{a" }, "pattern", 1, "no }"],
    [{ pattern: "/a}" }, "pattern", 2, "no {"],
    [{ pattern: "/{}" }, "pattern", 1, "letters"],
    [{ pattern: "/{a b}" }, "pattern", 1, "letters"],
    [{ pattern: "/{__proto__}" }, "pattern", 1, "letters"],
    [{ pattern: "/{a}/{a}" }, "pattern", 5, "twice"],
    [{ pattern: "/{a}{b}" }, "pattern", 4, "between"],
    [{ pattern: "/{a}*" }, "pattern", 4, "between"],
    [{ pattern: "/a**" }, "pattern", 2, "alone"],
    [{ pattern: "/***" }, "pattern", 1, "alone"],
    [{ pattern: "/**{a}" }, "pattern", 1, "alone"],
    [{ pattern: "/a\\" }, "pattern", 2, "\\"],
    [{ pattern: "a".repeat(1025) }, "pattern", 1024, "1024"],
    [{ pattern: Array.from({ length: 33 }, (_, n) => `{p${n}}`).join("/") }, "pattern", 182, "32 parts"],
    [{ pattern: "/{a}", normalise: { b: ["trim"] } }, "normalise", undefined, "{b}"],
    [{ pattern: "/{a}", normalise: { a: ["rot13"] } }, "normalise", undefined, "rot13"],
    [{ pattern: "/{a}", dictionary: { b: {} } }, "dictionary", undefined, "{b}"],
    [{ pattern: "/{a}", dictionary: { a: { X: "1", x: "2" } } }, "dictionary", undefined, "twice"],
    [{ pattern: "/{a}", fixed: { "a b": "1" } }, "fixed", undefined, "a b"],
    [{ pattern: "/{a}", fixed: { b: "x".repeat(1025) } }, "fixed", undefined, "1024"],
  ])("refuses %j and says which rule, where and why", (rule, property, at, why) => {
    const error = caughtFrom(() => compileRules([{ pattern: "**" }, rule as MetadataRule]));
    expect(error).toBeInstanceOf(RuleError);
    expect(error).toMatchObject({ rule: 1, property, at, message: expect.stringContaining(why) });
  });

  it("takes 50 rules and no more", () => {
    const rules = Array.from({ length: 50 }, () => ({ pattern: "**" }));
    compileRules(rules);
    expect(() => compileRules([...rules, { pattern: "**" }])).toThrow(RuleError);
  });

  it("either compiles or refuses any pattern, and then answers for any path", () => {
    const pattern = fc.string({
      unit: fc.constantFrom("a", "/", "*", "**", "{", "}", "{a}", "{b}", "\\", "-", "\u0308"),
      maxLength: 20,
    });
    fc.assert(
      fc.property(pattern, fc.string({ unit: fc.constantFrom(..."ab/-\u0308"), maxLength: 30 }), (text, path) => {
        try {
          compileRules([{ pattern: text }]).apply(path);
        } catch (error) {
          expect(error).toBeInstanceOf(RuleError);
        }
      }),
      { numRuns: 5000 },
    );
  });

  it("does not try the same thing again and again", () => {
    const hard = compileRules([{ pattern: `/${"*a".repeat(400)}b` }, { pattern: `${"**/a/".repeat(200)}{x}b` }]);
    expect(hard.apply(`/${"a".repeat(4000)}`).values).toEqual({});
    expect(hard.apply("/a".repeat(2000)).values).toEqual({});
  });
});

function caughtFrom(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}
