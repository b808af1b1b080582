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

describe("signatures", () => {
  const at = new Date(1767225600 * 1000);
  const key = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
  const id = "evt_01J8ZQ3K5T9W7V6M2N4P8R0S1A";
  const signed = (payload: string, more: { previous?: Secret; secret?: string } = {}) => {
    const { previous, secret = key } = more;
    const request = { url: new URL(origin), headers: { "x-tenant-id": "yacht-042" }, message: { id, payload } };
    const place = { kind: "webhook-signature", previous } as const;
    return signRequest(request, { secret: new Secret(secret), origins: [origin], place }, at).headers;
  };

  it.each([
    [
      '{"type":"document.ready","tenant_id":"yacht-042","document":{"storage":{"bucket":"documents","path":"yacht-042/02_Engineering/main.pdf"},"sha256":"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08","size_bytes":4}}',
      "v1,KYvzGV5zo7TtrdHdoyPNSp5SiGN7TQJlk2Q7i4NCr6E=",
    ],
    [
      '{"type":"document.inline","tenant_id":"yacht-042","document":{"filename":"main.pdf","sha256":"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08","size_bytes":4}}',
      "v1,BiFQpyyJxwVK17UB7Fvc5qCNOJ8QAlr7t65DxP8ZW9s=",
    ],
  ])("sign a message with its id and the time of the attempt: %s", (payload, signature) => {
    expect(signed(payload)).toEqual({
      "x-tenant-id": "yacht-042",
      "webhook-id": id,
      "webhook-timestamp": "1767225600",
      "webhook-signature": signature,
    });
  });

  it("SR-69 sign with both secrets while one is being replaced", () => {
    const other = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
    const [old, now] = [signed("{}")["webhook-signature"], signed("{}", { secret: other })["webhook-signature"]];
    expect(signed("{}", { secret: other, previous: new Secret(key) })["webhook-signature"]).toBe(`${now} ${old}`);
    expect(now).not.toBe(old);
  });

  const tenant = (formula: "sha256-concat" | "hmac-sha256", salt: string, encoding: "text" | "hex" = "text") => {
    const headers = { tenantHeader: "x-yacht-id", signatureHeader: "x-yacht-signature" };
    const place = { kind: "tenant-signature", tenant: "yacht-042", formula, key: encoding, ...headers } as const;
    const request = { url: new URL(origin), headers: {} };
    return signRequest(request, { secret: new Secret(salt), origins: [origin], place }, at).headers;
  };

  it.each([
    ["sha256-concat", "test-salt", "text", "5a088d5e5666a4ba753533c67edd4a2183c447a323c81c0a3e1933557eb50b00"],
    ["hmac-sha256", "test-salt", "text", "0a4f95fe4bc1032fdfedd3e915d985b6a896b8c421ffa702ef457a4121701143"],
    [
      "hmac-sha256",
      "00112233445566778899aabbccddeeff",
      "text",
      "51b3f69f35de95b242c93f484fbbf1d629e67eba03f0fa9ffff398d6d6ec3ffb",
    ],
    [
      "hmac-sha256",
      "00112233445566778899aabbccddeeff",
      "hex",
      "ddc96f4927ea068d54fd8810450496ed7214d04691cc0747f75887f1ecfeb3bc",
    ],
  ] as const)("make the one text of a tenant: %s, %s as %s", (formula, salt, encoding, signature) => {
    expect(tenant(formula, salt, encoding)).toEqual({ "x-yacht-id": "yacht-042", "x-yacht-signature": signature });
  });

  it.each(["free text", "whsec_", "whsec_%%%"])(
    "refuse a secret that cannot sign, without repeating it: %s",
    (secret) => {
      const refusal = { code: "invalid_request", message: expect.not.stringContaining("free") };
      expect(() => signed("{}", { secret })).toThrow(expect.objectContaining(refusal));
    },
  );

  it.each(["evt.1", "", "a b", "evt\n1"])("refuse an id that could shift the border to the time: %j", (wrong) => {
    const request = { url: new URL(origin), headers: {}, message: { id: wrong, payload: "{}" } };
    const credential = { secret: new Secret(key), origins: [origin], place: { kind: "webhook-signature" } as const };
    expect(() => signRequest(request, credential, at)).toThrow(expect.objectContaining({ code: "invalid_request" }));
  });
});
