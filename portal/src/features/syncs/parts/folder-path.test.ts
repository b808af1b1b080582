import { expect, it } from "vitest";
import { below } from "./folder-path.ts";

it("tells a folder with a slash in its name from a folder in another one", () => {
  expect(below("", "Hull")).toBe("/Hull");
  expect(below("/Hull", "Plans")).toBe("/Hull/Plans");
  expect(below("", "Hull/Plans")).toBe("/Hull\u2215Plans");
});
