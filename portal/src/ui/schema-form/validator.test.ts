import { describe, expect, it } from "vitest";
import { validator } from "./validator.ts";

const schema = {
  type: "object",
  required: ["folder"],
  properties: {
    folder: { type: "string", minLength: 1 },
    depth: { type: "integer", minimum: 1, maximum: 9 },
    address: { type: "string", format: "uri" },
    names: { type: "array", items: { type: "string", maxLength: 3 } },
  },
} as const;

const wrong = (value: Record<string, unknown>) =>
  validator
    .validateFormData(value, structuredClone(schema) as object)
    .errors.map((error) => [error.property, error.message]);

describe("a form made from a schema", () => {
  it("says in words what each field lacks, at that field", () => {
    expect(wrong({})).toEqual([["folder", "This is needed."]]);
    expect(wrong({ folder: "a", depth: 12 })).toEqual([["depth", "Use 9 or less."]]);
    expect(wrong({ folder: "a", depth: "many" })).toContainEqual(["depth", "Use a whole number."]);
    expect(wrong({ folder: "a", address: "x y" })).toEqual([
      ["address", "Use a full address, such as https://example.org."],
    ]);
    expect(wrong({ folder: "a", names: ["ok", "long"] })).toEqual([["names.1", "Use at most 3 characters."]]);
  });

  it("takes an emptied field for an absent one", () => {
    expect(wrong({ folder: undefined })).toEqual([["folder", "This is needed."]]);
    expect(wrong({ folder: "a", depth: undefined })).toEqual([]);
  });
});
