import { expect, it } from "vitest";
import { emptyDraft, folderNameOf, fromKept, isBegun, missingIn, stepOfPointer, suggestName } from "./draft.ts";

const folder = (path: string) => ({ id: path, locator: null, path });

it("suggests the chosen folder's name, and the connection's for several or none", () => {
  expect(suggestName({ ...emptyDraft, folders: [folder("/Engineering/Main Engine")] }, "Yard")).toBe("Main Engine");
  expect(suggestName({ ...emptyDraft, folders: [folder("/a"), folder("/b")] }, "Yard")).toBe("Yard");
  expect(suggestName(emptyDraft, undefined)).toBe("");
});

it("makes folder names that every disk takes", () => {
  expect(folderNameOf("Åpning av tanklokk / Æ")).toBe("apning-av-tanklokk");
  expect(folderNameOf("日本")).toBe("sync");
});

it("names the first thing that is missing and where it is asked for", () => {
  const drive = { id: "d", name: "D" };
  expect(missingIn(emptyDraft, "")?.step).toBe("what");
  expect(missingIn({ ...emptyDraft, connection: "c", drive }, "A")).toBeUndefined();
  const rules = [{ pattern: " ", parts: {}, set: {} }];
  expect(missingIn({ ...emptyDraft, connection: "c", drive, rules }, "A")?.step).toBe("metadata");
});

it("leads a server error to the step of its field", () => {
  expect(stepOfPointer("/rules/0/pattern")).toBe("metadata");
  expect(stepOfPointer("/name")).toBe("what");
  expect(stepOfPointer("/destination/folder")).toBe("destination");
});

it("fills up a kept draft that lacks something", () => {
  expect(fromKept({ name: "Drawings" })).toEqual({ ...emptyDraft, name: "Drawings" });
  expect(fromKept(null)).toBe(emptyDraft);
});

it("counts as begun what a person has entered, and not what the wizard chose", () => {
  expect(isBegun({ ...emptyDraft, connection: "c", drive: { id: "d", name: "D" } })).toBe(false);
  expect(isBegun({ ...emptyDraft, name: "D" })).toBe(true);
  expect(isBegun(fromKept(JSON.parse(JSON.stringify({ ...emptyDraft, name: "" }))))).toBe(false);
});
