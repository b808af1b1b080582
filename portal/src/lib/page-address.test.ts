import { expect, it } from "vitest";
import { pageAddress } from "./page-address.ts";

it("SR-48 makes a page's address of http and https alone", () => {
  expect(pageAddress("https://drive.example/file/1")).toBe("https://drive.example/file/1");
  expect(pageAddress("http://127.0.0.1:4711/x")).toBe("http://127.0.0.1:4711/x");
  for (const link of [
    "javascript:alert(1)",
    " javascript:alert(1)",
    "file:///etc/passwd",
    "mailto:a@b",
    "/w/yard",
    "",
    null,
  ]) {
    expect(pageAddress(link)).toBeUndefined();
  }
});
