import { expect, it } from "vitest";
import { AppError } from "#core/errors.ts";
import { compileSelection, type Filters, type MetadataRule } from "./selection.ts";

const everything: Filters = { include: [], exclude: [], types: ["*"], min_bytes: null, max_bytes: null };
const selecting = (filters: Partial<Filters>) =>
  compileSelection({ filters: { ...everything, ...filters }, rules: [] });
const file = (path: string, more: { size?: number; mediaType?: string } = {}) => ({
  name: path.split("/").at(-1) ?? "",
  path,
  size: more.size,
  mediaType: more.mediaType,
});
const rule = (pattern: string, more: Partial<MetadataRule> = {}): MetadataRule => ({
  pattern,
  parts: {},
  set: {},
  ...more,
});
const reading = (...rules: MetadataRule[]) => compileSelection({ filters: everything, rules });

it("keeps every file when nothing is filtered", () => {
  expect(selecting({}).judge(file("a/b.pdf"))).toEqual({ keep: true });
  expect(selecting({ types: [] }).judge(file("README"))).toEqual({ keep: true });
});

it("leaves out what is excluded, also when it is included", () => {
  const { judge } = selecting({ include: ["Drawings/**"], exclude: ["*.tmp"] });

  expect(judge(file("Drawings/Hull/a.pdf"))).toEqual({ keep: true });
  expect(judge(file("Drawings/Hull/a.TMP"))).toEqual({ keep: false, reason: "excluded" });
  expect(judge(file("Letters/a.pdf"))).toEqual({ keep: false, reason: "not_included" });
});

it("takes types as extensions, as globs over the name and as media types", () => {
  const { judge } = selecting({ types: [".PDF", "tar.gz", "report-*", "image/*"] });

  expect(judge(file("x/plan.pdf"))).toEqual({ keep: true });
  expect(judge(file("x/all.tar.gz"))).toEqual({ keep: true });
  expect(judge(file("x/report-3.txt"))).toEqual({ keep: true });
  expect(judge(file("x/photo", { mediaType: "image/jpeg" }))).toEqual({ keep: true });
  expect(judge(file("report-3/notes.txt"))).toEqual({ keep: false, reason: "type" });
  expect(judge(file("x/pdf"))).toEqual({ keep: false, reason: "type" });
  expect(judge(file("x/.pdf"))).toEqual({ keep: false, reason: "type" });
});

it("judges by size where the size is known", () => {
  const { judge } = selecting({ min_bytes: 10, max_bytes: 20 });

  expect(judge(file("a", { size: 9 }))).toEqual({ keep: false, reason: "too_small" });
  expect(judge(file("a", { size: 10 }))).toEqual({ keep: true });
  expect(judge(file("a", { size: 20 }))).toEqual({ keep: true });
  expect(judge(file("a", { size: 21 }))).toEqual({ keep: false, reason: "too_large" });
  expect(judge(file("a"))).toEqual({ keep: true });
});

it("reads metadata off the folders, normalised and mapped", () => {
  const selection = reading(
    rule("/{system}/{kind}/**", {
      parts: {
        system: { normalize: ["strip_numbering", "title"], dictionary: {} },
        kind: { normalize: ["trim"], dictionary: { dwg: "Drawing" } },
      },
      set: { site: "Kiel" },
    }),
  );

  expect(selection.metadata("01 - main ENGINE/DWG/old")).toEqual({
    system: "Main Engine",
    kind: "Drawing",
    site: "Kiel",
  });
  expect(selection.metadata("only")).toEqual({});
});

it("says which rule gave which value, first rule first", () => {
  const selection = reading(rule("/{system}/**"), rule("**", { set: { system: "unknown", archive: "no" } }));

  expect(selection.explain("Hull/a")).toEqual([
    { part: "system", value: "Hull", rule: 0, pattern: "/{system}/**" },
    { part: "archive", value: "no", rule: 1, pattern: "**" },
  ]);
  expect(Object.fromEntries(selection.explain("Hull/a").map(({ part, value }) => [part, value]))).toEqual(
    selection.metadata("Hull/a"),
  );
});

it("says where in the path each value stands", () => {
  expect(reading(rule("/{system}/{kind}/**")).matches("Hull/Plans/2024")).toEqual([
    { rule: 0, part: "system", value: "Hull", start: 0, end: 4 },
    { rule: 0, part: "kind", value: "Plans", start: 5, end: 10 },
  ]);
});

it("points at every filter and rule that cannot be read", () => {
  const compile = () =>
    compileSelection({
      filters: { ...everything, include: ["ok", "[a"], types: ["pdf", "{a"], min_bytes: 5, max_bytes: 4 },
      rules: [rule("/{a"), rule("/{b}"), rule("/x", { parts: { nobody: { normalize: [], dictionary: {} } } })],
    });

  expect(compile).toThrow(AppError);
  try {
    compile();
  } catch (error) {
    const pointers = error instanceof AppError ? error.errors.map(({ pointer }) => pointer) : [];
    expect(pointers).toEqual([
      "/filters/include/1",
      "/filters/types/1",
      "/filters/max_bytes",
      "/rules/0/pattern",
      "/rules/2/parts",
    ]);
  }
});
