import { createVerify, generateKeyPairSync, type KeyObject } from "node:crypto";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { reveal } from "#vault/reveal.ts";
import { Secret } from "#vault/secret.ts";
import { fillRequest } from "./fill.ts";
import { buildTokenRequest, type ClientAtEndpoint, type TokenParts } from "./token-request.ts";

const url = "https://auth.example.com/token?realm=x";
const params = { grant_type: "refresh_token", refresh_token: new Secret("r&f r=sh") };
const client = (more: Partial<ClientAtEndpoint>): ClientAtEndpoint => ({
  id: "my app",
  secret: new Secret("s:e%c+r/et"),
  clientAuth: "basic",
  ...more,
});

/** The request as it goes over the wire. */
function built(parts: Partial<TokenParts>) {
  const { request, secrets } = buildTokenRequest({ url, params, ...parts });
  const { body } = request;
  if (body !== undefined && (typeof body === "string" || !("json" in body || "form" in body))) throw new Error("odd");
  const filled = fillRequest({
    url: new URL(request.url),
    headers: request.headers ?? {},
    query: request.query,
    body,
  });
  return { ...filled, method: request.method, secrets: secrets.map(reveal), request };
}
const formOf = (body: string | undefined) => Object.fromEntries(new URLSearchParams(body));
const plain = { grant_type: "refresh_token", refresh_token: "r&f r=sh" };

describe("a token request", () => {
  it("SR-18 is a form sent with POST, asks for JSON, and follows nobody", () => {
    const { request, method, url: target, headers, body } = built({});
    expect([method, target.href]).toEqual(["POST", url]);
    expect(request).toMatchObject({ redirects: "none", maxBodyBytes: 1024 * 1024 });
    expect(headers).toEqual({
      accept: "application/json",
      "content-type": "application/x-www-form-urlencoded",
    });
    expect(body).toBe("grant_type=refresh_token&refresh_token=r%26f+r%3Dsh");
  });

  it("may be JSON, or stand in the address, as it always does with GET", () => {
    const json = built({ body: "json", headers: { "Notion-Version": "2022-06-28" } });
    expect(JSON.parse(json.body ?? "")).toEqual(plain);
    expect(json.headers).toMatchObject({ "content-type": "application/json", "notion-version": "2022-06-28" });
    for (const parts of [{ body: "query" }, { method: "GET" }, { method: "GET", body: "json" }] as const) {
      const { url: target, body, method } = built(parts);
      expect(Object.fromEntries(target.searchParams)).toEqual({ realm: "x", ...plain });
      expect([body, method]).toEqual([undefined, "method" in parts ? "GET" : "POST"]);
    }
  });

  it("takes the headers of its provider, in whatever case, before its own", () => {
    const { headers } = built({
      headers: { Accept: "application/vnd.x+json", "X-Key": new Secret("k3y"), "Content-Type": "text/plain" },
    });
    expect(headers).toEqual({ accept: "application/vnd.x+json", "x-key": "k3y", "content-type": "text/plain" });
  });

  it("shows its client by Basic with both halves form-encoded, as RFC 6749 2.3.1 wants", () => {
    const { headers, body } = built({ client: client({}) });
    expect(headers.authorization).toBe("Basic bXkrYXBwOnMlM0FlJTI1YyUyQnIlMkZldA==");
    expect(formOf(body)).toEqual(plain);
  });

  it("shows its client by Basic as it is, where the server does not decode", () => {
    const { headers } = built({ client: client({ basicEncoding: "plain", secret: new Secret("pä%ss") }) });
    expect(headers.authorization).toBe(`Basic ${Buffer.from("my app:pä%ss").toString("base64")}`);
  });

  it.each<[string, Partial<ClientAtEndpoint>, object]>([
    ["body", { clientAuth: "body" }, { client_id: "my app", client_secret: "s:e%c+r/et" }],
    ["none", { clientAuth: "none" }, { client_id: "my app" }],
    ["a secret id", { clientAuth: "none", id: new Secret("1d") }, { client_id: "1d" }],
    [
      "names of its provider's own",
      { clientAuth: "body", paramNames: { clientId: "client_key", clientSecret: "sec" } },
      { client_key: "my app", sec: "s:e%c+r/et" },
    ],
  ])("shows its client in the body: %s", (_what, more, expected) => {
    const { headers, body } = built({ client: client(more) });
    expect(headers.authorization).toBeUndefined();
    expect(formOf(body)).toEqual({ ...plain, ...expected });
  });

  it("names a client without a secret in the body, also where others show theirs by Basic", () => {
    for (const clientAuth of ["basic", "body", "none", "private_key_jwt"] as const) {
      const { headers, body } = built({ client: { id: "app", clientAuth } });
      expect(headers.authorization).toBeUndefined();
      expect(formOf(body)).toEqual({ ...plain, client_id: "app" });
    }
  });

  it("sends no parameter twice", () => {
    const { body } = built({ params: { client_id: "other", a: "1" }, client: client({ clientAuth: "body" }) });
    expect(body).toBe("client_id=my+app&a=1&client_secret=s%3Ae%25c%2Br%2Fet");
  });

  it("SR-25 knows every secret that stands in it, also in the form that it has there", () => {
    const basic = built({ client: client({}), headers: { "x-key": new Secret("k3y") } }).secrets;
    expect(basic).toEqual(
      expect.arrayContaining(["r&f r=sh", "s:e%c+r/et", "k3y", "Basic bXkrYXBwOnMlM0FlJTI1YyUyQnIlMkZldA=="]),
    );
    expect(built({ client: client({ id: new Secret("1d"), clientAuth: "body" }) }).secrets).toContain("1d");
    const { secrets, body } = built({ client: client({ clientAuth: "private_key_jwt", secret: pem }) });
    expect(secrets).toEqual(expect.arrayContaining([reveal(pem), formOf(body).client_assertion]));
  });
});

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const exported = (key: KeyObject) => key.export({ type: "pkcs8", format: "pem" }).toString();
const pem = new Secret(exported(privateKey));

function verified(jwt: string | undefined) {
  const [header = "", claims = "", signature = ""] = (jwt ?? "").split(".");
  const verify = createVerify("RSA-SHA256").update(`${header}.${claims}`);
  expect(verify.verify(publicKey, signature, "base64url")).toBe(true);
  const parse = (text: string) => JSON.parse(Buffer.from(text, "base64url").toString());
  return { header: parse(header), claims: parse(claims) };
}

describe("a signed assertion", () => {
  const now = new Date("2026-08-21T12:00:00.900Z");
  const assertion = { issuer: "svc@x.test", audience: "https://aud.test/token", scope: "a b", key: pem, now };
  const grant = { grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer" };
  const signed = (more: object) =>
    verified(formOf(built({ params: grant, assertion: { ...assertion, ...more } }).body).assertion);

  it("SR-43 of a service account says who it is, for whom it acts, and lives for an hour", () => {
    const iat = Math.floor(now.getTime() / 1000);
    const { header, claims } = signed({
      subject: "ann@x.test",
      keyId: new Secret("key-1"),
      issuer: new Secret("svc@x.test"),
    });
    expect(header).toEqual({ alg: "RS256", typ: "JWT", kid: "key-1" });
    expect(claims).toEqual({
      iss: "svc@x.test",
      sub: "ann@x.test",
      aud: "https://aud.test/token",
      scope: "a b",
      iat,
      exp: iat + 3600,
      jti: expect.any(String),
    });
  });

  it("names neither key nor subject where there is none", () => {
    const { header, claims } = signed({});
    expect(header).toEqual({ alg: "RS256", typ: "JWT" });
    expect("sub" in claims).toBe(false);
  });

  it("stands beside the grant type", () => {
    expect(formOf(built({ params: grant, assertion }).body)).toEqual({ ...grant, assertion: expect.any(String) });
  });

  it("of a client stands for its secret, for this token endpoint, for five minutes, and once", () => {
    const body = () => formOf(built({ client: client({ clientAuth: "private_key_jwt", secret: pem }) }).body);
    const [first, second] = [body(), body()];
    expect(first).toMatchObject({
      client_id: "my app",
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    });
    expect("client_secret" in first).toBe(false);
    const { claims } = verified(first.client_assertion);
    expect(claims).toMatchObject({ iss: "my app", sub: "my app", aud: url });
    expect(claims.exp - claims.iat).toBe(300);
    expect(verified(second.client_assertion).claims.jti).not.toBe(claims.jti);
  });

  it("is signed with a key whose line ends are still written as in the file it was copied from", () => {
    const key = new Secret(exported(privateKey).replaceAll("\n", "\\n"));
    expect(signed({ key }).claims).toMatchObject({ iss: "svc@x.test" });
  });

  it.each([
    ["no key", "s3cret-key"],
    ["an empty one", ""],
    ["a public key", publicKey.export({ type: "spki", format: "pem" }).toString()],
    ["a key with a password", withPassword()],
    ["half a key", exported(privateKey).slice(0, 900)],
    ["a key of another kind", exported(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey)],
    ["a key for another signature", exported(generateKeyPairSync("ed25519").privateKey)],
    ["a key that is too short", exported(generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey)],
  ])("SR-75 fails with a word on the key and nothing of it: %s", (_what, text) => {
    for (const parts of [
      { params: grant, assertion: { ...assertion, key: new Secret(text) } },
      { client: client({ clientAuth: "private_key_jwt", secret: new Secret(text) }) },
    ]) {
      let failure: unknown;
      try {
        built(parts);
      } catch (error) {
        failure = error;
      }
      expect(failure).toMatchObject({
        name: "TokenFailure",
        kind: "app",
        sent: false,
        message: expect.stringContaining("private key"),
      });
      for (const line of text.split("\n").filter((one) => one.length > 8 && !one.startsWith("--"))) {
        expect(inspect(failure, { depth: 9 })).not.toContain(line);
      }
    }
  });
});

function withPassword(): string {
  return privateKey.export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "x" }).toString();
}
