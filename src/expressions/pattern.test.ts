import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileGlob, PatternError } from "./pattern.ts";

describe("compileGlob", () => {
  it.each([
    ["*.pdf", ["a.pdf", "x/y/A.PDF", ".pdf"], ["a.pdf.txt", "a.pdf/b", "pdf"]],
    ["*", ["a", "x/y"], []],
    ["**", ["a", "x/y"], []],
    ["Drawings/**", ["drawings/a.dwg", "Drawings/x/y"], ["x/Drawings/a", "Drawing/a"]],
    ["/Drawings/*.dwg", ["Drawings/a.dwg", "/drawings/A.dwg"], ["Drawings/x/a.dwg", "x/Drawings/a.dwg"]],
    ["/a", ["a"], ["b/a"]],
    ["drafts/", ["drafts/a", "x/Drafts/y/z"], ["drafts.txt", "x/y"]],
    ["**/Manuals/**/*.pdf", ["Manuals/a.pdf", "x/manuals/y/z/a.pdf"], ["x/Manual/a.pdf", "Manuals/a.txt"]],
    ["a/**/b/*/c", ["a/b/x/c", "a/x/b/b/q/c", "a/b/b/b/c"], ["a/b/c", "a/b/x/y/c"]],
    ["*.{pdf,doc?,xls{,x}}", ["a.pdf", "a.docx", "a.xls", "a.xlsx"], ["a.doc", "a.xlsm"]],
    ["{a,b/c}/d", ["a/d", "b/c/d"], ["c/d", "b/d"]],
    ["a{*}{*}b", ["ab", "axxb", "abb"], ["axx", "ba"]],
    ["[a-c]?.txt", ["b1.txt", "C📁.txt"], ["d1.txt", "b12.txt", "b.txt"]],
    ["[!a-c]*", ["dog"], ["apple", "Cat"]],
    ["[]x]", ["]", "x"], ["a"]],
    ["[A-C]1", ["a1", "B1"], ["d1"]],
    ["a*b*c", ["abc", "aXbYbZc", "abcbc"], ["acb", "ab"]],
    ["*a?b", ["xaab", "aaab", "a1b"], ["ab", "xab"]],
    ["\\*\\{\\[\\?.txt", ["*{[?.txt"], ["a{[?.txt"]],
    ["übersicht.*", ["Übersicht.pdf", "U\u0308bersicht.pdf"], ["ubersicht.pdf"]],
    ["U\u0308*", ["übersicht", "Ü"], ["u"]],
    ["*ος", ["ΛΌΓΟΣ", "λόγος"], ["λόγοι"]],
    ["ΛΌΓΟΣ", ["λόγος"], []],
    ["İ*", ["İstanbul", "i̇stanbul"], ["Istanbul"]],
    ["*📁", ["a📁"], ["a📂"]],
  ])("reads %j", (glob, fit, others) => {
    const { matches } = compileGlob(glob);
    expect(fit.filter((path) => !matches(path))).toEqual([]);
    expect(others.filter(matches)).toEqual([]);
  });

  it("minds upper and lower case when asked to", () => {
    const { matches } = compileGlob("[A-C]*.PDF", { caseSensitive: true });
    expect([matches("Ab.PDF"), matches("ab.PDF"), matches("Ab.pdf")]).toEqual([true, false, false]);
  });

  it.each([
    ["", 0, "empty"],
    ["a/[bc", 2, "no ]"],
    ["{a,b", 0, "no }"],
    ["x{a,{b}", 1, "no }"],
    ["a\\", 1, "\\"],
    ["a/b**", 3, "stands alone"],
    ["**.pdf", 0, "stands alone"],
    ["[z-a]", 0, "backwards"],
    ["{{{{{{a}}}}}}", 5, "deeply"],
    ["a".repeat(1025), 1024, "1024"],
    [`${"{a,b}".repeat(9)}`, 0, "256"],
  ])("refuses %j and says where and why", (glob, at, why) => {
    const error = caughtFrom(() => compileGlob(glob));
    expect(error).toBeInstanceOf(PatternError);
    expect(error).toMatchObject({ at, message: expect.stringContaining(why) });
  });

  it("agrees with a search that tries everything", () => {
    const piece = fc.constantFrom("a", "b", "ab", "*", "?", "[ab]", "[!a]", "{a,bb}", "a*", "*b*a", "?b", "*?*", "**");
    const glob = fc.array(piece, { minLength: 2, maxLength: 6 }).map((pieces) => pieces.join("/"));
    const name = fc.string({ unit: fc.constantFrom("a", "b", "c"), minLength: 1, maxLength: 4 });
    const path = fc.array(name, { minLength: 1, maxLength: 6 }).map((names) => names.join("/"));
    fc.assert(
      fc.property(glob, path, (text, candidate) => {
        expect(compileGlob(text).matches(candidate)).toBe(backTracking(text).test(`/${candidate}`));
      }),
      { numRuns: 10_000 },
    );
  });

  it("either compiles or refuses any text, and then answers for any path", () => {
    const text = fc.string({ unit: fc.constantFrom(..."ab*?[]{},!-\\/^\u0308\ud83d\udcc1İ"), maxLength: 30 });
    fc.assert(
      fc.property(text, fc.string({ unit: "binary" }), (glob, path) => {
        try {
          compileGlob(glob).matches(path);
        } catch (error) {
          expect(error).toBeInstanceOf(PatternError);
        }
      }),
      { numRuns: 5000 },
    );
  });

  it.each([
    `${"*a".repeat(400)}b`,
    `${"*?".repeat(400)}b`,
    `${"**/a/".repeat(200)}b`,
    `${"**/*/".repeat(200)}b`,
    `${"{a,*}".repeat(8)}b`,
  ])("does not try the same thing again and again: %.20s…", (glob) => {
    const { matches } = compileGlob(glob);
    // With back-tracking one of these takes longer than anybody would wait.
    expect(matches("a".repeat(4000))).toBe(false);
    expect(matches(`${"a/".repeat(2000)}a`)).toBe(false);
  });
});

/** The same glob for the engine whose time nobody can foresee: good enough for a path of a few letters. */
function backTracking(glob: string): RegExp {
  const inside = (name: string) =>
    name
      .replace(/[*?]/g, (mark) => (mark === "*" ? "[^/]*" : "[^/]"))
      .replaceAll("[!", "[^/")
      .replace(/\{(\w+),(\w+)\}/g, "(?:$1|$2)");
  const names = glob.split("/").map((name) => (name === "**" ? "(?:/[^/]+)*" : `/(?=[^/])${inside(name)}`));
  return new RegExp(`^${names.join("")}$`);
}

function caughtFrom(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}
