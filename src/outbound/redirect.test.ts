import { describe, expect, it } from "vitest";
import { Secret } from "#vault/secret.ts";
import { addressRefused } from "./address.ts";
import { readText } from "./read.ts";
import { headersForStranger, redirectTarget } from "./redirect.ts";
import { serve } from "./testing/loopback.ts";
import { outboundTo } from "./testing/outbound-for-tests.ts";

const at = new URL("https://a.example/x/y?z=1");

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

  it("SR-18 carry no credential, cookie, API key or unknown header to another origin", () => {
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
      Range: "bytes=1-",
    };
    expect(headersForStranger(headers)).toEqual({ Accept: "text/html", Range: "bytes=1-" });
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

  it.each(["POST", "PUT", "PATCH", "DELETE"] as const)(
    "SR-18 are not followed after %s: the caller gets the answer",
    async (method) => {
      let asked = 0;
      const server = await serve((_request, response) => {
        asked += 1;
        response.writeHead(307, { location: "http://example.com/" }).end();
      });
      const credential = { secret: new Secret("x"), origins: [server.origin], place: { kind: "bearer" as const } };
      const response = await outboundTo([server]).send({ url: server.origin, method, body: "x", credential });
      expect([response.status, asked]).toEqual([307, 1]);
      await response.body.cancel();
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
