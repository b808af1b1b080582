import { createHash, randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createOutbound, type Outbound } from "#outbound/client.ts";
import { createPolicy } from "#outbound/policy.ts";
import { requestToken, revokeToken } from "#outbound/token-endpoint.ts";
import type { AuthorizationCode } from "#provider-kit/auth.ts";
import { reveal, Secret } from "#vault/reveal.ts";
import { codeRequest, credentialRequest, refreshRequest } from "./obtain.ts";
import { type RealServer, realServer } from "./testing/real-server.ts";

const redirectUri = "http://localhost:8080/oauth/callback/real";
const secret = "s:e%c+r/et";

const people = { redirect_uris: [redirectUri], grant_types: ["authorization_code", "refresh_token"] };
const clients = {
  basic: { ...people, client_id: "by-basic", client_secret: secret, token_endpoint_auth_method: "client_secret_basic" },
  body: { ...people, client_id: "by-body", client_secret: secret, token_endpoint_auth_method: "client_secret_post" },
  none: { ...people, client_id: "public", token_endpoint_auth_method: "none" },
} as const;
const machine = {
  client_id: "machine",
  client_secret: secret,
  redirect_uris: [],
  response_types: [],
  grant_types: ["client_credentials"],
  scope: "files.read",
} as const;
const otherSecret = "another-secret-of-32-characters!";

let server: RealServer;
let outbound: Outbound;

beforeAll(async () => {
  server = await realServer([...Object.values(clients), machine].map((client) => structuredClone(client)));
  outbound = createOutbound({ policy: createPolicy({ exceptions: [server.hostAndPort] }) });
});
afterAll(async () => {
  await outbound.close("now");
  await server.close();
});

describe.each(Object.keys(clients).map((way) => way as keyof typeof clients))(
  "a client that shows itself by %s",
  (way) => {
    it("signs a person in, and the token is theirs", async () => {
      const { code, verifier, back } = await signIn(way);
      expect(back.searchParams.get("iss")).toBe(server.issuer);
      const answer = await requestToken(outbound, codeRequest(authOf(way), { ...about(way), code, verifier }));
      expect(answer.scopes).toEqual(expect.arrayContaining(["openid", "offline_access"]));
      expect(answer.expiresInS).toBeGreaterThan(60);
      expect(await whoIs(answer.accessToken)).toBe("ana");
    });

    it("gets new tokens with a refresh token, and a newer refresh token with them", async () => {
      const first = await connected(way);
      const second = await refreshed(way, first.refreshToken);
      expect(reveal(second.refreshToken)).not.toBe(reveal(first.refreshToken));
      expect(await whoIs(second.accessToken)).toBe("ana");
      const third = await refreshed(way, second.refreshToken);
      expect(await whoIs(third.accessToken)).toBe("ana");
    });

    it("SR-39 loses the grant when a spent refresh token comes again, and says so", async () => {
      const first = await connected(way);
      const second = await refreshed(way, first.refreshToken);
      await expect(refreshed(way, first.refreshToken)).rejects.toMatchObject({
        kind: "grant-dead",
        code: "invalid_grant",
      });
      await expect(refreshed(way, second.refreshToken)).rejects.toMatchObject({ kind: "grant-dead" });
      expect(await whoIs(second.accessToken)).toBeUndefined();
    });

    it("gives tokens back", async () => {
      const { refreshToken } = await connected(way);
      const url = `${server.issuer}/token/revocation`;
      const client = { ...about(way).client, clientAuth: authOf(way).clientAuth };
      expect(await revokeToken(outbound, { url, token: refreshToken, hint: "refresh_token", client })).toBe("revoked");
      await expect(refreshed(way, refreshToken)).rejects.toMatchObject({ kind: "grant-dead" });
      expect(await revokeToken(outbound, { url, token: refreshToken, hint: "refresh_token", client })).toBe("revoked");
    });
  },
);

describe("what the server refuses", () => {
  it("is the person's no", async () => {
    const { back } = await signIn("basic", "no");
    expect(back.searchParams.get("error")).toBe("access_denied");
    expect(back.searchParams.get("iss")).toBe(server.issuer);
  });

  it("is a code with another verifier, or without one", async () => {
    for (const verifier of [new Secret(randomBytes(32).toString("base64url")), undefined]) {
      const { code } = await signIn("basic");
      const request = codeRequest(authOf("basic"), { ...about("basic"), code, verifier });
      await expect(requestToken(outbound, request)).rejects.toMatchObject({ kind: "grant-dead", sent: true });
    }
  });

  it("is a code that comes twice, with all that it has brought", async () => {
    const { code, verifier } = await signIn("body");
    const request = codeRequest(authOf("body"), { ...about("body"), code, verifier });
    const { accessToken } = await requestToken(outbound, request);
    expect(await whoIs(accessToken)).toBe("ana");
    await expect(requestToken(outbound, request)).rejects.toMatchObject({ kind: "grant-dead" });
    expect(await whoIs(accessToken)).toBeUndefined();
  });

  it("is a client with another secret: nobody's sign-in is lost by it", async () => {
    const { refreshToken } = await connected("basic");
    const client = { id: clients.basic.client_id, secret: new Secret(otherSecret) };
    await expect(
      requestToken(outbound, refreshRequest(authOf("basic"), { client, refreshToken })),
    ).rejects.toMatchObject({ kind: "app", code: "invalid_client" });
    await refreshed("basic", refreshToken);
  });
});

it("lets an app sign in for itself, with a secret that has to be encoded", async () => {
  const auth = {
    type: "oauth2_client_credentials",
    tokenUrl: `${server.issuer}/token`,
    clientAuth: "basic",
    scopes: ["files.read"],
  } as const;
  const fields = { client_id: new Secret(machine.client_id), client_secret: new Secret(machine.client_secret) };
  const answer = await requestToken(outbound, credentialRequest(auth, fields, new Date()));
  expect(answer.scopes).toEqual(["files.read"]);
  expect(answer.refreshToken).toBeUndefined();
  const unencoded = credentialRequest({ ...auth, basicEncoding: "plain" }, fields, new Date());
  await expect(requestToken(outbound, unencoded)).rejects.toMatchObject({ kind: "app" });
});

const authOf = (clientAuth: keyof typeof clients): AuthorizationCode => ({
  type: "oauth2_authorization_code",
  authorizeUrl: `${server.issuer}/auth`,
  tokenUrl: `${server.issuer}/token`,
  pkce: true,
  clientAuth,
  scopes: ["openid", "offline_access"],
  refresh: "rotating",
});

const about = (way: keyof typeof clients) => ({
  client: { id: clients[way].client_id, ...(way !== "none" && { secret: new Secret(secret) }) },
  redirectUri,
});

async function signIn(way: keyof typeof clients, decision?: "yes" | "no") {
  const verifier = randomBytes(32).toString("base64url");
  const auth = authOf(way);
  const address = new URL(auth.authorizeUrl);
  const params = {
    response_type: "code",
    client_id: clients[way].client_id,
    redirect_uri: redirectUri,
    scope: auth.scopes.join(" "),
    state: "s",
    prompt: "consent",
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
  };
  for (const [name, value] of Object.entries(params)) address.searchParams.set(name, value);
  const back = await server.browse(address, decision);
  expect(`${back.origin}${back.pathname}`).toBe(redirectUri);
  expect(back.searchParams.get("state")).toBe("s");
  return { back, code: new Secret(back.searchParams.get("code") ?? "none"), verifier: new Secret(verifier) };
}

async function connected(way: keyof typeof clients) {
  const { code, verifier } = await signIn(way);
  return withRefreshToken(await requestToken(outbound, codeRequest(authOf(way), { ...about(way), code, verifier })));
}

const refreshed = async (way: keyof typeof clients, refreshToken: Secret) =>
  withRefreshToken(
    await requestToken(outbound, refreshRequest(authOf(way), { client: about(way).client, refreshToken })),
  );

function withRefreshToken(answer: Awaited<ReturnType<typeof requestToken>>) {
  const { accessToken, refreshToken } = answer;
  if (!refreshToken) throw new Error("the answer has no refresh token");
  return { accessToken, refreshToken };
}

async function whoIs(token: Secret): Promise<unknown> {
  const reply = await fetch(`${server.issuer}/me`, { headers: { authorization: `Bearer ${reveal(token)}` } });
  if (reply.status === 401) return undefined;
  const { sub } = await reply.json();
  return sub;
}
