import { describe, expect, it } from "vitest";
import type { Network } from "#provider-kit/testing/first-call.ts";
import { wordpress } from "./index.ts";
import type { Role } from "./simulated-site.ts";
import { ana, basic, connect, failureOf, password, provider, redirectTo, siteAt } from "./testing/a-site.ts";

describe("the address that a person enters", () => {
  it.each([
    ["example.org", "https://example.org"],
    [" https://Example.ORG/ ", "https://example.org"],
    ["example.org/blog/?p=1#more", "https://example.org/blog"],
    ["https://example.org/blog/wp-admin/profile.php", "https://example.org/blog"],
    ["https://example.org/wp-login.php", "https://example.org"],
    ["https://example.org/blog/wp-json/", "https://example.org/blog"],
    ["https://example.org:8443/a//", "https://example.org:8443/a"],
    ["https://bücher.example", "https://xn--bcher-kva.example"],
  ])("%s stands for %s, however often it is read", (entered, siteUrl) => {
    const read = provider.config!.parse({ siteUrl: entered });
    expect(read).toEqual({ siteUrl });
    expect(provider.config!.parse(read)).toEqual(read);
  });

  it.each([
    ["http://example.org", "https"],
    ["ftp://example.org", "https"],
    ["https://ana:pw@example.org", "without user name"],
    ["https://", "Enter the address"],
    ["javascript://example.org/%0aalert(1)", "https"],
  ])("SR-14 refuses %s in words", (siteUrl, words) => {
    expect(() => provider.config!.parse({ siteUrl })).toThrow(words);
  });

  it("is the sandbox's own site in a sandbox, where nobody has to enter it", () => {
    const sandbox = wordpress({ api: "http://127.0.0.1:4711/wordpress/api" });
    expect(sandbox.config!.parse({})).toEqual({ siteUrl: "http://127.0.0.1:4711/wordpress/api" });
    expect(() => sandbox.config!.parse({ siteUrl: "https://example.org" })).toThrow("The one site of the sandbox");
    expect(sandbox.addresses!({ siteUrl: "http://127.0.0.1:4711/wordpress/api" }, {})).toEqual([
      "http://127.0.0.1:4711",
    ]);
  });
});

describe("finding the API", () => {
  it.each([
    ["pretty", "https://example.org/blog/wp-json/", {}],
    ["plain", "https://example.org/blog/index.php?rest_route=/", { permalinks: "plain" }],
    [
      "plain, with stray routes not found",
      "https://example.org/blog/index.php?rest_route=/",
      { permalinks: "plain", strayRoutes: "not-found" },
    ],
    ["pretty, where no page tells", "https://example.org/blog/?rest_route=/", { hidesLink: true }],
    ["plain, where no page tells", "https://example.org/blog/?rest_route=/", { permalinks: "plain", hidesLink: true }],
    ["pretty, closed to visitors", "https://example.org/blog/wp-json/", { api: "closed" }],
  ] as const)("works with permalinks that are %s", async (_, root, change) => {
    const { network } = siteAt("https://example.org/blog", change);
    const call = connect(network);
    expect(await provider.check(call)).toEqual({
      id: "example.org/blog#2",
      label: "Ana Author at example.org/blog",
      kept: { rest_root: root, site_url: "https://example.org/blog" },
    });
    expect(call.asked.filter((line) => line.endsWith("signed"))).toHaveLength(1);
  });

  it("follows from the bare name to www, and back, and the account is the same", async () => {
    const www = siteAt("https://www.example.org").network;
    const toWww = { ...www, "https://example.org": redirectTo("https://www.example.org") };
    const found = await provider.check(connect(toWww, "example.org"));
    expect(found).toMatchObject({ id: "example.org#2", kept: { rest_root: "https://www.example.org/wp-json/" } });

    const bare = siteAt("https://example.org").network;
    const toBare = { ...bare, "https://www.example.org": redirectTo("https://example.org") };
    expect(await provider.check(connect(toBare, "www.example.org"))).toMatchObject({ id: "example.org#2" });
  });

  it("follows to www where no page tells, so that the password need not be redirected", async () => {
    const { network } = siteAt("https://www.example.org", { hidesLink: true });
    const call = connect({ ...network, "https://example.org": redirectTo("https://www.example.org") }, "example.org");
    expect((await provider.check(call)).kept?.rest_root).toBe("https://www.example.org/?rest_route=/");
    expect(call.asked.filter((line) => line.endsWith("signed"))).toEqual([
      expect.stringMatching(/^GET https:\/\/www\.example\.org\/\?rest_route=/),
    ]);
  });

  it("happens once: later checks ask one question", async () => {
    const { network } = siteAt();
    const { kept = {} } = await provider.check(connect(network));
    const call = connect(network, undefined, { kept });
    await provider.check(call);
    expect(call.asked).toEqual([
      "GET https://example.org/blog/wp-json/wp/v2/users/me?context=edit&_fields=id%2Cname%2Croles%2Ccapabilities signed",
    ]);
  });

  it("happens again when the permalinks were changed, and the account stays the same", async () => {
    for (const strayRoutes of ["home-page", "not-found"] as const) {
      const { site, network } = siteAt("https://example.org/blog", { strayRoutes });
      const first = await provider.check(connect(network));
      site.permalinks = "plain";
      const second = await provider.check(connect(network, undefined, { kept: first.kept ?? {} }));
      expect(second.kept?.rest_root).toBe("https://example.org/blog/index.php?rest_route=/");
      expect(second.id).toBe(first.id);
    }
  });

  it("happens again when another site was entered, or what was kept is no address of this one", async () => {
    const { network } = siteAt("https://example.org/shop");
    for (const kept of [
      { rest_root: "https://example.org/blog/wp-json/", site_url: "https://example.org/blog" },
      { rest_root: "https://evil.example/wp-json/", site_url: "https://example.org/shop" },
    ]) {
      const call = connect(network, "example.org/shop", { kept });
      expect(await provider.check(call)).toMatchObject({ id: "example.org/shop#2" });
      expect(call.asked[0]).toBe("GET https://example.org/shop/");
    }
  });

  it.each([
    ["closed altogether", { api: "off" }, "forbidden", "closes its REST API"],
    [
      "without application passwords",
      { applicationPasswords: "switched-off" },
      "rejected",
      "does not offer application passwords",
    ],
    ["behind a challenge", { inFront: "challenge" }, "unavailable", "turned the request away"],
    ["in maintenance", { inFront: "maintenance" }, "unavailable", "closed for the moment"],
    ["broken", { inFront: "fatal-error" }, "unavailable", "500"],
  ] as const)("says what is wrong with a site that is %s", async (_, change, kind, words) => {
    const failure = await failureOf(provider.check(connect(siteAt("https://example.org/blog", change).network)));
    expect(failure.kind).toBe(kind);
    expect(failure.message).toContain(words);
  });

  it("says where there is no WordPress, and where nobody is", async () => {
    const page: Network = { "https://example.org": async () => new Response("<h1>Hello</h1>") };
    expect(await failureOf(provider.check(connect(page)))).toMatchObject({
      kind: "rejected",
      message: expect.stringContaining("no WordPress"),
    });
    expect((await failureOf(provider.check(connect({})))).kind).toBe("unavailable");
  });
});

describe("signing in", () => {
  it.each([
    ["as it was shown", ana],
    ["without spaces", basic("ana", password.replaceAll(" ", ""))],
    ["with the e-mail address", basic("ana@example.org", password)],
  ])("works with the password %s", async (_, authorization) => {
    const account = await provider.check(connect(siteAt().network, undefined, { authorization }));
    expect(account.id).toBe("example.org/blog#2");
  });

  it("is not fooled by a site that answers wrong credentials like a visitor", async () => {
    const { network, site } = siteAt();
    const authorization = basic("ana", "wrong");
    const { origin } = new URL(site.home);
    const list = await network[origin]!(
      new Request(`${site.home}/wp-json/wp/v2/posts`, { headers: { authorization } }),
    );
    expect(list.status).toBe(200);
    const failure = await failureOf(provider.check(connect(network, undefined, { authorization })));
    expect(failure).toMatchObject({ kind: "reauthorize", message: expect.stringContaining("took us for a visitor") });
  });

  it.each([
    ["a wrong password", { asksEarly: true }, basic("ana", "wrong"), "does not accept"],
    ["an unknown user", { asksEarly: true }, basic("bob", password), "does not accept"],
    ["an unknown address", { asksEarly: true }, basic("bob@example.org", password), "does not accept"],
    ["a header that is dropped", { dropsAuthorization: true }, ana, "drops the Authorization header"],
    [
      "a site closed to visitors, with a wrong password",
      { api: "closed" },
      basic("ana", "wrong"),
      "took us for a visitor",
    ],
    ["warnings before the answer", { asksEarly: true, phpWarnings: true }, basic("ana", "wrong"), "does not accept"],
    ["a web server's own password", { inFront: "password" }, ana, "password of its own"],
  ] as const)("says what may be wrong with %s", async (_, change, authorization, words) => {
    const kept = { rest_root: "https://example.org/blog/wp-json/", site_url: "https://example.org/blog" };
    const { network } = siteAt("https://example.org/blog", change);
    const failure = await failureOf(provider.check(connect(network, undefined, { authorization, kept })));
    expect(failure).toEqual({ kind: "reauthorize", message: expect.stringContaining(words) });
  });

  it("sees on the next check that the password was revoked", async () => {
    const { network, site } = siteAt();
    const { kept = {} } = await provider.check(connect(network));
    site.users = site.users.map((user) => ({ ...user, applicationPasswords: [] }));
    expect((await failureOf(provider.check(connect(network, undefined, { kept })))).kind).toBe("reauthorize");
  });

  it("sees that a site has moved to plain http, where good passwords do not count", async () => {
    const { network, site } = siteAt();
    const { kept = {} } = await provider.check(connect(network));
    site.applicationPasswords = "undeclared";
    expect((await failureOf(provider.check(connect(network, undefined, { kept })))).kind).toBe("reauthorize");
  });

  it.each([
    ["administrator", true],
    ["editor", true],
    ["author", true],
    ["contributor", true],
    ["subscriber", false],
  ] as const)("tells a missing right from a wrong password: %s", async (role: Role, mayWrite) => {
    const { network, site } = siteAt();
    site.users = site.users.map((user) => ({ ...user, role }));
    const check = provider.check(connect(network));
    if (mayWrite) expect((await check).id).toBe("example.org/blog#2");
    else
      expect(await failureOf(check)).toMatchObject({
        kind: "forbidden",
        message: expect.stringContaining("write posts"),
      });
  });
});

describe("a site's failures", () => {
  const json = (status: number, body: unknown) => ({ status, headers: new Headers(), body });

  it.each([
    [403, "forbidden", { code: "rest_cannot_create", message: "Désolé", data: { status: 403 } }],
    [403, "forbidden", { code: "rest_forbidden", message: "<b>No</b>", data: null }],
    [403, "unavailable", "<html>challenge</html>"],
    [500, "rejected", { code: "rest_upload_sideload_error", message: "", data: "text" }],
    [500, "rejected", '<br />Warning {"x"} {"code":"db_insert_error","data":"text"}'],
    [503, "unavailable", "<html>"],
    [401, "reauthorize", { code: "application_passwords_disabled_for_user" }],
    [401, "reauthorize", { code: 7 }],
    [302, "rejected", ""],
  ] as const)("%i means %s: %j", (status, kind, body) => {
    expect(provider.explain!(json(status, body))?.kind).toBe(kind);
  });

  it.each([404, 410, 429, 500, 502])("%i says enough by itself", (status) => {
    expect(provider.explain!(json(status, { code: "rest_no_route" }))).toBeUndefined();
    expect(provider.explain!(json(status, "<html>"))).toBeUndefined();
  });
});
