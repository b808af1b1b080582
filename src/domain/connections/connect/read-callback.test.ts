import { expect, it } from "vitest";
import type { AuthorizationCode } from "#provider-kit/auth.ts";
import { readCallback } from "./read-callback.ts";

const auth: AuthorizationCode = {
  type: "oauth2_authorization_code",
  authorizeUrl: "https://id.example.com/authorize",
  tokenUrl: "https://id.example.com/token",
  clientAuth: "body",
  pkce: true,
  scopes: [],
  refresh: "rotating",
};
const read = (query: string, change: Partial<AuthorizationCode> = {}) =>
  readCallback({ ...auth, ...change }, { method: "GET", place: "yard", params: new URLSearchParams(query) });

it("finds the code, also where the provider calls it something else", () => {
  expect(read("state=s&code=c&unknown=x")).toEqual({ code: "c", kept: {} });
  expect(read("state=s&spapi_oauth_code=c", { codeParam: "spapi_oauth_code" })).toEqual({ code: "c", kept: {} });
  for (const query of ["state=s", "state=s&code=", "state=s&code=a%0Ab", `code=${"x".repeat(8193)}`]) {
    expect(read(query), query).toMatchObject({ refused: "failed" });
  }
});

it("SR-34 compares the issuer where it comes, and wants it where it was promised", () => {
  const issuer = "https://id.example.com";
  expect(read("code=c&iss=https://id.example.com", { issuer })).toMatchObject({ code: "c" });
  expect(read("code=c&iss=https://id.example.com/", { issuer })).toMatchObject({ refused: "failed" });
  expect(read("code=c&iss=", { issuer, issPromised: true })).toMatchObject({ refused: "failed" });
  expect(read("code=c", { issuer })).toMatchObject({ code: "c" });
  expect(read("error=access_denied&iss=https://evil.example", { issuer })).toMatchObject({ because: "issuer" });
});

it("SR-35 tells a no from a mistake, in the provider's own words too, and repeats nothing that is not a plain word", () => {
  expect(read("error=access_denied")).toEqual({ refused: "denied", because: "access_denied" });
  expect(read("error=user_cancelled", { refusals: ["user_cancelled"] })).toMatchObject({ refused: "denied" });
  expect(read("error=invalid_scope")).toMatchObject({ refused: "app_misconfigured" });
  expect(read("error=server_error&code=c")).toMatchObject({ refused: "provider_down" });
  expect(read("error=constructor")).toMatchObject({ refused: "failed" });
  expect(read("error=%3Cscript%3E")).toEqual({ refused: "failed", because: "error" });
});

it("keeps what calls need later, in the form that was agreed and in no other", () => {
  const keepFromCallback = [
    { name: "realm", from: "realmId", pattern: "[0-9]{1,20}" },
    { name: "place", from: "location", pattern: "[a-z]{2}", optional: true },
  ];
  expect(read("code=c&realmId=42", { keepFromCallback })).toEqual({ code: "c", kept: { realm: "42" } });
  for (const query of ["code=c", "code=c&realmId=42%2F..", "code=c&realmId=42&location=evil.com"]) {
    expect(read(query, { keepFromCallback }), query).toEqual({ refused: "failed", because: "kept" });
  }
});
