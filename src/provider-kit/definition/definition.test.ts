import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Auth } from "../auth.ts";
import { credentialSchema } from "../credential.ts";
import { providerFrom } from "../from-definition.ts";
import { definitionShape } from "./definition.ts";
import { oddProviders } from "./testing/odd-providers.ts";

const read = (written: unknown) => {
  const result = definitionShape.safeParse(written);
  if (!result.success) throw new Error(JSON.stringify(result.error.issues));
  return result.data;
};
const provider = (written: unknown) => providerFrom("custom-test", read(written));

describe("the ways that providers differ", () => {
  it.each(Object.entries(oddProviders))("%s can be described, and each of its ways has a form", (_, written) => {
    const { auth } = provider(written);
    for (const way of auth({})) expect(credentialSchema(way).jsonSchema).toMatchObject({ type: "object" });
  });

  const parts: [keyof typeof oddProviders, config: Record<string, string>, expected: Partial<Auth>][] = [
    ["slack", {}, { scopeSeparator: ",", authorizeParams: { user_scope: "search:read,users:read" }, pkce: false }],
    [
      "slack",
      {},
      { answer: { accessToken: "authed_user.access_token", refreshToken: "authed_user.refresh_token", ok: "ok" } },
    ],
    [
      "shopify",
      { shop: "yard" },
      {
        authorizeUrl: "https://yard.myshopify.com/admin/oauth/authorize",
        tokenUrl: "https://yard.myshopify.com/admin/oauth/access_token",
        tokenBody: "json",
        tokenPlace: { header: "X-Shopify-Access-Token" },
      },
    ],
    ["notion", {}, { clientAuth: "basic", basicEncoding: "plain", tokenBody: "json", scopes: [], refresh: "none" }],
    [
      "salesforce",
      { login: "test" },
      { tokenUrl: "https://test.salesforce.com/services/oauth2/token", answer: { defaultLifeS: 7200 } },
    ],
    ["hubspot", {}, { clientAuth: "body", refresh: "stable" }],
    ["google", {}, { authorizeParams: { access_type: "offline", prompt: "consent", include_granted_scopes: "true" } }],
    [
      "microsoft",
      { tenant: "contoso.com" },
      { tokenUrl: "https://login.microsoftonline.com/contoso.com/oauth2/v2.0/token" },
    ],
    ["github", {}, { tokenHeaders: { accept: "application/json" } }],
    ["quickbooks", { environment: "quickbooks" }, { answer: { refreshExpiresIn: "x_refresh_token_expires_in" } }],
    [
      "quickbooks",
      { environment: "quickbooks" },
      { keepFromCallback: [{ name: "realm_id", from: "realmId", pattern: "[0-9]{1,20}" }] },
    ],
    ["zoho", { region: "com.au" }, { tokenUrl: "https://accounts.zoho.com.au/oauth/v2/token" }],
    ["amazon", { region: "eu" }, { codeParam: "spapi_oauth_code", tokenPlace: { header: "x-amz-access-token" } }],
    [
      "tiktok",
      {},
      { paramNames: { clientId: "client_key" }, refreshUrl: "https://open.tiktokapis.com/v2/oauth/refresh/" },
    ],
    ["figma", {}, { refreshUrl: "https://api.figma.com/v1/oauth/refresh", tokenBody: "query" }],
    ["stripeApps", {}, { clientAuth: "basic", answer: { defaultLifeS: 3600 } }],
    [
      "reddit",
      { owner: "ana" },
      { authorizeParams: { duration: "permanent" }, tokenHeaders: { "User-Agent": "server:hawser:v1" } },
    ],
    ["mailchimp", {}, { refresh: "none", pkce: false }],
    ["fiserv", {}, { type: "oauth2_client_credentials", answer: { expiresUnit: "ms" } }],
    ["linkedin", {}, { pkce: false, lifeDays: 60 }],
    ["autodesk", {}, { refresh: "rotating", idleDays: 15 }],
    [
      "session",
      {},
      {
        type: "two_step",
        tokenPlace: { header: "X-Session" },
        answer: { accessToken: "data.sessionId", expiresAt: "data.validUntil" },
      },
    ],
    ["zoom", { account: "a_1" }, { tokenParams: { grant_type: "account_credentials", account_id: "a_1" } }],
    [
      "auth0",
      { domain: "yard.eu.auth0.com" },
      {
        tokenUrl: "https://yard.eu.auth0.com/oauth/token",
        tokenParams: { audience: "https://yard.eu.auth0.com/api/v2/" },
      },
    ],
    ["okta", { org: "yard" }, { type: "api_key", place: { header: "Authorization", prefix: "SSWS " } }],
    ["keyInQuery", {}, { place: { query: "api_key" } }],
    ["bareAuthorization", {}, { place: { header: "Authorization" } }],
    ["keyAsUserName", { domain: "yard" }, { type: "basic", usernameLabel: "API key", fixedPassword: "X" }],
    ["openData", {}, { type: "none" }],
  ];
  it.each(parts)("%s of %j becomes %j", (name, config, expected) => {
    expect(provider(oddProviders[name]).auth(config)[0]).toMatchObject(expected);
  });

  it("has a host per shop, one told after connecting, and one told with the token", () => {
    const addresses = (name: keyof typeof oddProviders, config: object, kept: Record<string, string>) =>
      provider(oddProviders[name]).addresses?.(config, kept);
    expect(addresses("shopify", { shop: "yard" }, {})).toEqual(["https://yard.myshopify.com/admin/api/2026-01"]);
    expect(addresses("mailchimp", {}, {})).toEqual(["https://*.api.mailchimp.com", "https://login.mailchimp.com"]);
    expect(addresses("mailchimp", {}, { dc: "us1" })).toEqual([
      "https://us1.api.mailchimp.com/3.0",
      "https://login.mailchimp.com",
    ]);
    expect(addresses("salesforce", {}, { instance_url: "https://yard.my.salesforce.com" })).toEqual([
      "https://yard.my.salesforce.com/services/data/v60.0",
    ]);
    expect(() => addresses("salesforce", {}, {})).toThrow("has not told its address yet");
  });
});

it("the example of the guide is one", () => {
  const guide = readFileSync(new URL("../../../docs/guides/custom-providers.md", import.meta.url), "utf8");
  const example = /```json\n(.*?)```/s.exec(guide)?.[1] ?? "";
  expect(provider(JSON.parse(example)).actions).toHaveProperty("list_ships");
});

const plain = { display_name: "Plain", base_url: "https://api.example.com", auth: [{ type: "none" }] };
const oauth = {
  type: "oauth2_authorization_code",
  authorize_url: "https://example.com/authorize",
  token_url: "https://example.com/token",
};
const action = { key: "a", name: "A", method: "GET", path: "/a" };

describe("what a definition cannot say", () => {
  const refusals: [what: string, change: object, at: string][] = [
    ["a field that nobody knows", { colour: "red" }, ""],
    ["no way to sign in", { auth: [] }, "auth"],
    ["two ways of one type", { auth: [{ type: "bearer" }, { type: "bearer" }] }, "auth.1"],
    ["a user name in an address", { base_url: "https://a:b@example.com" }, "base_url"],
    ["an address of another scheme", { base_url: "ftp://example.com" }, "base_url"],
    ["a fragment in an address", { base_url: "https://example.com/#x" }, "base_url"],
    ["dots in a path", { base_url: "https://example.com/../x" }, "base_url"],
    ["a variable that nobody declares", { base_url: "https://{shop}.example.com" }, "base_url"],
    [
      "a variable that would choose the domain",
      { base_url: "https://{shop}example.com", variables: [{ name: "shop", label: "Shop" }] },
      "base_url",
    ],
    [
      "a variable in front of a top-level domain",
      { base_url: "https://{shop}.com", variables: [{ name: "shop", label: "Shop" }] },
      "base_url",
    ],
    [
      "a whole address from a config",
      { base_url: "{site}/v1", variables: [{ name: "site", label: "Site" }] },
      "base_url",
    ],
    [
      "a default that the pattern refuses",
      { variables: [{ name: "shop", label: "Shop", default: "evil.com/" }] },
      "variables.0.default",
    ],
    [
      "an optional variable in an address",
      { base_url: "https://{a}.example.com", variables: [{ name: "a", label: "A", optional: true }] },
      "base_url",
    ],
    [
      "a pattern that goes back and forth",
      { variables: [{ name: "a", label: "A", pattern: "(?=x)" }] },
      "variables.0.pattern",
    ],
    [
      "a parameter that is ours at the authorization",
      { auth: [{ ...oauth, authorize_params: { state: "x" } }] },
      "auth.0.authorize_params",
    ],
    [
      "a parameter that is ours at the token",
      { auth: [{ ...oauth, token_params: { code: "x" } }] },
      "auth.0.token_params",
    ],
    ["scopes in the place of where to come back to", { auth: [{ ...oauth, scope_param: "redirect_uri" }] }, "auth.0"],
    [
      "a client's id in the place of the state",
      { auth: [{ ...oauth, param_names: { client_id: "state" } }] },
      "auth.0.param_names.client_id",
    ],
    [
      "a token among what is kept in the open",
      { auth: [{ ...oauth, keep_from_answer: [{ name: "a", from: "refresh_token", pattern: ".+" }] }] },
      "auth.0.keep_from_answer.0.from",
    ],
    [
      "a token of another place among what is kept in the open",
      {
        auth: [
          {
            ...oauth,
            answer: { access_token: "data.token" },
            keep_from_answer: [{ name: "a", from: "data.token", pattern: ".+" }],
          },
        ],
      },
      "auth.0.keep_from_answer.0.from",
    ],
    [
      "a code among what is kept in the open",
      { auth: [{ ...oauth, keep_from_callback: [{ name: "a", from: "code", pattern: ".+" }] }] },
      "auth.0.keep_from_callback.0.from",
    ],
    ["an Authorization header", { headers: { Authorization: "Bearer x" } }, "headers"],
    ["a Host header", { headers: { host: "evil.example" } }, "headers"],
    ["a line break in a header", { headers: { "X-A": "a\r\nX-B: b" } }, "headers.X-A"],
    ["anything but secrets in a template", { headers: { "X-A": "{{ trigger.body }}" } }, "headers.X-A"],
    ["a secret in a path", { actions: [{ ...action, path: "/{{workspace.key}}" }] }, "actions.0.path"],
    ["a path that leads to another host", { actions: [{ ...action, path: "//evil.example" }] }, "actions.0.path"],
    ["a path with a backslash", { actions: [{ ...action, path: "/\\evil.example" }] }, "actions.0.path"],
    ["a placeholder that nobody fills", { actions: [{ ...action, path: "/{id}" }] }, "actions.0.path"],
    ["an action twice", { actions: [action, action] }, "actions.1"],
    ["a body of a GET", { actions: [{ ...action, body: { kind: "json" } }] }, "actions.0.body"],
    ["a cache of what writes", { actions: [{ ...action, method: "POST", cache_ttl_s: 60 }] }, "actions.0.cache_ttl_s"],
    ["a path that is no JSONPath", { actions: [{ ...action, output: "$..[?length(@) > 1]" }] }, "actions.0.output"],
    [
      "a look-up elsewhere",
      { lookups: [{ url: "https://evil.example/", keep: [{ name: "a", from: "$.a", pattern: "a" }] }] },
      "lookups.0.url",
    ],
    [
      "a name of a field that a variable has",
      {
        variables: [{ name: "u", label: "U" }],
        auth: [
          { type: "two_step", fields: [{ name: "u", label: "U" }], login: { url: "https://example.com/", params: {} } },
        ],
      },
      "auth.0.fields.0",
    ],
    [
      "a placeholder in a login that is no field",
      {
        auth: [
          {
            type: "two_step",
            fields: [{ name: "u", label: "U" }],
            login: { url: "https://example.com/", params: { a: "{v}" } },
          },
        ],
      },
      "auth.0.login.params.a",
    ],
  ];
  it.each(refusals)("SR-15 SR-25 %s", (_, change, at) => {
    const result = definitionShape.safeParse({ ...plain, ...change });
    expect(result.success).toBe(false);
    expect(result.error?.issues.map(({ path }) => path.join(".")).filter((path) => path.startsWith(at))).not.toEqual(
      [],
    );
  });

  it("may have secrets in headers, the query and bodies", () => {
    const { headers, query } = read({
      ...plain,
      headers: { "X-Key": "Key {{ workspace.key }}" },
      query: { key: "{{workspace.key}}" },
      actions: [{ ...action, method: "POST", body: { kind: "json", fixed: { a: { b: ["{{workspace.key}}"] } } } }],
    });
    expect([headers, query]).toEqual([{ "X-Key": "Key {{ workspace.key }}" }, { key: "{{workspace.key}}" }]);
  });
});
