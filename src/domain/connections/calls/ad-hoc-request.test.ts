import { expect, it } from "vitest";
import { type AdHocRequest, prepareAdHoc } from "./ad-hoc-request.ts";

const base = "https://api.example.com/v1";
const wanted = (change: Partial<AdHocRequest>): AdHocRequest => ({
  method: "GET",
  path: "/users",
  query: {},
  headers: {},
  ...change,
});
const pointersOf = (change: Partial<AdHocRequest>, header?: string): string[] => {
  try {
    prepareAdHoc(base, wanted(change), header);
    return [];
  } catch (error) {
    expect(error).toMatchObject({ code: "invalid_request" });
    return (error as { errors: { pointer: string }[] }).errors.map(({ pointer }) => pointer);
  }
};

it("puts a path below the base address, with its query", () => {
  expect(prepareAdHoc(base, wanted({ path: "users/1?full=yes" })).url.href).toBe(`${base}/users/1?full=yes`);
  expect(prepareAdHoc(base, wanted({ path: "" })).url.href).toBe(base);
});

it.each([
  "//evil.example",
  "/\\evil.example",
  "\\\\evil.example",
  "https://evil.example",
  "HTTPS:evil.example",
  "@evil.example",
  "/../admin",
  "/users/../../admin",
  "/%2e%2e/admin",
  "/.%2E/admin",
  "/users\n.evil.example",
  "\t//evil.example",
  "javascript:alert(1)",
  "/users#/x",
])("SR-15 refuses the path %j, which would lead out of the base address", (path) => {
  expect(pointersOf({ path })).toEqual(["/request/path"]);
});

it.each([
  "Authorization",
  "COOKIE",
  "host",
  "Proxy-Authorization",
  "Content-Length",
  "transfer-encoding",
  "Connection",
])("refuses the header %s, which is not the caller's to set", (name) => {
  expect(pointersOf({ headers: { [name]: "x" } })).toEqual([`/request/headers/${name}`]);
});

it("refuses the header in which the connection's key stands, and values that would begin another header", () => {
  expect(pointersOf({ headers: { "x-api-key": "mine" } }, "X-Api-Key")).toEqual(["/request/headers/x-api-key"]);
  expect(pointersOf({ headers: { "X-Note": "a\r\nauthorization: b" } })).toEqual(["/request/headers/X-Note"]);
  expect(pointersOf({ headers: { "a b": "x", "a/b": "x" } })).toEqual([
    "/request/headers/a b",
    "/request/headers/a~1b",
  ]);
});

it("reads nothing as a template", () => {
  const request = prepareAdHoc(
    base,
    wanted({ method: "POST", headers: { "x-note": "{{ workspace.key }}" }, body: { json: "{{ workspace.key }}" } }),
  );

  expect(request).toMatchObject({
    headers: { "x-note": "{{ workspace.key }}" },
    body: { json: "{{ workspace.key }}" },
    repeatable: false,
  });
});

it("refuses a body where there is none", () => {
  expect(pointersOf({ body: { text: "x", media_type: "text/plain" } })).toEqual(["/request/body"]);
});
