// Every provider that a person signs in to, against its simulator over HTTP: what Hawser sends, and what it makes of the
// answers.
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ProviderError } from "#core/errors.ts";
import { codeRequest, credentialRequest, refreshRequest } from "#domain/connections/tokens/obtain.ts";
import { createOutbound, type Outbound } from "#outbound/client.ts";
import { asFetch } from "#outbound/fetch.ts";
import { createPolicy } from "#outbound/policy.ts";
import { requestToken, revokeToken, TokenFailure } from "#outbound/token-endpoint.ts";
import { type AuthorizationCode, authOfType } from "#provider-kit/auth.ts";
import { sealableFields } from "#provider-kit/credential.ts";
import type { Provider } from "#provider-kit/provider.ts";
import { createProviderHttp } from "#provider-kit/provider-http.ts";
import { simulators } from "#providers/simulators.ts";
import { reveal, Secret } from "#vault/reveal.ts";
import { type OpenSandbox, openSandbox } from "./sandbox.ts";
import { consent, redirectUri } from "./testing/meet-simulator.ts";

let sandbox: OpenSandbox;
let outbound: Outbound;
const clock = { at: Date.now(), now: () => new Date(clock.at) };

beforeAll(async () => {
  sandbox = await openSandbox({ port: 0, seed: 7, clock });
  outbound = createOutbound({ policy: createPolicy({ exceptions: [sandbox.hostAndPort] }) });
});
afterAll(async () => {
  await outbound.close("now");
  await sandbox.close();
});

const oauthKeys = simulators.filter(({ client }) => client).map(({ key }) => key);

describe.each(oauthKeys)("%s, signed in to by a person", (key) => {
  const partsOf = () => {
    const provider = sandbox.providers.get(key);
    const service = sandbox.services.get(key);
    const known = sandbox.clients.get(key);
    const auth = authOfType(provider?.auth({}) ?? [{ type: "none" }], "oauth2_authorization_code");
    if (!provider || !service || !known || auth?.type !== "oauth2_authorization_code")
      throw new Error("not in the sandbox");
    return { provider, service, auth, client: { id: known.id, secret: new Secret(known.secret) } };
  };

  it("gives a token for a yes, and the check says whose account it is", async () => {
    const { provider, service, auth, client } = partsOf();
    const { code, verifier } = await consent({ outbound }, auth, client);
    const answer = await requestToken(outbound, codeRequest(auth, { client, code, verifier, redirectUri }));
    const account = await check(provider, auth, answer.accessToken);
    expect(account.id).not.toBe("");
    expect(account.label).not.toBe("");
    expect(missing(auth, answer.scopes)).toEqual([]);
    // LinkedIn gives one to its partners alone, and its simulator takes nobody for a partner unless told to.
    expect(answer.refreshToken !== undefined).toBe(auth.refresh !== "none" && key !== "linkedin");
    expect(service.log.count({ grant: "authorization_code", status: 200 })).toBeGreaterThan(0);
  });

  it("gives another account to another person", async () => {
    const { provider, service, auth, client } = partsOf();
    const people = service.oauth?.rules.accounts ?? [];
    const ids = [];
    for (const { id } of people.slice(0, 2)) {
      const { code, verifier } = await consent({ outbound }, auth, client, { decision: "allow", account: id });
      const answer = await requestToken(outbound, codeRequest(auth, { client, code, verifier, redirectUri }));
      ids.push((await check(provider, auth, answer.accessToken)).id);
    }
    expect(new Set(ids).size).toBe(2);
  });

  it("comes back with an error for a no", async () => {
    const { auth, client } = partsOf();
    const { back } = await consent({ outbound }, auth, client, { decision: "deny" });
    expect(back.searchParams.get("error")).toBeTruthy();
    expect(back.searchParams.get("code")).toBeNull();
    expect(back.searchParams.get("state")).toBe("state");
  });

  it("takes a code once, and ends what was issued for one that comes twice", async () => {
    const { provider, auth, client } = partsOf();
    const { code, verifier } = await consent({ outbound }, auth, client);
    const request = codeRequest(auth, { client, code, verifier, redirectUri });
    const { accessToken } = await requestToken(outbound, request);
    await expect(requestToken(outbound, request)).rejects.toBeInstanceOf(TokenFailure);
    await expect(check(provider, auth, accessToken)).rejects.toMatchObject({ kind: "reauthorize" });
  });

  it("takes no code that is too old", async () => {
    const { service, auth, client } = partsOf();
    const { code, verifier } = await consent({ outbound }, auth, client);
    clock.at += (service.oauth?.rules.codeLifeS ?? 0) * 1000 + 1;
    await expect(
      requestToken(outbound, codeRequest(auth, { client, code, verifier, redirectUri })),
    ).rejects.toBeInstanceOf(TokenFailure);
  });

  it("takes a code with PKCE only together with its verifier", async () => {
    const { auth, client } = partsOf();
    if (!auth.pkce) return;
    const { code } = await consent({ outbound }, auth, client);
    const other = new Secret(randomBytes(32).toString("base64url"));
    await expect(
      requestToken(outbound, codeRequest(auth, { client, code, verifier: other, redirectUri })),
    ).rejects.toBeInstanceOf(TokenFailure);
  });

  it("takes a wrong client secret for a fault of the app, and nobody's grant for lost", async () => {
    const { auth, client } = partsOf();
    const { refreshToken } = await signedIn(auth, client);
    const wrong = { id: client.id, secret: new Secret("another secret") };
    const request = refreshToken
      ? refreshRequest(auth, { client: wrong, refreshToken })
      : codeRequest(auth, { client: wrong, code: new Secret("c"), redirectUri });
    await expect(requestToken(outbound, request)).rejects.toMatchObject({ kind: "app" });
    if (refreshToken) await requestToken(outbound, refreshRequest(auth, { client, refreshToken }));
  });

  it("refreshes an access that is over, as the provider's description says", async () => {
    const { provider, auth, client } = partsOf();
    const first = await signedIn(auth, client);
    clock.at += (first.expiresInS ?? 0) * 1000 + 1;
    await expect(check(provider, auth, first.accessToken)).rejects.toMatchObject({ kind: "reauthorize" });
    if (!first.refreshToken) return;
    const request = refreshRequest(auth, { client, refreshToken: first.refreshToken });
    const second = await requestToken(outbound, request);
    await check(provider, auth, second.accessToken);
    if (auth.refresh === "rotating") {
      expect(second.refreshToken).toBeDefined();
      await expect(requestToken(outbound, request)).rejects.toMatchObject({ kind: "grant-dead" });
    } else await requestToken(outbound, request);
  });

  it("says of access that was taken back that a person is needed", async () => {
    const { provider, service, auth, client } = partsOf();
    const { accessToken, refreshToken } = await signedIn(auth, client);
    service.oauth?.revokeGrants();
    await expect(check(provider, auth, accessToken)).rejects.toMatchObject({ kind: "reauthorize" });
    if (!refreshToken) return;
    await expect(requestToken(outbound, refreshRequest(auth, { client, refreshToken }))).rejects.toMatchObject({
      kind: "grant-dead",
    });
  });

  it("does not take a service that is down for a lost grant", async () => {
    const { provider, service, auth, client } = partsOf();
    const { accessToken, refreshToken } = await signedIn(auth, client);
    service.setDown("all");
    try {
      await expect(check(provider, auth, accessToken)).rejects.toMatchObject({ kind: "unavailable" });
      if (refreshToken) {
        await expect(requestToken(outbound, refreshRequest(auth, { client, refreshToken }))).rejects.toMatchObject({
          kind: "temporary",
        });
      }
    } finally {
      service.setDown();
    }
    await check(provider, auth, accessToken);
  });

  it("tells which scopes a person has left out", async () => {
    const { service, auth, client } = partsOf();
    const scope = (auth.neededScopes ?? auth.scopes).find((one) => !one.startsWith("offline")) ?? "";
    service.oauth?.removeScope(scope);
    try {
      const { scopes } = await signedIn(auth, client);
      // Where the answer does not say what was granted, the check finds out.
      if (scopes) expect(missing(auth, scopes)).toContain(scope);
    } finally {
      service.oauth?.allowScopes();
    }
  });

  it("takes a token back", async () => {
    const { provider, auth, client } = partsOf();
    if (auth.revokeUrl === undefined) return;
    const { accessToken, refreshToken } = await signedIn(auth, client);
    const revocation = {
      url: auth.revokeUrl,
      token: refreshToken ?? accessToken,
      hint: refreshToken ? ("refresh_token" as const) : ("access_token" as const),
      client: { ...client, clientAuth: auth.clientAuth },
    };
    expect(await revokeToken(outbound, revocation)).toBe("revoked");
    await expect(check(provider, auth, accessToken)).rejects.toMatchObject({ kind: "reauthorize" });
    await revokeToken(outbound, revocation);
  });

  const signedIn = async (auth: AuthorizationCode, client: { id: string; secret: Secret }) => {
    const { code, verifier } = await consent({ outbound }, auth, client);
    return requestToken(outbound, codeRequest(auth, { client, code, verifier, redirectUri }));
  };
});

describe("apps that sign in for themselves", () => {
  it.each(["onedrive", "autodesk"])("%s, with client credentials", async (key) => {
    const provider = sandbox.providers.get(key);
    const client = sandbox.clients.get(key);
    const config = key === "onedrive" ? { tenant: "contoso.test", user: "adele@contoso.test" } : {};
    const auth = authOfType(provider?.auth(config) ?? [{ type: "none" }], "oauth2_client_credentials");
    if (!provider || !client || auth?.type !== "oauth2_client_credentials") throw new Error("not in the sandbox");
    const fields = { client_id: new Secret(client.id), client_secret: new Secret(client.secret) };
    const { accessToken, refreshToken } = await requestToken(outbound, credentialRequest(auth, fields, clock.now()));
    expect(refreshToken).toBeUndefined();
    expect((await check(provider, auth, accessToken, config)).label).toMatch(/adele@contoso\.test|Harbour/);
    const wrong = { ...fields, client_secret: new Secret("another") };
    await expect(requestToken(outbound, credentialRequest(auth, wrong, clock.now()))).rejects.toMatchObject({
      kind: "app",
    });
  });

  it("google-drive, with the key file of a service account, for itself or for a person", async () => {
    const provider = sandbox.providers.get("google-drive");
    const service = sandbox.services.get("google-drive");
    if (!provider || !service || !("keyFile" in service) || typeof service.keyFile !== "function") {
      throw new Error("not in the sandbox");
    }
    for (const [config, label] of [
      [{}, "hawser@sandbox.iam.gserviceaccount.test"],
      [{ acts_for: "ben@acme.test" }, "ben@acme.test"],
    ] as const) {
      const auth = authOfType(provider.auth(config), "service_account");
      if (auth?.type !== "service_account") throw new Error("no such way");
      const entered = sealableFields(auth, { key_file: String(service.keyFile()) });
      const fields = Object.fromEntries(Object.entries(entered).map(([name, text]) => [name, new Secret(text)]));
      const { accessToken } = await requestToken(outbound, credentialRequest(auth, fields, clock.now()));
      expect((await check(provider, auth, accessToken, config)).label).toBe(label);
      // A clock that is two hours off.
      const late = new Date(clock.at - 7_200_000);
      await expect(requestToken(outbound, credentialRequest(auth, fields, late))).rejects.toBeInstanceOf(TokenFailure);
    }
  });
});

const missing = ({ neededScopes, scopes }: AuthorizationCode, granted: readonly string[] | undefined): string[] =>
  granted ? (neededScopes ?? scopes).filter((scope) => !granted.includes(scope) && scope !== "offline.access") : [];

/** Calls the provider's check with a token, as a connection does. */
function check(
  provider: Provider,
  auth: { type: AuthorizationCode["type"] | string },
  token: Secret,
  config: unknown = {},
) {
  const signal = AbortSignal.timeout(10_000);
  const send = asFetch(outbound);
  const base = provider.addresses?.(config, {})[0];
  if (base === undefined) throw new Error("it has no address");
  const http = createProviderHttp({
    provider,
    base,
    signal,
    async send(request) {
      request.headers.set("authorization", `Bearer ${reveal(token)}`);
      return { reply: await send(request) };
    },
  });
  const way = provider.auth(config).find(({ type }) => type === auth.type);
  if (!way) throw new ProviderError("rejected", "no such way");
  return provider.check({ http, config, kept: {}, auth: way.type, signal });
}
