import { describe, expect, it } from "vitest";
import { ResolvedText, SecretHandle } from "#expressions/secret-handle.ts";
import { Secret } from "#vault/secret.ts";
import { addressRefused } from "./address.ts";
import { readText } from "./read.ts";
import { followRedirects, type Hop, redirectTarget } from "./redirect.ts";
import { serve } from "./testing/loopback.ts";
import { outboundTo } from "./testing/outbound-for-tests.ts";

const at = new URL("https://a.example/x/y?z=1");
const headers = {
  Authorization: "Bearer x",
  cookie: "a=1",
  "X-API-Key": "x",
  "api-key": "x",
  "x-goog-api-key": "x",
  "X-Auth-Token": "x",
  "Ocp-Apim-Subscription-Key": "x",
  "content-type": "text/plain",
  Accept: "text/html",
  "accept-encoding": "identity",
  Range: "bytes=1-",
};
const credential = { secret: new Secret("x"), origins: ["https://a.example"], place: { kind: "bearer" as const } };

/** Follows a chain of redirects through public hosts, which no test can have, and tells what was asked of whom. */
async function follow(
  targets: readonly string[],
  { check = (target: URL) => target, left = [] as string[], more = {} as Partial<Hop> } = {},
): Promise<{ hops: Hop[]; url: URL }> {
  const hops: Hop[] = [];
  const exchange = async (hop: Hop) => {
    hops.push(hop);
    const location = targets[hops.length - 1];
    return {
      statusCode: location ? 302 : 200,
      headers: { location },
      body: { destroy: () => left.push(hop.url.href) },
    };
  };
  const first: Hop = { url: new URL("https://a.example/one"), headers, credential, isFirst: true, ...more };
  const { url } = await followRedirects(first, exchange, { follows: true, most: 5, check });
  return { hops, url };
}

describe("redirects", () => {
  it("are read from the five statuses that mean one, relative to where they came from", () => {
    expect(redirectTarget(302, "../w", at)?.href).toBe("https://a.example/w");
    expect(redirectTarget(307, "//b.example/", at)?.href).toBe("https://b.example/");
    expect([301, 302, 303, 307, 308].every((status) => redirectTarget(status, "/", at))).toBe(true);
    expect([200, 300, 304, 308, 404].map((status) => redirectTarget(status, undefined, at))).toEqual(
      Array(5).fill(undefined),
    );
    expect([200, 201, 300, 304, 305].map((status) => redirectTarget(status, "/", at))).toEqual(
      Array(5).fill(undefined),
    );
    expect(() => redirectTarget(302, "https://", at)).toThrow("not valid");
    expect(() => redirectTarget(302, ["/a", "/b"], at)).toThrow("not valid");
  });

  it("SR-18 carry no credential, cookie, API key or unknown header to another origin, nor back again", async () => {
    const { hops } = await follow(["https://a.example/two", "https://b.example/three", "https://a.example/four"]);
    const harmless = { Accept: "text/html", "accept-encoding": "identity", Range: "bytes=1-" };
    expect(hops.map(({ url }) => url.href)).toEqual([
      "https://a.example/one",
      "https://a.example/two",
      "https://b.example/three",
      "https://a.example/four",
    ]);
    expect(hops.map((hop) => hop.headers)).toEqual([headers, headers, harmless, harmless]);
    expect(hops.map((hop) => hop.credential)).toEqual([credential, credential, undefined, undefined]);
  });

  it("SR-18 SR-25 carry no text with a secret in it to another origin, and the query nowhere", async () => {
    const secret = (place: ResolvedText["place"]) => new ResolvedText(place, ["Key ", new SecretHandle("key")]);
    const query = { key: secret("query"), page: "1" };
    // Accept is harmless with any text that nobody has to hide.
    const more = { headers: { accept: secret("header"), "x-key": secret("header"), range: "bytes=1-" }, query };
    const { hops } = await follow(["/two", "https://b.example/three", "https://a.example/four"], { more });
    expect(hops.map((hop) => hop.query)).toEqual([query, undefined, undefined, undefined]);
    expect(hops.map((hop) => Object.keys(hop.headers))).toEqual([
      ["accept", "x-key", "range"],
      ["accept", "x-key", "range"],
      ["range"],
      ["range"],
    ]);
  });

  it.each(["http://a.example/", "https://a.example:8443/", "https://b.a.example/"])(
    "SR-18 take %s for another origin",
    async (target) => {
      const { hops } = await follow([target]);
      expect(hops[1]?.credential).toBeUndefined();
    },
  );

  it("SR-18 are followed five times and no further", async () => {
    const chain = (length: number) => Array.from({ length }, (_, index) => `/${index}`);
    expect((await follow(chain(5))).url.href).toBe("https://a.example/4");
    await expect(follow(chain(6))).rejects.toMatchObject({ reason: "too-many-redirects" });
  });

  it("SR-19 leave the first hop's right to an exception behind, at the same origin too", async () => {
    const { hops } = await follow(["/two", "https://b.example/"]);
    expect(hops.map(({ isFirst }) => isFirst)).toEqual([true, false, false]);
  });

  it("SR-18 are judged at every hop, and end what they leave", async () => {
    const left: string[] = [];
    const refuse = (target: URL) => {
      if (target.hostname === "refused.example") throw addressRefused();
      return target;
    };
    const chain = follow(["/two", "https://refused.example/", "/never"], { check: refuse, left });
    await expect(chain).rejects.toMatchObject({ code: "address_refused" });
    expect(left).toEqual(["https://a.example/one", "https://a.example/two"]);
  });

  it.each([
    "http://127.0.0.1:1/",
    "http://169.254.169.254/latest/meta-data",
    "http://localhost/",
    "http://[::1]/",
    "http://[::ffff:10.0.0.1]/",
    "//10.0.0.1/",
    "http://2130706433/",
  ])("SR-18 SR-22 are not followed to %s", async (location) => {
    const server = await serve((_request, response) => response.writeHead(302, { location }).end());
    const sent = outboundTo([server]).send({ url: server.origin });
    await expect(sent).rejects.toMatchObject({ code: "address_refused" });
    expect(server.connections()).toBe(1);
  });

  it.each(["file:///etc/passwd", "http://user:pw@example.com/", "ftp://example.com/", "http://example.com:22/"])(
    "SR-14 SR-18 are checked like a first address: %s",
    async (location) => {
      const server = await serve((_request, response) => response.writeHead(302, { location }).end());
      await expect(outboundTo([server]).send({ url: server.origin })).rejects.toMatchObject({
        code: "address_refused",
      });
    },
  );

  it("SR-19 cannot use an exception, not even the one they come from", async () => {
    const inner = await serve((_request, response) => response.end("inner"));
    const outer = await serve((request, response) => {
      response.writeHead(302, { location: request.url === "/self" ? "/" : `${inner.origin}/` }).end();
    });
    const outbound = outboundTo([inner, outer]);
    expect(await readText(await outbound.send({ url: inner.origin }))).toBe("inner");
    for (const path of ["/", "/self"]) {
      await expect(outbound.send({ url: outer.origin + path })).rejects.toThrow(addressRefused().message);
    }
    expect(inner.connections()).toBe(1);
  });

  it.each(["POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const)(
    "SR-18 are not followed after %s, with a body or without: the caller gets the answer",
    async (method) => {
      let asked = 0;
      const server = await serve((_request, response) => {
        asked += 1;
        response.writeHead(307, { location: "http://example.com/" }).end();
      });
      const outbound = outboundTo([server]);
      for (const body of [{ body: "x" }, {}]) {
        const response = await outbound.send({ url: server.origin, method, ...body });
        expect(response.status).toBe(307);
        await response.body.cancel();
      }
      expect(asked).toBe(2);
    },
  );

  it("SR-18 are not followed where the request says none", async () => {
    const server = await serve((_request, response) =>
      response.writeHead(302, { location: "http://example.com/" }).end(),
    );
    const response = await outboundTo([server]).send({ url: server.origin, redirects: "none" });
    expect(response.status).toBe(302);
    await response.body.cancel();
  });
});
