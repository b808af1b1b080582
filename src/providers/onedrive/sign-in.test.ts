// Microsoft's sign-in, over HTTP, against a pretend Microsoft that keeps Microsoft's rules.
import { describe, expect, it } from "vitest";
import { credentialRequest } from "#domain/connections/tokens/obtain.ts";
import { requestToken } from "#outbound/token-endpoint.ts";
import { consent, exchange, meetSimulator, personsWay, refresh } from "#sandbox/testing/meet-simulator.ts";
import { Secret } from "#vault/secret.ts";
import type { Config } from "./config.ts";
import { onedrive } from "./index.ts";
import { onedriveAddresses, onedriveClient, onedriveSimulator } from "./simulator.ts";

const dayMs = 86_400_000;

async function atMicrosoft(config: Config = {}) {
  const met = await meetSimulator(onedriveSimulator, (at) =>
    onedrive({ ...at, ...onedriveAddresses((at.api ?? "").replace(/\/api$/, "")) }),
  );
  const auth = personsWay(met.provider, config);
  const signIn = async (way = auth) => exchange(met, auth, onedriveClient, await consent(met, way, onedriveClient));
  const by = (secret: Secret) => ({ secret, config });
  const asApp = (secret = onedriveClient.secret) => {
    const way = met.provider.auth(config).find(({ type }) => type === "oauth2_client_credentials");
    if (way?.type !== "oauth2_client_credentials") throw new Error("apps do not sign in here");
    const fields = { client_id: new Secret(onedriveClient.id), client_secret: new Secret(secret) };
    return requestToken(met.outbound, credentialRequest(way, fields, met.clock.now()));
  };
  const checkAsApp = async (token: Secret) =>
    met.provider.check({ ...met.callWith(by(token)), auth: "oauth2_client_credentials" });
  return { ...met, auth, signIn, by, asApp, checkAsApp };
}

describe("a person's sign-in at Microsoft", () => {
  it("tells whose account it is, and what was granted without offline_access", async () => {
    const { signIn, check, by } = await atMicrosoft();
    const answer = await signIn();
    expect(answer.scopes).toEqual(["User.Read", "Files.Read.All", "Sites.Read.All"]);
    expect(await check(by(answer.accessToken))).toEqual({
      id: "87d349ed-44d7-43e1-9a83-5f2406dee5bd",
      label: "adele@contoso.test",
    });
  });

  it("has the tenant in its addresses", async () => {
    const { signIn, auth, check, by } = await atMicrosoft({ tenant: "contoso.test" });
    expect(auth.authorizeUrl).toMatch(/\/contoso\.test\/oauth2\/v2\.0\/authorize$/);
    await check(by((await signIn()).accessToken));
  });

  it("brings a new refresh token each time, and the old ones go on working", async () => {
    const { signIn, ...met } = await atMicrosoft();
    const first = await signIn();
    const second = await refresh(met, met.auth, onedriveClient, first.refreshToken);
    expect(second.refreshToken).toBeDefined();
    const third = await refresh(met, met.auth, onedriveClient, first.refreshToken);
    for (const { refreshToken } of [first, second, third]) {
      expect(await refresh(met, met.auth, onedriveClient, refreshToken)).toHaveProperty("accessToken");
    }
  });

  it("brings no refresh token where offline_access is not asked for: we always do", async () => {
    const { signIn, auth } = await atMicrosoft();
    expect(auth.scopes).toContain("offline_access");
    expect((await signIn({ ...auth, scopes: ["User.Read"] })).refreshToken).toBeUndefined();
  });

  it("ends after 90 days of disuse, which every refresh puts off", async () => {
    const { signIn, clock, ...met } = await atMicrosoft();
    const first = await signIn();
    const idleMs = (met.auth.idleDays ?? 0) * dayMs;
    expect(idleMs).toBe(90 * dayMs);
    clock.pass(idleMs - 1);
    const second = await refresh(met, met.auth, onedriveClient, first.refreshToken);
    clock.pass(idleMs - 1);
    const third = await refresh(met, met.auth, onedriveClient, second.refreshToken);
    clock.pass(idleMs);
    await expect(refresh(met, met.auth, onedriveClient, third.refreshToken)).rejects.toMatchObject({
      kind: "grant-dead",
      description: expect.stringMatching(/^AADSTS\d+: .*Timestamp/),
    });
  });

  it("takes a wrong secret for a fault of the app", async () => {
    const met = await atMicrosoft();
    const { refreshToken } = await met.signIn();
    const wrong = { id: onedriveClient.id, secret: "wrong" };
    await expect(refresh(met, met.auth, wrong, refreshToken)).rejects.toMatchObject({
      kind: "app",
      description: expect.stringContaining("AADSTS7000215"),
    });
    await refresh(met, met.auth, onedriveClient, refreshToken);
  });
});

describe("an app's sign-in at Microsoft", () => {
  const config = { tenant: "contoso.test", user: "alex@contoso.test" };

  it("opens the drive of the user that it was told", async () => {
    const { asApp, checkAsApp } = await atMicrosoft(config);
    const answer = await asApp();
    expect(answer.refreshToken).toBeUndefined();
    expect(await checkAsApp(answer.accessToken)).toMatchObject({ label: "alex@contoso.test" });
  });

  it("opens the library of a site", async () => {
    const site = "contoso.sharepoint.test:/sites/engineering";
    const { asApp, checkAsApp } = await atMicrosoft({ tenant: "contoso.test", site });
    expect(await checkAsApp((await asApp()).accessToken)).toMatchObject({
      id: expect.stringMatching(/^b!/),
      label: site,
    });
  });

  it("is told of a user who is not there", async () => {
    const { asApp, checkAsApp } = await atMicrosoft({ ...config, user: "nobody@contoso.test" });
    await expect(checkAsApp((await asApp()).accessToken)).rejects.toMatchObject({ kind: "not-found" });
  });

  it("gets tokens without an administrator's consent, and is refused with each of them", async () => {
    const { asApp, checkAsApp, service } = await atMicrosoft(config);
    service.microsoft.consented = false;
    const { accessToken } = await asApp();
    await expect(checkAsApp(accessToken)).rejects.toMatchObject({
      kind: "forbidden",
      message: expect.stringContaining("administrator"),
    });
    service.microsoft.consented = true;
    await checkAsApp(accessToken);
  });

  it("needs a tenant of its own", async () => {
    await expect((await atMicrosoft({ user: "alex@contoso.test" })).asApp()).rejects.toMatchObject({
      kind: "app",
      code: "invalid_request",
    });
  });

  it("is nobody: /me is not for it", async () => {
    const { asApp, failureOf, by } = await atMicrosoft(config);
    expect(await failureOf(by((await asApp()).accessToken))).toMatchObject({ kind: "rejected" });
  });

  it("is refused with a wrong secret", async () => {
    await expect((await atMicrosoft(config)).asApp("wrong")).rejects.toMatchObject({
      kind: "app",
      code: "invalid_client",
    });
  });
});
