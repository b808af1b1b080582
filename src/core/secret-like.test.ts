import { expect, it } from "vitest";
import { secretLike } from "./secret-like.ts";

// Put together here, so that the check of the tree does not find this file.
it.each([
  ["a private key", ["-----BEGIN", "PRIVATE KEY-----\nMIIE"].join(" ")],
  ["an AWS key", `AKIA${"Q7".repeat(8)}`],
  ["a GitHub token", `ghp_${"aB3".repeat(12)}`],
  ["a Google key", `AIza${"x9_".repeat(11)}yz`],
  ["a credential", `Bearer ${"aB3".repeat(8)}`],
  ["a credential", `Basic ${"QWxh".repeat(6)}==`],
  ["an address with a password", ["https://robot", "hunter2@api.example.com/v1"].join(":")],
  ["an address with a password", ["https://x.test https://robot", "hunter2@api.example.com/v1"].join(":")],
  ["a JSON Web Token", ["-eyJ", "eyJ", ""].map((part) => `${part}${"aB3_".repeat(6)}`).join(".")],
])("SR-100 sees %s in a text", (kind, text) => {
  expect(secretLike(`x: ${text}`)).toBe(kind);
});

it.each(["password", "client_secret", "clientSecret", "X-Api-Key", "api_key", "Authorization", "refresh-token"])(
  "SR-100 takes a made-up value under %s for a secret",
  (name) => {
    expect(secretLike("tr0ub4dor3xyz", name)).toBe(`a value under "${name}"`);
  },
);

it.each([
  ["Authorization", "Bearer "],
  ["token_url", "https://id.example.com/oauth2/v1/token"],
  ["client_secret", "{{ workspace.shop_key }}"],
  ["client_secret", "secret_key"],
  ["tenant", "0199f6a2-6a0e-7c31-9d0c-1f6f0f2d8a55"],
  ["drive", "0AKyx1bcdefghUk9PVA"],
  ["description", "A bearer token, or basic authentication with your password"],
  ["password", "Your password of 12 characters"],
  ["access_token", "$.data.accessToken1"],
])("leaves alone what is none: %s: %s", (name, text) => {
  expect(secretLike(text, name)).toBeUndefined();
});

// What takes time with the square of the length takes minutes for these.
it.each(["a-", "a.", "-eyJ", ".eyJ", "a://", "a://x:", "://a", "ghp_a", "Token ", "x:y@"])(
  "SR-72 reads a long text of nothing but %s once",
  (unit) => {
    expect(secretLike(unit.repeat(200_000))).toBeUndefined();
  },
);
