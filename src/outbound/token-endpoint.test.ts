import type { IncomingMessage, ServerResponse } from "node:http";
import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { reveal } from "#vault/reveal.ts";
import { Secret } from "#vault/secret.ts";
import { bodyOf, type Loopback, serve, serveRaw } from "./testing/loopback.ts";
import { outboundTo } from "./testing/outbound-for-tests.ts";
import { requestToken, revokeToken, TokenFailure, type TokenRequest } from "./token-endpoint.ts";

const canaries = {
  refresh: "rt-c4nary/+&=refresh",
  client: "cs-c4nary s:e%c",
  verifier: "cv-c4nary~verifier",
};
const params = {
  grant_type: "refresh_token",
  refresh_token: new Secret(canaries.refresh),
  code_verifier: new Secret(canaries.verifier),
};
const client = { id: "app", secret: new Secret(canaries.client), clientAuth: "basic" as const };

interface Seen {
  path: string;
  headers: IncomingMessage["headers"];
  form: Record<string, string>;
}

/** A token endpoint that answers as the test says, and what it was asked. */
async function endpoint(answer: (response: ServerResponse, request: IncomingMessage) => void) {
  const seen: Seen[] = [];
  const server = await serve(async (request, response) => {
    const form = Object.fromEntries(new URLSearchParams(await bodyOf(request)));
    seen.push({ path: request.url ?? "", headers: request.headers, form });
    answer(response, request);
  });
  const outbound = outboundTo([server]);
  const url = `${server.origin}/token`;
  return {
    seen,
    server,
    ask: (more: Partial<TokenRequest> = {}, signal?: AbortSignal) =>
      requestToken(outbound, { url, params, client, ...more }, signal),
    failure: (more: Partial<TokenRequest> = {}) => failureOf(requestToken(outbound, { url, params, client, ...more })),
    revoke: (more: object = {}) =>
      revokeToken(outbound, { url, token: params.refresh_token, hint: "refresh_token", client, ...more }),
  };
}

const json =
  (status: number, body: unknown, headers: Record<string, string> = {}) =>
  (response: ServerResponse) => {
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
  };

async function failureOf(work: Promise<unknown>): Promise<TokenFailure> {
  const failure = await work.catch((error: unknown) => error);
  if (!(failure instanceof TokenFailure)) throw new Error("no TokenFailure", { cause: failure });
  const told = inspect(failure, { depth: 9, showHidden: true });
  for (const canary of Object.values(canaries)) expect(told).not.toContain(canary);
  return failure;
}

describe("a token request", () => {
  it("brings tokens as secrets, and asks once", async () => {
    const { ask, seen } = await endpoint(
      json(200, { access_token: "at-new", refresh_token: "rt-new", expires_in: "3600", scope: "a b" }),
    );
    const answer = await ask();
    expect([reveal(answer.accessToken), answer.refreshToken && reveal(answer.refreshToken)]).toEqual([
      "at-new",
      "rt-new",
    ]);
    expect(answer).toMatchObject({ expiresInS: 3600, scopes: ["a", "b"] });
    expect(inspect(answer, { depth: 9 })).not.toMatch(/at-new|rt-new/);
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({
      path: "/token",
      headers: { accept: "application/json" },
      form: { grant_type: "refresh_token", refresh_token: canaries.refresh, code_verifier: canaries.verifier },
    });
  });

  it.each([200, 201, 203])("brings tokens with status %i", async (status) => {
    const { ask } = await endpoint(json(status, { access_token: "a" }));
    expect(reveal((await ask()).accessToken)).toBe("a");
  });

  it.each([
    ["GitHub's", { error: "bad_verification_code", error_description: "The code is incorrect." }, {}],
    ["Slack's", { ok: false, error: "invalid_refresh_token" }, { ok: "ok" }],
    ["one beside a token", { access_token: "a", refresh_token: "b", error: "invalid_grant" }, {}],
  ])("brings no tokens from a refusal with status 200: %s", async (_what, body, places) => {
    const { failure } = await endpoint(json(200, body));
    expect(await failure({ places })).toMatchObject({
      kind: "grant-dead",
      code: body.error,
      sent: true,
      answered: true,
    });
  });

  it.each([
    ["a page", 200, "text/html", "<html>Sign in</html>"],
    ["a page that says to be JSON", 200, "application/json", "<!doctype html><p>Busy</p>"],
    ["an empty body", 200, "application/json", ""],
    ["broken JSON", 200, "application/json", '{"access_token":"a"'],
    ["a list", 200, "application/json", '[{"access_token":"a"}]'],
    ["no token", 200, "application/json", '{"expires_in":3600}'],
    ["no content", 204, "application/json", ""],
  ])("leaves what is stored where the answer is %s", async (_what, status, type, body) => {
    const { failure } = await endpoint((response) => response.writeHead(status, { "content-type": type }).end(body));
    // Nobody can tell whether the provider has replaced the refresh token.
    expect(await failure()).toMatchObject({ kind: "temporary", sent: true, answered: false });
  });

  it("tells a page of something in between from the provider's refusal", async () => {
    const page = (response: ServerResponse) =>
      response.writeHead(400, { "content-type": "text/html" }).end("<html><body>invalid_grant</body></html>");
    expect(await (await endpoint(page)).failure()).toMatchObject({ kind: "temporary" });
    const dead = await (await endpoint(json(400, { error: "invalid_grant" }))).failure();
    expect(dead).toMatchObject({ kind: "grant-dead", code: "invalid_grant", answered: true });
    const own = { errors: [{ code: "invalid_request", text: "token was invalid", means: "grant-dead" as const }] };
    const x = await endpoint(json(400, { error: "invalid_request", error_description: "The token was invalid." }));
    expect(await x.failure(own)).toMatchObject({ kind: "grant-dead", description: "The token was invalid." });
    expect(await x.failure()).toMatchObject({ kind: "app" });
    const odd = await endpoint((response) => response.writeHead(401).end("nope"));
    expect(await odd.failure()).toMatchObject({ kind: "app", message: "The provider answered 401." });
  });

  it("takes the words of answers that RFC 6749 does not know, such as those of a log-in", async () => {
    const { failure } = await endpoint(json(401, { message: "Wrong password" }));
    expect(await failure()).toMatchObject({ kind: "app", description: "Wrong password" });
  });

  it.each([
    [{ "retry-after": "120" }, 120],
    [{ "retry-after": new Date(Date.now() + 120_000).toUTCString() }, 120],
    [{ "retry-after": "999999999999" }, 24 * 3600],
    [{ "retry-after": new Date(Date.now() - 120_000).toUTCString() }, undefined],
    [{ "retry-after": "soon" }, undefined],
    [{}, undefined],
  ])("SR-80 tells when the provider wants to be asked again: %j", async (headers, seconds) => {
    for (const status of [429, 503]) {
      const { failure, seen } = await endpoint(json(status, { error: "slow_down" }, headers));
      const before = Date.now();
      const { kind, retryAt } = await failure();
      expect([kind, seen.length]).toEqual(["temporary", 1]);
      if (seconds === undefined) expect(retryAt).toBeUndefined();
      else expect(Math.abs((retryAt?.getTime() ?? 0) - before - seconds * 1000)).toBeLessThan(30_000);
    }
  });

  it.each([301, 302, 303, 307, 308])("SR-18 goes nowhere else, with status %i", async (status) => {
    const other = await serve((_request, response) => response.end('{"access_token":"stolen"}'));
    const { failure, seen, server } = await endpoint((response) =>
      response.writeHead(status, { location: `${other.origin}/token` }).end(),
    );
    for (const more of [{}, { method: "GET" as const }]) {
      expect(await failure(more)).toMatchObject({ kind: "app", message: `The provider answered ${status}.` });
    }
    expect([seen.length, server.connections() > 0, other.connections()]).toEqual([2, true, 0]);
  });

  it("SR-38 reads a mebibyte and no more", async () => {
    const padded = (bytes: number) => json(200, { access_token: "a", pad: "x".repeat(bytes) });
    expect(await (await endpoint(padded(1_000_000))).ask()).toBeDefined();
    const { failure } = await endpoint(padded(1024 * 1024));
    expect(await failure()).toMatchObject({ kind: "temporary", sent: true, answered: false });
    const endless = await endpoint((response) => {
      response.writeHead(200, { "content-type": "application/json" });
      const more = () => {
        while (response.write("x".repeat(65_536)));
      };
      response.on("drain", more);
      more();
    });
    expect(await endless.failure()).toMatchObject({ kind: "temporary", answered: false });
  });

  it("knows whether anything of it was sent", async () => {
    const gone = await serveRaw((socket) => socket.destroy());
    const cut = await serveRaw((socket) =>
      socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{")),
    );
    const outbound = outboundTo([gone, cut]);
    for (const { origin } of [gone, cut]) {
      const failure = await failureOf(requestToken(outbound, { url: origin, params, client }));
      expect(failure).toMatchObject({ kind: "temporary", sent: true, answered: false });
    }
    const closed: Loopback = { port: 1, origin: "http://127.0.0.1:1", connections: () => 0 };
    const unsent = await failureOf(requestToken(outboundTo([closed]), { url: closed.origin, params, client }));
    expect(unsent).toMatchObject({ kind: "temporary", sent: false });
    expect([gone.connections(), cut.connections()]).toEqual([1, 1]);
  });

  it("fails before anything is sent with a header that no header can be, and a key that is none", async () => {
    const { failure, server } = await endpoint(json(200, { access_token: "a" }));
    for (const more of [
      { headers: { "x-key": new Secret(`${canaries.client}\n`) } },
      { client: { ...client, clientAuth: "private_key_jwt" as const } },
    ]) {
      expect(await failure(more)).toMatchObject({ kind: "app", sent: false });
    }
    expect(server.connections()).toBe(0);
  });

  it("ends when its caller gives up, with the caller's reason", async () => {
    const stop = new AbortController();
    const { ask } = await endpoint(() => stop.abort(new Error("not now")));
    await expect(ask({}, stop.signal)).rejects.toThrow("not now");
  });

  it("SR-75 tells the provider's words without its own secrets, however they are echoed", async () => {
    const basic = `${encodeURIComponent("app")}:${new URLSearchParams({ a: canaries.client }).toString().slice(2)}`;
    const echoes = [
      canaries.refresh,
      encodeURIComponent(canaries.refresh),
      Buffer.from(canaries.client).toString("base64"),
      `Authorization: Basic ${Buffer.from(basic).toString("base64")}`,
      `\u0007${canaries.verifier}\r\nX: 1`,
      "<script>alert(1)</script>",
    ];
    for (const echo of echoes) {
      const { failure } = await endpoint(json(400, { error: `no ${echo}`, error_description: `bad ${echo}!` }));
      const { code = "", description = "", message } = await failure();
      for (const text of [code, description, message]) {
        expect(text).not.toMatch(/\p{Cc}/u);
        expect(text).not.toContain(Buffer.from(canaries.client).toString("base64").slice(0, 16));
      }
      expect(description.startsWith("bad ")).toBe(true);
    }
  });

  it("SR-75 tells no part of a secret, wherever the provider's words are cut", async () => {
    let description = "";
    const { failure } = await endpoint((response) =>
      json(400, { error: "x", error_description: description })(response),
    );
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 270, max: 300 }), async (length) => {
        description = `${"x".repeat(length)}${canaries.refresh} and more`;
        const shown = (await failure()).description ?? "";
        expect(shown.length).toBeLessThanOrEqual(300);
        expect(shown).not.toContain("rt-");
      }),
      { numRuns: 31 },
    );
  });

  it("SR-32 fails with a TokenFailure whatever bytes and status come back", async () => {
    let answer = { status: 200, type: "", body: new Uint8Array() };
    const { ask } = await endpoint((response) =>
      response.writeHead(answer.status, { "content-type": answer.type }).end(answer.body),
    );
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.json().map((text) => new TextEncoder().encode(text)),
      fc
        .dictionary(fc.constantFrom("access_token", "error", "message", "error_description"), fc.jsonValue())
        .map((value) => new TextEncoder().encode(JSON.stringify(value))),
    );
    const status = fc.constantFrom(200, 201, 204, 302, 400, 401, 403, 404, 418, 429, 500, 503);
    const type = fc.constantFrom("application/json", "text/html", "application/x-www-form-urlencoded");
    await fc.assert(
      fc.asyncProperty(status, type, body, async (...[status, type, body]) => {
        answer = { status, type, body: Uint8Array.from(body) };
        const outcome = await ask().catch((error: unknown) => error);
        if (!(outcome instanceof TokenFailure)) expect(outcome).toMatchObject({ accessToken: expect.any(Secret) });
      }),
      { numRuns: 300 },
    );
  });
});

describe("a revocation", () => {
  it("hands the token back with its hint and its client (RFC 7009)", async () => {
    const { revoke, seen } = await endpoint((response) => response.writeHead(200).end());
    expect(await revoke()).toBe("revoked");
    expect(seen[0]?.form).toEqual({ token: canaries.refresh, token_type_hint: "refresh_token" });
    expect(seen[0]?.headers.authorization).toMatch(/^Basic /);
    expect(await revoke({ client: { id: "app", clientAuth: "none" }, hint: "access_token" })).toBe("revoked");
    expect(seen[1]?.form).toEqual({ token: canaries.refresh, token_type_hint: "access_token", client_id: "app" });
  });

  it("has succeeded with any success, whatever stands in it", async () => {
    for (const body of ["", "<html>", '{"revoked":true}', "{}"]) {
      const { revoke } = await endpoint((response) => response.writeHead(200).end(body));
      expect(await revoke()).toBe("revoked");
    }
  });

  it.each([
    [400, { error: "invalid_token" }],
    [400, { error: "unsupported_token_type" }],
    [400, {}],
  ])("is over where the token is not known any more: %i %j", async (status, body) => {
    expect(await (await endpoint(json(status, body))).revoke()).toBe("unknown-token");
  });

  it.each([
    [400, { error: "invalid_client" }, "app"],
    [401, { error: "invalid_client" }, "app"],
    [400, { error: "invalid_request" }, "app"],
    [503, {}, "temporary"],
    [429, {}, "temporary"],
    [500, { error: "invalid_token" }, "temporary"],
  ])("SR-11 is to be tried again where it was put off: %i %j is %s", async (status, body, kind) => {
    const { revoke } = await endpoint(json(status, body, { "retry-after": "60" }));
    const failure = await failureOf(revoke());
    expect(failure).toMatchObject({ kind, retryAt: expect.any(Date) });
  });

  it("SR-18 follows no redirect", async () => {
    const other = await serve((_request, response) => response.end());
    const { revoke } = await endpoint((response) => response.writeHead(307, { location: other.origin }).end());
    await failureOf(revoke());
    expect(other.connections()).toBe(0);
  });
});
