import { expect, it } from "vitest";
import { searchTree } from "./tree-search.ts";

const level = (...names: string[]) => ({ items: names.map((name) => ({ id: name, name })) });
const tree = new Map([
  ["", level("Hull", "Engine", "Piping")],
  ["Hull", level("Shell", "Engine room")],
  ["Engine", level("Exhaust", "Foundation")],
  ["Piping", level("Ballast")],
]);
const named = (levels: ReadonlyMap<string, { items: readonly { name: string }[] }>, parent: string) =>
  levels.get(parent)?.items.map(({ name }) => name);

it("keeps hits, what leads to them, and all below them", () => {
  const { levels, open } = searchTree(tree, "", " engine ");
  expect(named(levels, "")).toEqual(["Hull", "Engine"]);
  expect(named(levels, "Hull")).toEqual(["Engine room"]);
  expect(named(levels, "Engine")).toEqual(["Exhaust", "Foundation"]);
  expect([...open]).toEqual(["Hull"]);
});

it("shows the whole tree for no words and nothing for words that no folder has", () => {
  expect(searchTree(tree, "", "  ").levels).toBe(tree);
  expect(named(searchTree(tree, "", "crane").levels, "")).toEqual([]);
});
