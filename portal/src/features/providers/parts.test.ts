import { describe, expect, it } from "vitest";
import { lackingIn, partOf, placeOf, stillRefused } from "./parts.ts";

describe("what the server refuses", () => {
  it.each([
    ["/name", "basics"],
    ["/definition/base_url", "basics"],
    ["/definition/check/path", "basics"],
    ["/definition/auth/0/token_url", "sign-in"],
    ["/definition/actions/12", "action-12"],
    ["/definition/actions/3/parameters/0/name", "action-3"],
    ["/definition/lookups/0/url", "json"],
    ["/definition", "json"],
  ])("%s is found in the part %s", (pointer, part) => {
    expect(partOf(pointer)).toBe(part);
  });

  it("is named by the action and the setting", () => {
    const draft = { actions: [{ name: "Get an item" }, {}] };
    expect(placeOf("/definition/actions/0/cache_ttl_s", draft)).toBe("Get an item, cache ttl s");
    expect(placeOf("/definition/actions/1", draft)).toBe("Action 2");
    expect(placeOf("/definition/base_url", draft)).toBe("Base address");
  });

  it("is refused until it is changed", () => {
    const said = [
      { pointer: "/definition/base_url", code: "invalid", detail: "No address." },
      { pointer: "/definition/actions/0/path", code: "invalid", detail: "No path." },
    ];
    const sent = { definition: { base_url: "x", actions: [{ path: "y" }] } };
    const mended = { definition: { base_url: "https://x.example", actions: sent.definition.actions } };
    expect(stillRefused(said, sent, mended)).toEqual([said[1]]);
    expect(stillRefused(said, sent, sent)).toEqual(said);
  });

  it("is known without asking where a field is empty", () => {
    const pointersOf = (name: string, definition: object) =>
      lackingIn({ name, definition: { ...definition } }).map(({ pointer }) => pointer);
    expect(pointersOf("", { actions: [{ key: "a", name: " " }] })).toEqual([
      "/definition/display_name",
      "/name",
      "/definition/base_url",
      "/definition/actions/0/name",
    ]);
    expect(pointersOf("x", { display_name: "X", base_url: "https://x.example" })).toEqual([]);
  });
});
