import { describe, expect, it } from "vitest";
import type { Network } from "#provider-kit/testing/first-call.ts";
import { connect, failureOf, provider, redirectTo, siteAt } from "./testing/a-site.ts";

describe("a hostile site", () => {
  const naming = (root: string, index: object = {}): Network => ({
    "https://example.org": async (request) => {
      if (new URL(request.url).searchParams.has("rest_route")) return Response.json(index);
      return new Response("<p>", { headers: { link: `<${root}>; rel="https://api.w.org/"` } });
    },
  });

  it.each([
    "https://evil.example/wp-json/",
    "//evil.example/wp-json/",
    "https://example.org.evil.example/wp-json/",
    "https://api.example.org/wp-json/",
    "https://example.org:8443/wp-json/",
    "http://example.org/wp-json/",
    "http://169.254.169.254/latest/meta-data/",
    "https://127.0.0.1/wp-json/",
    "https://[::1]/wp-json/",
    "https://ana:pw@example.org/wp-json/",
    "https://example.org@evil.example/wp-json/",
    "https:/\\evil.example/wp-json/",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "https://",
  ])("SR-21 gets no request at %s, and the password goes nowhere", async (root) => {
    const call = connect(naming(root), "example.org");
    expect((await failureOf(provider.check(call))).kind).toBe("rejected");
    expect(call.asked).toEqual(["GET https://example.org/"]);
  });

  it.each(["https://evil.example", "http://example.org", "https://ana:pw@example.org", "https://"])(
    "SR-21 cannot lead the password to %s by its index",
    async (home) => {
      const index = { home, namespaces: ["wp/v2"], authentication: { "application-passwords": {} } };
      const call = connect(
        {
          "https://example.org": async (request) =>
            new URL(request.url).searchParams.has("rest_route") ? Response.json(index) : new Response("<p>"),
        },
        "example.org",
      );
      expect((await failureOf(provider.check(call))).kind).toBe("rejected");
      expect(call.asked.join()).not.toContain("signed");
    },
  );

  it("SR-18 gets no password by a redirect to another host", async () => {
    const { network } = siteAt("https://example.org");
    const { kept = {} } = await provider.check(connect(network, "example.org"));
    const seen: (string | null)[] = [];
    const call = connect(
      {
        "https://example.org": redirectTo("https://evil.example"),
        "https://evil.example": async (request) => {
          seen.push(request.headers.get("authorization"));
          return Response.json({ code: "rest_not_logged_in" }, { status: 401 });
        },
      },
      "example.org",
      { kept },
    );
    expect((await failureOf(provider.check(call))).kind).toBe("reauthorize");
    expect(seen).toEqual([null]);
  });

  it("puts nothing of its own into what a person reads, but a name that is one plain line", async () => {
    const { network, site } = siteAt("https://example.org");
    site.users = site.users.map((user) => ({ ...user, name: "Ana\u0000\n\u202e<script>alert(1)</script>" }));
    expect((await provider.check(connect(network, "example.org"))).label).toBe(
      "Ana <script>alert(1)</script> at example.org",
    );
    site.users = [];
    site.asksEarly = true;
    const { message } = await failureOf(provider.check(connect(network, "example.org")));
    expect(message).not.toMatch(/[<>]|Unknown/);
  });

  it.each([
    ["is no JSON", new Response("{", { headers: { "content-type": "application/json" } })],
    ["is a list", Response.json([])],
    ["is null", Response.json(null)],
    ["has no rights", Response.json({ id: 2, name: "Ana" })],
    ["has an id that is none", Response.json({ id: "2#", name: "Ana", roles: [], capabilities: { edit_posts: true } })],
  ])("is not taken for a good one when its answer %s", async (_, reply) => {
    const kept = { rest_root: "https://example.org/wp-json/", site_url: "https://example.org" };
    const network: Network = {
      "https://example.org": async (request) =>
        new URL(request.url).pathname.startsWith("/wp-json/") ? reply.clone() : new Response("<p>"),
    };
    expect((await failureOf(provider.check(connect(network, "example.org", { kept })))).kind).toBe("rejected");
  });
});
