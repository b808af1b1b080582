import { expect, it } from "vitest";
import type { AuthorizationCode } from "#provider-kit/auth.ts";
import { authorizeUrl } from "./begin-connect.ts";

const auth: AuthorizationCode = {
  type: "oauth2_authorization_code",
  authorizeUrl: "https://id.example.com/authorize",
  tokenUrl: "https://id.example.com/token",
  clientAuth: "body",
  pkce: true,
  scopes: [],
  refresh: "rotating",
};
const wish = {
  clientId: "client",
  redirectUri: "https://hawser.example/oauth/callback/yard",
  scopes: ["read", "write"],
  state: "state",
  challenge: "challenge",
};
const paramsOf = (change: Partial<AuthorizationCode>, more: Partial<typeof wish> = {}) =>
  Object.fromEntries(authorizeUrl({ ...auth, ...change }, { ...wish, ...more }).searchParams);

it("keeps the query that the provider's page has, and adds the provider's own parameters", () => {
  expect(
    paramsOf({ authorizeUrl: "https://id.example.com/a?tenant=7#top", authorizeParams: { access_type: "offline" } }),
  ).toMatchObject({ tenant: "7", access_type: "offline", scope: "read write", code_challenge_method: "S256" });
  expect(authorizeUrl({ ...auth, authorizeUrl: "https://id.example.com/a#top" }, wish).hash).toBe("");
});

it("SR-33 lets no setting of a provider take the place of what protects the sign-in", () => {
  const hostile = {
    response_type: "token",
    client_id: "other",
    redirect_uri: "https://evil.example",
    state: "fixed",
    code_challenge: "fixed",
    code_challenge_method: "plain",
  };
  const own = {
    response_type: "code",
    client_id: "client",
    redirect_uri: wish.redirectUri,
    state: "state",
    code_challenge: "challenge",
    code_challenge_method: "S256",
  };
  expect(paramsOf({ authorizeParams: hostile })).toMatchObject(own);
  const url = `https://id.example.com/a?${new URLSearchParams([...Object.entries(hostile), ["state", "again"]])}`;
  expect(paramsOf({ authorizeUrl: url })).toMatchObject(own);
  expect(authorizeUrl({ ...auth, authorizeUrl: url }, wish).searchParams.getAll("state")).toEqual(["state"]);
});

it("speaks the provider's dialect", () => {
  expect(
    paramsOf({ scopeSeparator: ",", scopeParam: "user_scope", paramNames: { clientId: "client_key" } }),
  ).toMatchObject({ client_key: "client", user_scope: "read,write" });
  expect(paramsOf({}, { scopes: [] })).not.toHaveProperty("scope");
});

it.each(["javascript:alert(1)", "data:text/html,x", "http://id.example.com/authorize", "file:///etc/passwd"])(
  "SR-14 sends no browser to %s",
  (page) => {
    expect(() => authorizeUrl({ ...auth, authorizeUrl: page }, wish)).toThrow("use https");
  },
);
