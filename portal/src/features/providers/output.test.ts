import { describe, expect, it } from "vitest";
import { asKind, hasOneEntry, isPicked, ofEveryEntry, outputKind, pathInOutput, withPicked } from "./output.ts";

const action = { key: "list", pagination: { kind: "cursor", items: "$.items" } };

describe("a value of an answer that is clicked", () => {
  it("becomes the output, or one of its names where it has names", () => {
    expect(withPicked({}, "$.user.name")).toEqual({ output: "$.user.name" });
    expect(withPicked({ output: "$.id" }, "$.user.name")).toEqual({ output: "$.user.name" });
    expect(withPicked({ output: { name: "$.name" } }, "$.user.name")).toEqual({
      output: { name: "$.name", name_2: "$.user.name" },
    });
    expect(withPicked({ output: { id: "$.id" } }, '$["first name"][0]')).toEqual({
      output: { id: "$.id", name: '$["first name"][0]' },
    });
  });

  it("is counted from one item where the answer is a page of a listing", () => {
    expect(pathInOutput(action, "$.items[3].title")).toBe("$.title");
    expect(pathInOutput({ pagination: { kind: "link", items: "$" } }, "$[0].tags[1]")).toBe("$.tags[1]");
    expect(pathInOutput({ pagination: { kind: "page", items: "$.items[*]" } }, "$.items[0]")).toBe("$");
    expect(pathInOutput(action, "$.total")).toBe("$.total");
    expect(isPicked({ ...action, output: "$.title" }, "$.items[7].title")).toBe(true);
    expect(isPicked({ ...action, output: "$.title" }, "$.items[7].id")).toBe(false);
  });

  it("can be taken of every entry of its list", () => {
    const picked = withPicked({}, "$.users[0].mails[2]");
    expect(hasOneEntry(picked)).toBe(true);
    expect(ofEveryEntry(picked)).toEqual({ output: "$.users[*].mails[*]" });
    expect(ofEveryEntry({ output: { id: "$.users[0].id" } })).toEqual({ output: { id: "$.users[*].id" } });
  });
});

it("what was chosen is taken along where the output becomes another kind", () => {
  const named = asKind({ output: "$.user.name" }, "named");
  expect(named).toEqual({ output: { name: "$.user.name" } });
  expect(asKind(named, "one")).toEqual({ output: "$.user.name" });
  expect(asKind(named, "whole")).toEqual({});
  expect(outputKind(asKind({}, "named"))).toBe("named");
});
