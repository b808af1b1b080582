import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { OAuthRules } from "./oauth-rules.ts";
import { OAuthServer } from "./oauth-server.ts";

const redirectUri = "http://localhost:8080/back";
// The vector of RFC 7636, appendix B.
const verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const challenge = { code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", code_challenge_method: "S256" };

const basics: OAuthRules = {
  name: "Files",
  clients: [
    { id: "app", secret: "s:e%c+r/et", redirectUris: [redirectUri] },
    { id: "other", secret: "hush", redirectUris: [redirectUri] },
    { id: "native", redirectUris: ["http://127.0.0.1*"] },
  ],
  accounts: [
    { id: "ana", label: "Ana <ana@acme.test>" },
    { id: "ben", label: "Ben" },
  ],
  pkce: "required",
  codeLifeS: 60,
  accessLifeS: 3600,
  rotation: "strict",
  answer: ({ pair, scopes }) =>
    Response.json({ access_token: pair.access, refresh_token: pair.refresh, scope: scopes.join(" ") }),
  refuse: (refusal) => Response.json({ error: refusal }, { status: 400 }),
};

interface Tokens {
  access_token: string;
  refresh_token: string;
  scope: string;
}

/** A server on a clock of its own, and somebody who asks it. */
function aServer(rules: Partial<OAuthRules> = {}) {
  const clock = { at: Date.parse("2026-08-21T12:00:00Z"), now: () => new Date(clock.at) };
  const server = new OAuthServer({ ...basics, ...rules }, { clock, seed: 1 });

  const authorize = (more: Record<string, string> = {}) => {
    const params = {
      response_type: "code",
      client_id: "app",
      redirect_uri: redirectUri,
      state: "s",
      scope: "read write",
    };
    const query = new URLSearchParams({ ...params, ...challenge, decision: "allow", ...more });
    return server.authorize(new Request(`http://files.test/authorize?${query}`));
  };
  const back = (more?: Record<string, string>) =>
    Object.fromEntries(new URL(authorize(more).headers.get("location") ?? "").searchParams);
  const ask = async (params: Record<string, string>, headers: Record<string, string> = {}) => {
    const reply = await server.token(
      new Request("http://files.test/token", { method: "POST", headers, body: new URLSearchParams(params) }),
    );
    return reply.json();
  };
  const secrets = { client_id: "app", client_secret: "s:e%c+r/et" };
  const exchange = (code: string | undefined, more: Record<string, string> = {}) =>
    ask({
      ...secrets,
      grant_type: "authorization_code",
      code: code ?? "",
      redirect_uri: redirectUri,
      code_verifier: verifier,
      ...more,
    });
  const refresh = (refresh_token: string, more: Record<string, string> = {}) =>
    ask({ ...secrets, grant_type: "refresh_token", refresh_token, ...more });
  const connect = async (more?: Record<string, string>): Promise<Tokens> => exchange(back(more).code);
  const whoHas = (token: string) =>
    server.accessOf(new Request("http://files.test/api", { headers: { authorization: `Bearer ${token}` } }))?.account;
  return { server, clock, authorize, back, ask, exchange, refresh, connect, whoHas };
}

describe("the page of consent", () => {
  it("offers every account and a no, and writes what others have named as text", async () => {
    const page = aServer().server.authorize(
      new Request(
        `http://files.test/authorize?${new URLSearchParams({
          response_type: "code",
          client_id: "app",
          redirect_uri: redirectUri,
          scope: "<script>",
          ...challenge,
        })}`,
      ),
    );
    const html = await page.text();
    expect(html).toContain("Allow as Ben");
    expect(html).toContain("Deny");
    expect(html).toContain("&#60;ana@acme.test&#62;");
    expect(html).not.toContain("<script>");
  });

  it.each([
    ["an app it does not know", { client_id: "stranger" }],
    ["another address", { redirect_uri: `${redirectUri}/x` }],
    ["the same address written otherwise", { redirect_uri: "http://LOCALHOST:8080/back" }],
  ])("sends nobody back to %s", async (_, more) => {
    const reply = aServer().authorize(more);
    expect([reply.status, reply.headers.get("location")]).toEqual([400, null]);
  });

  it("sends nobody back whose parameter comes twice", () => {
    const query = new URLSearchParams({ client_id: "app", redirect_uri: redirectUri });
    query.append("redirect_uri", "http://evil.test/");
    const reply = aServer().server.authorize(new Request(`http://files.test/authorize?${query}`));
    expect(reply.headers.get("location")).toBeNull();
  });

  it("lets a native app have any port of loopback", () => {
    const reply = aServer().authorize({ client_id: "native", redirect_uri: "http://127.0.0.1:51004/cb" });
    expect(reply.headers.get("location")).toMatch(/^http:\/\/127\.0\.0\.1:51004\/cb\?code=/);
  });
});

describe("the way back", () => {
  it("has the state and, where the service has one, the issuer", () => {
    expect(aServer().back()).toEqual({ code: expect.any(String), state: "s" });
    expect(aServer({ iss: "https://files.test" }).back()).toMatchObject({ iss: "https://files.test", state: "s" });
  });

  it.each([
    ["a no", { decision: "deny" }, {}, "access_denied"],
    [
      "a no, in the service's own word",
      { decision: "deny" },
      { denied: "user_cancelled_login" },
      "user_cancelled_login",
    ],
    ["another type than a code", { response_type: "token" }, {}, "unsupported_response_type"],
    ["no challenge", { code_challenge: "" }, {}, "invalid_request"],
    ["a plain challenge", { code_challenge_method: "plain" }, {}, "invalid_request"],
    ["a scope it does not know", {}, { knowsScope: (scope: string) => scope === "read" }, "invalid_scope"],
  ])("has an error for %s", (_, params, rules, error) => {
    expect(aServer(rules).back(params)).toEqual({ error, state: "s" });
  });
});

describe("a code", () => {
  it("brings the tokens of the account that was chosen", async () => {
    const { connect, whoHas } = aServer();
    expect(whoHas((await connect()).access_token)).toBe("ana");
    expect(whoHas((await connect({ account: "ben" })).access_token)).toBe("ben");
  });

  it("is good once: coming again it ends what it has brought", async () => {
    const { back, exchange, refresh, whoHas } = aServer();
    const { code } = back();
    const { access_token, refresh_token } = await exchange(code);
    expect(await exchange(code)).toEqual({ error: "code-wrong" });
    expect(whoHas(access_token)).toBeUndefined();
    expect(await refresh(refresh_token)).toEqual({ error: "refresh-wrong" });
  });

  it("is good for its time", async () => {
    const { back, exchange, clock } = aServer();
    const { code } = back();
    clock.at += 60_000;
    expect(await exchange(code)).toEqual({ error: "code-wrong" });
  });

  it.each([
    ["another redirect address", { redirect_uri: `${redirectUri}/` }, "code-wrong"],
    ["another client", { client_id: "other", client_secret: "hush" }, "code-wrong"],
    ["another verifier", { code_verifier: "x".repeat(43) }, "verifier-wrong"],
    ["a verifier that is too short", { code_verifier: "x" }, "verifier-wrong"],
  ])("is refused with %s, and not spent by it", async (_, more, error) => {
    const { back, exchange } = aServer();
    const { code } = back();
    expect(await exchange(code, more)).toEqual({ error });
    expect(await exchange(code)).toMatchObject({ access_token: expect.any(String) });
  });

  it("needs no verifier where there was no challenge, and takes none where the service knows no PKCE", async () => {
    const noChallenge = { code_challenge: "", code_challenge_method: "" };
    const optional = aServer({ pkce: "optional" });
    expect(await optional.exchange(optional.back(noChallenge).code)).toMatchObject({ scope: "read write" });
    const refused = aServer({ pkce: "refused" });
    expect(await refused.exchange(refused.back(noChallenge).code)).toEqual({ error: "verifier-wrong" });
  });

  it("holds a plain challenge to the verifier itself, where plain is taken", async () => {
    const { back, exchange } = aServer({ pkce: "optional" });
    const { code } = back({ code_challenge: verifier, code_challenge_method: "plain" });
    expect(await exchange(code, { code_verifier: createHash("sha256").update("x").digest("base64url") })).toEqual({
      error: "verifier-wrong",
    });
    expect(await exchange(code)).toMatchObject({ scope: "read write" });
  });
});

describe("who asks", () => {
  const basic = (id: string, secret: string) => ({
    authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`,
  });
  const params = { grant_type: "authorization_code", redirect_uri: redirectUri, code_verifier: verifier };

  it("is known by the header, encoded as RFC 6749 has it, or by the body", async () => {
    const { back, ask } = aServer();
    const encoded = basic("app", "s%3Ae%25c%2Br%2Fet");
    expect(await ask({ ...params, code: back().code ?? "" }, encoded)).toMatchObject({ scope: "read write" });
  });

  it.each([
    ["nobody", {}, {}, "client-missing"],
    ["a client without its secret", { client_id: "app" }, {}, "client-missing"],
    ["another secret", { client_id: "app", client_secret: "x" }, {}, "client-wrong"],
    ["a stranger", { client_id: "x", client_secret: "x" }, {}, "client-wrong"],
    ["a header that cannot be decoded", {}, basic("app", "%zz"), "client-wrong"],
    ["header and body at once", { client_id: "app", client_secret: "s:e%c+r/et" }, basic("app", "x"), "client-twice"],
  ])("is refused as %s, and the code stays good", async (_, more, headers, error) => {
    const { back, ask, exchange } = aServer();
    const code = back().code ?? "";
    expect(await ask({ ...params, ...more, code }, headers)).toEqual({ error });
    expect(await exchange(code)).toMatchObject({ scope: "read write" });
  });

  it("is refused who shows it another way than the service takes", async () => {
    const byBasic = aServer({ clientAuth: ["basic"] });
    expect(await byBasic.exchange(byBasic.back().code)).toEqual({ error: "client-missing" });
    const byBody = aServer({ clientAuth: ["body"] });
    const code = byBody.back().code ?? "";
    expect(await byBody.ask({ ...params, code }, basic("app", "x"))).toEqual({ error: "client-missing" });
  });

  it("is heard in the one form of body that the service takes", async () => {
    const inJson = aServer({ body: "json" });
    expect(await inJson.exchange(inJson.back().code)).toEqual({ error: "body-wrong" });
    const post = (text: string) =>
      inJson.server.token(
        new Request("http://files.test/token", {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: text,
        }),
      );
    const body = { ...params, client_id: "app", client_secret: "s:e%c+r/et", code: inJson.back().code };
    expect(await (await post(JSON.stringify(body))).json()).toMatchObject({ scope: "read write" });
    for (const text of ["{", "7", "null"]) expect((await post(text)).status).toBe(400);
    const get = await inJson.server.token(new Request("http://files.test/token"));
    expect(get.status).toBe(400);
  });
});

describe("SR-105 a refresh token", () => {
  it("strict: is replaced by each refresh, and ends the whole grant when it comes again", async () => {
    const { connect, refresh, whoHas } = aServer();
    const first = await connect();
    const second: Tokens = await refresh(first.refresh_token);
    const third: Tokens = await refresh(second.refresh_token);
    expect(await refresh(first.refresh_token)).toEqual({ error: "refresh-wrong" });
    expect(await refresh(third.refresh_token)).toEqual({ error: "refresh-wrong" });
    expect(whoHas(third.access_token)).toBeUndefined();
  });

  it("strict: leaves the other grants of the same account alone", async () => {
    const { connect, refresh } = aServer();
    const [one, other] = [await connect(), await connect()];
    await refresh(one.refresh_token);
    await refresh(one.refresh_token);
    expect(await refresh(other.refresh_token)).toMatchObject({ scope: "read write" });
  });

  it("once: is refused when it comes again, and no more than that", async () => {
    const { connect, refresh } = aServer({ rotation: "once" });
    const first = await connect();
    const second: Tokens = await refresh(first.refresh_token);
    expect(await refresh(first.refresh_token)).toEqual({ error: "refresh-wrong" });
    expect(await refresh(second.refresh_token)).toMatchObject({ scope: "read write" });
  });

  it("grace: brings the same pair again for a minute", async () => {
    const { connect, refresh, clock } = aServer({ rotation: "grace" });
    const first = await connect();
    const second: Tokens = await refresh(first.refresh_token);
    clock.at += 59_000;
    expect(await refresh(first.refresh_token)).toMatchObject({ refresh_token: second.refresh_token });
    clock.at += 1_000;
    expect(await refresh(first.refresh_token)).toEqual({ error: "refresh-wrong" });
  });

  it("keeps: goes on working beside the new one", async () => {
    const { connect, refresh } = aServer({ rotation: "keeps" });
    const first = await connect();
    const second: Tokens = await refresh(first.refresh_token);
    expect(second.refresh_token).not.toBe(first.refresh_token);
    expect(await refresh(first.refresh_token)).toMatchObject({ scope: "read write" });
    expect(await refresh(second.refresh_token)).toMatchObject({ scope: "read write" });
  });

  it("none: stays, and answers do not repeat it", async () => {
    const { connect, refresh } = aServer({ rotation: "none" });
    const first = await connect();
    expect(await refresh(first.refresh_token)).not.toHaveProperty("refresh_token");
    expect(await refresh(first.refresh_token)).toMatchObject({ access_token: expect.any(String) });
  });

  it("dies of disuse, and of age", async () => {
    const idle = aServer({ idleLifeS: 100, rotation: "none" });
    const { refresh_token } = await idle.connect();
    for (let times = 0; times < 3; times++) {
      idle.clock.at += 99_000;
      expect(await idle.refresh(refresh_token)).toMatchObject({ scope: "read write" });
    }
    idle.clock.at += 100_000;
    expect(await idle.refresh(refresh_token)).toEqual({ error: "refresh-wrong" });

    const old = aServer({ refreshLifeS: 100 });
    const first = await old.connect();
    old.clock.at += 60_000;
    const second: Tokens = await old.refresh(first.refresh_token);
    old.clock.at += 40_000;
    expect(await old.refresh(second.refresh_token)).toEqual({ error: "refresh-wrong" });
  });

  it("is of no use to another client", async () => {
    const { connect, refresh } = aServer();
    const { refresh_token } = await connect();
    const other = { client_id: "other", client_secret: "hush" };
    expect(await refresh(refresh_token, other)).toEqual({ error: "refresh-wrong" });
    expect(await refresh(refresh_token)).toMatchObject({ scope: "read write" });
  });

  it("is given only where the service gives one", async () => {
    const { connect } = aServer({ givesRefresh: ({ isFirst }) => isFirst });
    expect(await connect()).toHaveProperty("refresh_token");
    expect(await connect()).not.toHaveProperty("refresh_token");
    expect(await connect({ account: "ben" })).toHaveProperty("refresh_token");
  });
});

describe("an access token", () => {
  it("is good until its end", async () => {
    const { connect, whoHas, clock } = aServer();
    const { access_token } = await connect();
    clock.at += 3_599_999;
    expect(whoHas(access_token)).toBe("ana");
    clock.at += 1;
    expect(whoHas(access_token)).toBeUndefined();
  });

  it("ends with a revocation of either token, which ends the grant", async () => {
    for (const which of ["access_token", "refresh_token"] as const) {
      const { connect, refresh, whoHas, server } = aServer();
      const tokens = await connect();
      const body = new URLSearchParams({ token: tokens[which] });
      const revoke = () => server.revoke(new Request("http://files.test/revoke", { method: "POST", body }));
      expect((await revoke()).status).toBe(200);
      expect(whoHas(tokens.access_token)).toBeUndefined();
      expect(await refresh(tokens.refresh_token)).toEqual({ error: "refresh-wrong" });
      // RFC 7009 2.2: a token that is not known is as good as one that was revoked.
      expect((await revoke()).status).toBe(200);
    }
  });
});

describe("what a person at the provider can do", () => {
  it("takes back the access of one account, or of all", async () => {
    const { connect, whoHas, server } = aServer();
    const [ana, ben] = [await connect(), await connect({ account: "ben" })];
    server.revokeGrants("ana");
    expect([whoHas(ana.access_token), whoHas(ben.access_token)]).toEqual([undefined, "ben"]);
    server.revokeGrants();
    expect(whoHas(ben.access_token)).toBeUndefined();
  });

  it("lets access tokens expire while refresh tokens stay", async () => {
    const { connect, refresh, whoHas, server } = aServer();
    const tokens = await connect();
    server.expireAccess();
    expect(whoHas(tokens.access_token)).toBeUndefined();
    expect(await refresh(tokens.refresh_token)).toMatchObject({ scope: "read write" });
  });

  it("takes a scope out of what was granted, and out of what will be, until all are ticked again", async () => {
    const { connect, refresh, server } = aServer();
    const tokens = await connect();
    server.removeScope("write");
    expect(await refresh(tokens.refresh_token)).toMatchObject({ scope: "read" });
    expect(await connect()).toMatchObject({ scope: "read" });
    server.allowScopes();
    expect(await connect()).toMatchObject({ scope: "read write" });
  });
});

it("gives a token to an app for itself by another grant, and none by one it does not know", async () => {
  const { ask, whoHas } = aServer({
    otherGrant: (type, { params, client }) => {
      if (type !== "client_credentials") return undefined;
      return params.get("scope") === "all"
        ? { account: client?.id ?? "", scopes: ["all"] }
        : { refused: "scope-wrong" };
    },
  });
  const client = { client_id: "other", client_secret: "hush" };
  const tokens: Tokens = await ask({ ...client, grant_type: "client_credentials", scope: "all" });
  expect(whoHas(tokens.access_token)).toBe("other");
  expect(tokens).not.toHaveProperty("refresh_token");
  expect(await ask({ ...client, grant_type: "client_credentials", scope: "x" })).toEqual({ error: "scope-wrong" });
  expect(await ask({ grant_type: "client_credentials", scope: "all" })).toEqual({ error: "client-missing" });
  expect(await ask({ ...client, grant_type: "password" })).toEqual({ error: "grant-unsupported" });
});
