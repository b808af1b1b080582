// X's sign-in, over HTTP, against a pretend X that keeps X's rules.
import { describe, expect, it } from "vitest";
import { revokeToken } from "#outbound/token-endpoint.ts";
import { type Client, consent, exchange, meetSimulator, personsWay, refresh } from "#sandbox/testing/meet-simulator.ts";
import { Secret } from "#vault/secret.ts";
import { x } from "./index.ts";
import { xClient, xNativeClient, xSimulator } from "./simulator.ts";

const windowMs = 15 * 60_000;

async function atX() {
  // The beginning of a window of X's limits.
  const at = Math.ceil(Date.now() / windowMs) * windowMs;
  const met = await meetSimulator(xSimulator, x, at);
  const auth = personsWay(met.provider, undefined);
  const signIn = async (client: Client = xClient, account?: string) =>
    exchange(met, auth, client, await consent(met, auth, client, { decision: "allow", ...(account && { account }) }));
  const with_ = (secret: Secret) => ({ secret, config: undefined });
  return { ...met, auth, signIn, with: with_ };
}

const wrong = new Secret("wrong");

describe("signing in at X", () => {
  it("gives two hours, the next refresh token, and an id beyond what numbers can hold", async () => {
    const { signIn, check, with: by, auth } = await atX();
    const answer = await signIn();
    expect(answer).toMatchObject({ expiresInS: 7200, refreshToken: expect.any(Secret) });
    expect(answer.scopes?.toSorted()).toEqual(auth.scopes.toSorted());
    expect(answer.scopes).not.toEqual(auth.scopes);
    expect(await check(by(answer.accessToken))).toEqual({ id: "1957231846920347648", label: "@ines_harbour" });
  });

  it("works for an app without a secret too, which shows its id in the body", async () => {
    const met = await atX();
    const answer = await met.signIn(xNativeClient);
    await met.check(met.with(answer.accessToken));
    const next = await refresh(met, met.auth, xNativeClient, answer.refreshToken);
    await met.check(met.with(next.accessToken));
  });

  it("takes a secret that is missing or wrong for a fault of the app", async () => {
    const met = await atX();
    const { refreshToken } = await met.signIn();
    for (const client of [{ id: xClient.id }, { id: xClient.id, secret: "wrong" }, { id: "nobody", secret: "wrong" }]) {
      await expect(refresh(met, met.auth, client, refreshToken)).rejects.toMatchObject({ kind: "app" });
    }
    // None of that has spent the token.
    await refresh(met, met.auth, xClient, refreshToken);
  });

  it("gives a code 30 seconds, and to its verifier alone", async () => {
    const met = await atX();
    const slow = await consent(met, met.auth, xClient);
    met.clock.pass(29_999);
    await exchange(met, met.auth, xClient, slow);
    const tooSlow = await consent(met, met.auth, xClient);
    met.clock.pass(30_000);
    await expect(exchange(met, met.auth, xClient, tooSlow)).rejects.toMatchObject({ code: "invalid_request" });
    const { code } = await consent(met, met.auth, xClient);
    await expect(
      exchange(met, met.auth, xClient, { code, verifier: new Secret("v".repeat(43)) }),
    ).rejects.toMatchObject({ kind: "grant-dead" });
  });

  it("lets nobody on without PKCE", async () => {
    const met = await atX();
    const { back } = await consent(met, { ...met.auth, pkce: false }, xClient);
    expect(back.searchParams.get("error")).toBe("invalid_request");
  });

  it("is over when the person says no, and nothing else has changed", async () => {
    const met = await atX();
    const { back } = await consent(met, met.auth, xClient, { decision: "deny" });
    expect(Object.fromEntries(back.searchParams)).toEqual({ error: "access_denied", state: "state" });
    expect(met.service.log.count({ path: "/token" })).toBe(0);
  });
});

describe("going on without the person", () => {
  it("takes a refresh token once; of two who use it one wins, and the loser's answer costs nothing", async () => {
    const met = await atX();
    const first = await met.signIn();
    const both = await Promise.allSettled([1, 2].map(() => refresh(met, met.auth, xClient, first.refreshToken)));
    const won = both.filter((one) => one.status === "fulfilled").map(({ value }) => value);
    const lost = both.filter((one) => one.status === "rejected").map(({ reason }) => reason);
    expect(won).toHaveLength(1);
    // Never invalid_grant; a client that knows only that would ask for ever.
    expect(lost).toMatchObject([{ kind: "grant-dead", code: "invalid_request" }]);
    const next = await refresh(met, met.auth, xClient, won[0]?.refreshToken);
    await met.check(met.with(next.accessToken));
  });

  it("knows a refresh token that X has never seen, or has forgotten, for dead", async () => {
    const met = await atX();
    await expect(refresh(met, met.auth, xClient, wrong)).rejects.toMatchObject({ kind: "grant-dead" });
    const { refreshToken } = await met.signIn();
    met.clock.pass(met.auth.idleDays! * 86_400_000 - 1);
    const { refreshToken: next } = await refresh(met, met.auth, xClient, refreshToken);
    met.clock.pass(200 * 86_400_000);
    await expect(refresh(met, met.auth, xClient, next)).rejects.toMatchObject({ kind: "grant-dead" });
  });

  it("does not take another invalid_request for a dead grant", async () => {
    const met = await atX();
    const { refreshToken } = await met.signIn();
    met.service.faults.failNext(
      { status: 400, body: { error: "invalid_request", error_description: "Missing required parameter [x]." } },
      { path: "/token" },
    );
    await expect(refresh(met, met.auth, xClient, refreshToken)).rejects.not.toMatchObject({ kind: "grant-dead" });
  });

  it("cannot be had without offline.access, which is seen at once", async () => {
    const met = await atX();
    met.service.oauth?.removeScope("offline.access");
    const answer = await met.signIn();
    expect(answer.refreshToken).toBeUndefined();
    expect(met.auth.neededScopes?.filter((scope) => !answer.scopes?.includes(scope))).toEqual(["offline.access"]);
  });

  it("ends when it is given back", async () => {
    const met = await atX();
    const { accessToken, refreshToken } = await met.signIn();
    const client = { clientAuth: met.auth.clientAuth, id: xClient.id, secret: new Secret(xClient.secret) };
    const given = { url: met.auth.revokeUrl!, token: refreshToken!, hint: "refresh_token" as const, client };
    expect(await revokeToken(met.outbound, given)).toBe("revoked");
    expect((await met.failureOf(met.with(accessToken))).kind).toBe("reauthorize");
    await expect(refresh(met, met.auth, xClient, refreshToken)).rejects.toMatchObject({ kind: "grant-dead" });
  });
});

describe("the check at X", () => {
  it.each(["api.x.com", "api.twitter.com"] as const)("reads problems of %s under either content type", async (host) => {
    const { service, signIn, failureOf, check, with: by } = await atX();
    const { accessToken } = await signIn();
    service.x.problemHost = host;
    for (const type of ["application/problem+json", "application/json; charset=utf-8"] as const) {
      service.x.problemType = type;
      service.x.credits = 0;
      expect(await failureOf(by(accessToken))).toMatchObject({
        kind: "unavailable",
        message: expect.stringContaining("credits"),
      });
      service.x.credits = 1;
      service.x.enrolled = false;
      expect(await failureOf(by(accessToken))).toMatchObject({
        kind: "forbidden",
        message: expect.stringContaining("enrolled"),
      });
      service.x.enrolled = true;
    }
    await check(by(accessToken));
  });

  it("survives that X forgets for a moment what a good token is", async () => {
    const { service, signIn, failureOf, check, with: by } = await atX();
    const { accessToken } = await signIn();
    service.x.forgetful = 1;
    expect((await failureOf(by(accessToken))).kind).toBe("unavailable");
    await check(by(accessToken));
  });

  it.each(["problem", "list"] as const)("waits for the end of the window where it is told by a %s", async (form) => {
    const { service, signIn, failureOf, check, clock, with: by } = await atX();
    const { accessToken } = await signIn();
    service.x.limitAnswer = form;
    for (let asked = 0; asked < 75; asked++) await check(by(accessToken));
    expect(await failureOf(by(accessToken))).toMatchObject({
      kind: "rate-limited",
      retryAt: new Date(clock.at + windowMs),
    });
    clock.pass(windowMs);
    await check(by(accessToken));
  });

  it("says that a right is missing, and that an hour too much has passed", async () => {
    const { service, signIn, failureOf, clock, with: by } = await atX();
    const { accessToken } = await signIn();
    service.oauth?.removeScope("users.read");
    expect((await failureOf(by(accessToken))).kind).toBe("forbidden");
    clock.pass(7_200_000);
    expect((await failureOf(by(accessToken))).kind).toBe("reauthorize");
  });
});
