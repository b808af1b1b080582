import { describe, expect, it } from "vitest";
import { Secret } from "#vault/secret.ts";
import { type CredentialPlace, signRequest } from "./sign.ts";

const origin = "https://api.example.com";
const sign = (
  place: CredentialPlace,
  value = "s3cret",
  headers: Record<string, string> = {},
  url = `${origin}/v1?a=1`,
) => signRequest({ url: new URL(url), headers }, { secret: new Secret(value), origins: [origin], place });

describe("signRequest", () => {
  it("puts a credential where its kind says", () => {
    expect(sign({ kind: "bearer" }).headers).toEqual({ authorization: "Bearer s3cret" });
    expect(sign({ kind: "basic", userName: "Jörg" }, "pä:ss").headers.authorization).toBe(
      `Basic ${Buffer.from("Jörg:pä:ss").toString("base64")}`,
    );
    expect(sign({ kind: "header", name: "X-Api-Key" }).headers).toEqual({ "X-Api-Key": "s3cret" });
    expect(sign({ kind: "header", name: "Authorization", prefix: "Token " }).headers).toEqual({
      Authorization: "Token s3cret",
    });
    expect(sign({ kind: "query", name: "key" }, "a&b=c d").url.href).toBe(`${origin}/v1?a=1&key=a%26b%3Dc+d`);
  });

  it("replaces what was there, in whatever case it was written, and leaves the rest", () => {
    const { headers } = sign({ kind: "bearer" }, "s3cret", { Authorization: "Bearer other", accept: "a/b" });
    expect(headers).toEqual({ accept: "a/b", authorization: "Bearer s3cret" });
    expect(sign({ kind: "query", name: "a" }).url.search).toBe("?a=s3cret");
  });

  it("changes neither the request nor the address it was given", () => {
    const request = { url: new URL(origin), headers: { accept: "a/b" } };
    signRequest(request, { secret: new Secret("x"), origins: [origin], place: { kind: "query", name: "key" } });
    signRequest(request, { secret: new Secret("x"), origins: [origin], place: { kind: "bearer" } });
    expect([request.url.href, request.headers]).toEqual([`${origin}/`, { accept: "a/b" }]);
  });

  it.each([
    "http://api.example.com/",
    "https://api.example.com:8443/",
    "https://example.com/",
    "https://api.example.com.evil.test/",
    "https://evil.test/https://api.example.com",
    "https://api.example.com./",
  ])("SR-6 denies the credential to %s", (url) => {
    expect(() => sign({ kind: "bearer" }, "s3cret", {}, url)).toThrow(
      expect.objectContaining({ code: "secret_origin_denied" }),
    );
  });

  it("SR-6 allows an origin however its address is written", () => {
    expect(sign({ kind: "bearer" }, "s3cret", {}, "HTTPS://API.example.com:443/x").headers.authorization).toBe(
      "Bearer s3cret",
    );
  });

  it.each(["a\r\nx: y", "a\nb", "a\0b", "π"])("SR-26 refuses the value %j, without repeating it", (value) => {
    for (const place of [{ kind: "bearer" }, { kind: "header", name: "x-key" }] as const) {
      const refusal = expect.objectContaining({ code: "invalid_request", message: expect.not.stringContaining(value) });
      expect(() => sign(place, value)).toThrow(refusal);
    }
  });

  it("takes a secret for the user name too, as where the key stands there", () => {
    const { authorization } = sign({ kind: "basic", userName: new Secret("k3y") }, "").headers;
    expect(authorization).toBe(`Basic ${Buffer.from("k3y:").toString("base64")}`);
  });

  it("refuses a user name that would shift the border to the password", () => {
    for (const userName of ["a:b", new Secret("a:b")]) {
      expect(() => sign({ kind: "basic", userName })).toThrow(expect.objectContaining({ code: "invalid_request" }));
    }
  });
});
