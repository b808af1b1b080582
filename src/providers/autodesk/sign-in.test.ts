// Autodesk's sign-in, over HTTP, against a pretend Autodesk that keeps Autodesk's rules.
import { describe, expect, it } from "vitest";
import { credentialRequest } from "#domain/connections/tokens/obtain.ts";
import { requestToken, revokeToken } from "#outbound/token-endpoint.ts";
import { consent, exchange, meetSimulator, personsWay, refresh } from "#sandbox/testing/meet-simulator.ts";
import { Secret } from "#vault/secret.ts";
import { autodesk } from "./index.ts";
import { autodeskClient, autodeskSimulator } from "./simulator.ts";

const dayMs = 86_400_000;

async function atAutodesk() {
  const met = await meetSimulator(autodeskSimulator, autodesk);
  const auth = personsWay(met.provider, {});
  const signIn = async () => exchange(met, auth, autodeskClient, await consent(met, auth, autodeskClient));
  const by = (secret: Secret) => ({ secret, config: {} });
  const asApp = (scopes?: readonly string[]) => {
    const way = met.provider.auth({}).find(({ type }) => type === "oauth2_client_credentials");
    if (way?.type !== "oauth2_client_credentials") throw new Error("apps do not sign in here");
    const fields = { client_id: new Secret(autodeskClient.id), client_secret: new Secret(autodeskClient.secret) };
    return requestToken(
      met.outbound,
      credentialRequest({ ...way, ...(scopes && { scopes }) }, fields, met.clock.now()),
    );
  };
  const checkAsApp = async (token: Secret) =>
    met.provider.check({ ...met.callWith(by(token)), auth: "oauth2_client_credentials" });
  return { ...met, auth, signIn, by, asApp, checkAsApp };
}

describe("a person's sign-in at Autodesk", () => {
  it("tells whose account it is, and nothing of what was granted", async () => {
    const { signIn, check, by } = await atAutodesk();
    const answer = await signIn();
    expect(answer).toMatchObject({ expiresInS: 3599 });
    expect(answer.scopes).toBeUndefined();
    expect(await check(by(answer.accessToken))).toEqual({ id: "A1B2C3D4E5F6", label: "ines@harbour.test" });
  });

  it("has refresh tokens that work once: what comes again ends the grant", async () => {
    const { signIn, failureOf, by, ...met } = await atAutodesk();
    const first = await signIn();
    const second = await refresh(met, met.auth, autodeskClient, first.refreshToken);
    await expect(refresh(met, met.auth, autodeskClient, first.refreshToken)).rejects.toMatchObject({
      kind: "grant-dead",
      code: "invalid_grant",
    });
    expect(await failureOf(by(second.accessToken))).toMatchObject({ kind: "reauthorize" });
  });

  it("is lost with the answer to a refresh, and a failure before it costs nothing", async () => {
    const { signIn, service, ...met } = await atAutodesk();
    const { refreshToken } = await signIn();
    service.faults.failNext({ status: 503 }, { path: "/token" });
    await expect(refresh(met, met.auth, autodeskClient, refreshToken)).rejects.toMatchObject({ kind: "temporary" });
    service.faults.failNext({ loseAnswer: true }, { path: "/token" });
    await expect(refresh(met, met.auth, autodeskClient, refreshToken)).rejects.toMatchObject({
      kind: "temporary",
      sent: true,
      answered: false,
    });
    await expect(refresh(met, met.auth, autodeskClient, refreshToken)).rejects.toMatchObject({ kind: "grant-dead" });
  });

  it("ends after 15 days without a refresh", async () => {
    const { signIn, clock, ...met } = await atAutodesk();
    expect(met.auth.idleDays).toBe(15);
    const first = await signIn();
    clock.pass(15 * dayMs - 1);
    const second = await refresh(met, met.auth, autodeskClient, first.refreshToken);
    clock.pass(15 * dayMs);
    await expect(refresh(met, met.auth, autodeskClient, second.refreshToken)).rejects.toMatchObject({
      kind: "grant-dead",
    });
  });

  it("shows the client in one way only", async () => {
    const { signIn, auth, service, outbound } = await atAutodesk();
    const { refreshToken } = await signIn();
    const basic = Buffer.from(`${autodeskClient.id}:${autodeskClient.secret}`).toString("base64");
    const twice = await outbound.send({
      url: auth.tokenUrl,
      method: "POST",
      headers: { authorization: `Basic ${basic}`, "content-type": "application/x-www-form-urlencoded" },
      body: new TextEncoder().encode(`grant_type=refresh_token&client_secret=${autodeskClient.secret}`),
    });
    expect(twice.status).toBe(400);
    await twice.body.cancel();
    await refresh({ outbound }, auth, autodeskClient, refreshToken);
    expect(service.log.count({ grant: "refresh_token", status: 200 })).toBe(1);
  });

  it("needs a person where a scope was taken away", async () => {
    const { signIn, service, failureOf, by } = await atAutodesk();
    const { accessToken } = await signIn();
    service.oauth?.removeScope("user-profile:read");
    expect(await failureOf(by(accessToken))).toMatchObject({ kind: "reauthorize" });
  });

  it("is given back by either token", async () => {
    const { signIn, auth, outbound, failureOf, by } = await atAutodesk();
    const { accessToken, refreshToken } = await signIn();
    if (!refreshToken) throw new Error("there is no refresh token");
    const client = { id: autodeskClient.id, secret: new Secret(autodeskClient.secret), clientAuth: auth.clientAuth };
    const about = { url: auth.revokeUrl ?? "", token: refreshToken, hint: "refresh_token" as const, client };
    expect(await revokeToken(outbound, about)).toBe("revoked");
    expect(await failureOf(by(accessToken))).toMatchObject({ kind: "reauthorize" });
  });
});

describe("an app's sign-in at Autodesk", () => {
  it("is known by the hub that lets it in", async () => {
    const { asApp, checkAsApp } = await atAutodesk();
    const { accessToken, refreshToken } = await asApp();
    expect(refreshToken).toBeUndefined();
    expect(await checkAsApp(accessToken)).toEqual({
      id: "b.622cb5d1-581b-4a46-a6d9-4ebc68ea4051",
      label: "Harbour Construction and 1 more",
    });
  });

  it("gets a token before any account has let it in, and is told who can help", async () => {
    const { asApp, checkAsApp, service } = await atAutodesk();
    service.autodesk.provisioned = false;
    const { accessToken } = await asApp();
    await expect(checkAsApp(accessToken)).rejects.toMatchObject({
      kind: "forbidden",
      message: expect.stringContaining("Custom integrations"),
    });
    service.autodesk.provisioned = true;
    await checkAsApp(accessToken);
  });

  it("is refused scopes that there are not, and calls without data:read", async () => {
    const { asApp, checkAsApp } = await atAutodesk();
    await expect(asApp(["data:everything"])).rejects.toMatchObject({ kind: "app", code: "invalid_scope" });
    const { accessToken } = await asApp(["account:read"]);
    await expect(checkAsApp(accessToken)).rejects.toMatchObject({ kind: "reauthorize" });
  });
});
