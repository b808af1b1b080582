import { describe, expect, it } from "vitest";
import { checkStateOf, foldersToBreakUp, toggleNode } from "./tree-selection.ts";

/*  a ─ a/1 ─ a/1/x, a/1/y        b
      ─ a/2                          */
const parents = new Map([
  ["a", ""],
  ["b", ""],
  ["a/1", "a"],
  ["a/2", "a"],
  ["a/1/x", "a/1"],
  ["a/1/y", "a/1"],
]);
const childrenOf = (parent: string) => [...parents].filter(([, above]) => above === parent).map(([id]) => id);
const press = (id: string, selected: string[]) => [...toggleNode(id, new Set(selected), parents, childrenOf)].sort();
const state = (id: string, selected: string[]) => checkStateOf(id, new Set(selected), parents);

describe("the boxes of a tree", () => {
  it("are checked below a chosen node and half checked above one", () => {
    expect(state("a/1/x", ["a"])).toBe("all");
    expect(state("a", ["a/1/x"])).toBe("some");
    expect(state("b", ["a"])).toBe("none");
  });

  it("absorb what was chosen below", () => {
    expect(press("a", ["a/1/x", "b"])).toEqual(["a", "b"]);
  });

  it("leave everything else chosen when one is taken out of a chosen branch", () => {
    expect(press("a/1/x", ["a"])).toEqual(["a/1/y", "a/2"]);
  });

  it("forget a node that is pressed twice", () => {
    expect(press("a/2", press("a/2", ["b"]))).toEqual(["b"]);
  });

  it("do not choose the parent when all its present children are chosen: new ones would be drawn in", () => {
    expect(press("a/2", ["a/1"])).toEqual(["a/1", "a/2"]);
  });

  it("say which folders must be known whole before one is taken out of a chosen branch", () => {
    expect(foldersToBreakUp("a/1/x", new Set(["a"]), parents)).toEqual(["a/1", "a"]);
    expect(foldersToBreakUp("a/1/x", new Set(["b"]), parents)).toEqual([]);
    expect(foldersToBreakUp("a", new Set(["a"]), parents)).toEqual([]);
  });
});
