import { describe, expect, it } from "vitest";
import { inputsOf, put, slugOf, withInputs, withPath, withTitle } from "./draft.ts";

const action = { key: "get_user", name: "Get a user", method: "GET", path: "/users" };

describe("a definition while it is edited", () => {
  it("what stands in braces in a path becomes an input, and goes with it", () => {
    const withUser = withPath(action, "/users/{user}");
    expect(withUser).toMatchObject({
      path: "/users/{user}",
      parameters: [{ name: "user", in: "path", required: true }],
      input: { properties: { user: { type: "string" } }, required: ["user"] },
    });
    expect(withPath(withUser, "/users")).toEqual({
      ...action,
      input: { type: "object", properties: {}, additionalProperties: false },
    });
  });

  it("settings that the forms do not know stay", () => {
    const odd = {
      ...action,
      path: "/users/{user}",
      cache_ttl_s: 60,
      input: { type: "object", properties: { user: { type: "string", maxLength: 9 } }, required: ["user"] },
      parameters: [{ name: "user", in: "path", required: true, style: "comma" }],
    };
    const described = withInputs(
      odd,
      inputsOf(odd).map((input) => ({ ...input, description: "Its id" })),
    );
    expect(described).toMatchObject({
      cache_ttl_s: 60,
      input: { properties: { user: { type: "string", maxLength: 9, description: "Its id" } } },
      parameters: [{ name: "user", in: "path", required: true, style: "comma" }],
    });
  });

  it("an input that is no parameter makes a body, and the last one takes it away", () => {
    const input = { name: "text", in: "body", type: "string", required: false, description: "" } as const;
    const withBody = withInputs({ ...action, method: "POST" }, [input]);
    expect(withBody).toMatchObject({ body: { kind: "json" }, input: { properties: { text: { type: "string" } } } });
    expect(withInputs(withBody, [])).not.toHaveProperty("body");
  });

  it("the key of an action follows its title until somebody writes one", () => {
    const titled = withTitle({ key: "", name: "" }, "3 newest items");
    expect(titled).toEqual({ key: "newest_items", name: "3 newest items" });
    expect(withTitle({ ...titled, key: "newest" }, "Items")).toEqual({ key: "newest", name: "Items" });
  });

  it("what is emptied is left out", () => {
    expect(put({ a: "x", b: [] }, "a", "")).toEqual({ b: [] });
  });

  it.each([
    ["My own API", "my-own-api"],
    ["  Émile & Söhne GmbH ", "emile-sohne-gmbh"],
    ["!!!", ""],
  ])("“%s” is called %s", (title, slug) => {
    expect(slugOf(title)).toBe(slug);
  });
});
