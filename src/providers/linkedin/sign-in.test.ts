// LinkedIn's sign-in, over HTTP, against a pretend LinkedIn that keeps LinkedIn's rules.
import { describe, expect, it } from "vitest";
import { consent, exchange, meetSimulator, personsWay, refresh } from "#sandbox/testing/meet-simulator.ts";
import type { Secret } from "#vault/secret.ts";
import { linkedin } from "./index.ts";
import { linkedinClient, linkedinSimulator } from "./simulator.ts";

const secondMs = 1000;
const dayMs = 86_400 * secondMs;
const dayS = 86_400;

async function atLinkedIn() {
  const met = await meetSimulator(linkedinSimulator, linkedin, Date.UTC(2026, 7, 21, 12));
  const auth = personsWay(met.provider, undefined);
  const signIn = async () => exchange(met, auth, linkedinClient, await consent(met, auth, linkedinClient));
  const by = (secret: Secret, tokenAgeMs = 3_600_000) => ({ secret, config: undefined, tokenAgeMs });
  return { ...met, auth, signIn, by };
}

const anything = { parse: (value: unknown) => value };

describe("signing in at LinkedIn", () => {
  it("gives 60 days and no more, with scopes that were asked for with blanks and come with commas", async () => {
    const { signIn, check, by, auth, clock, failureOf } = await atLinkedIn();
    const answer = await signIn();
    expect(answer).toMatchObject({ expiresInS: 60 * dayS });
    expect(answer.refreshToken).toBeUndefined();
    expect(answer.scopes?.toSorted()).toEqual(auth.scopes.toSorted());
    expect(await check(by(answer.accessToken))).toEqual({ id: "782bbtaQ", label: "Ines Carvalho" });
    clock.pass(60 * dayMs);
    expect((await failureOf(by(answer.accessToken))).kind).toBe("reauthorize");
  });

  it("knows no PKCE: a verifier is a mismatch", async () => {
    const met = await atLinkedIn();
    const given = await consent(met, { ...met.auth, pkce: true }, linkedinClient);
    await expect(exchange(met, met.auth, linkedinClient, given)).rejects.toMatchObject({ code: "invalid_request" });
    expect(met.auth.pkce).toBe(false);
  });

  it("takes the app's secret in the body alone, and a wrong one for a fault of the app", async () => {
    const met = await atLinkedIn();
    const byBasic = { ...met.auth, clientAuth: "basic" as const };
    const given = await consent(met, met.auth, linkedinClient);
    await expect(exchange(met, byBasic, linkedinClient, given)).rejects.toMatchObject({ kind: "app" });
    const wrong = { id: linkedinClient.id, secret: "wrong" };
    await expect(exchange(met, met.auth, wrong, given)).rejects.toMatchObject({ kind: "app" });
    await exchange(met, met.auth, linkedinClient, given);
  });

  it("has one answer for whatever may be wrong with a code", async () => {
    const met = await atLinkedIn();
    const used = await consent(met, met.auth, linkedinClient);
    await exchange(met, met.auth, linkedinClient, used);
    const old = await consent(met, met.auth, linkedinClient);
    met.clock.pass(30 * 60 * secondMs);
    for (const given of [used, old]) {
      await expect(exchange(met, met.auth, linkedinClient, given)).rejects.toMatchObject({
        kind: "grant-dead",
        code: "invalid_request",
      });
    }
  });

  it("has names of its own for a no, and for a product that the app lacks", async () => {
    const met = await atLinkedIn();
    const { back } = await consent(met, met.auth, linkedinClient, { decision: "deny" });
    expect(met.auth.refusals).toContain(back.searchParams.get("error"));
    met.service.linkedin.products = ["openid", "profile"];
    const lacking = await consent(met, met.auth, linkedinClient);
    expect(lacking.back.searchParams.get("error")).toBe("unauthorized_scope_error");
  });
});

describe("a partner's refresh token", () => {
  it("is the same each time, ends a year after the sign-in, and takes the access token with it", async () => {
    const met = await atLinkedIn();
    met.service.linkedin.isPartner = true;
    const first = await met.signIn();
    expect(first).toMatchObject({ expiresInS: 60 * dayS, refreshExpiresInS: 365 * dayS });
    met.clock.pass(59 * dayMs);
    const second = await refresh(met, met.auth, linkedinClient, first.refreshToken);
    expect(second).toMatchObject({ expiresInS: 60 * dayS, refreshExpiresInS: 306 * dayS });
    met.clock.pass(301 * dayMs);
    const third = await refresh(met, met.auth, linkedinClient, first.refreshToken);
    expect(third).toMatchObject({ expiresInS: 5 * dayS, refreshExpiresInS: 5 * dayS });
    await met.check(met.by(third.accessToken));
    met.clock.pass(5 * dayMs);
    await expect(refresh(met, met.auth, linkedinClient, first.refreshToken)).rejects.toMatchObject({
      kind: "grant-dead",
    });
  });

  it("that was revoked is dead, though LinkedIn does not call it invalid_grant", async () => {
    const met = await atLinkedIn();
    met.service.linkedin.isPartner = true;
    const { refreshToken } = await met.signIn();
    met.service.oauth?.revokeGrants();
    await expect(refresh(met, met.auth, linkedinClient, refreshToken)).rejects.toMatchObject({
      kind: "grant-dead",
      code: "invalid_request",
    });
  });
});

describe("the check at LinkedIn", () => {
  it("is not put off by a token that has not spread yet, and is by one that was revoked", async () => {
    const { service, signIn, failureOf, check, clock, by } = await atLinkedIn();
    service.linkedin.spreadingMs = 10 * secondMs;
    const { accessToken } = await signIn();
    expect((await failureOf(by(accessToken, 0))).kind).toBe("unavailable");
    clock.pass(9 * secondMs);
    expect((await failureOf(by(accessToken, 9 * secondMs))).kind).toBe("unavailable");
    clock.pass(secondMs);
    await check(by(accessToken, 10 * secondMs));
    service.oauth?.revokeGrants();
    expect((await failureOf(by(accessToken))).kind).toBe("reauthorize");
  });

  it("does without a picture, without an e-mail address, and with a locale that is no text", async () => {
    const met = await atLinkedIn();
    const given = await consent(met, met.auth, linkedinClient, { decision: "allow", account: "91cc-uRb" });
    const { accessToken } = await exchange(met, met.auth, linkedinClient, given);
    expect(await met.check(met.by(accessToken))).toEqual({ id: "91cc-uRb", label: "Tom Wells" });
  });

  it("says what a scope that was left out prevents", async () => {
    const { service, signIn, failureOf, by } = await atLinkedIn();
    service.oauth?.removeScope("profile");
    const { accessToken, scopes } = await signIn();
    expect(scopes).not.toContain("profile");
    expect((await failureOf(by(accessToken))).kind).toBe("forbidden");
  });

  it.each(["APPLICATION DAY", "MEMBER DAY"] as const)(
    "waits for midnight where the %s quota is used up",
    async (day) => {
      const { service, signIn, failureOf, by } = await atLinkedIn();
      const { accessToken } = await signIn();
      service.linkedin.throttle = day;
      const { kind, retryAt } = await failureOf(by(accessToken));
      expect(kind).toBe("rate-limited");
      expect(retryAt!.getTime() % dayMs).toBe(0);
    },
  );
});

describe("LinkedIn's versioned interface", () => {
  const restli = { "x-restli-protocol-version": "2.0.0" };

  it.each([
    ["no version", restli, "rejected"],
    ["a version that was switched off", { ...restli, "linkedin-version": "202508" }, "unavailable"],
    ["a version of the future", { ...restli, "linkedin-version": "202609" }, "unavailable"],
    ["another protocol", { "linkedin-version": "202608" }, "rejected"],
    ["everything right, for a member's post", { ...restli, "linkedin-version": "202509" }, "forbidden"],
  ])("answers %s", async (_, headers, kind) => {
    const { signIn, callWith, by } = await atLinkedIn();
    const { accessToken } = await signIn();
    const read = callWith(by(accessToken)).http.json({ url: "rest/posts", headers }, anything);
    await expect(read).rejects.toMatchObject({ kind });
  });

  it("retires versions as time goes by, and nobody has to sign in again for that", async () => {
    const { signIn, callWith, by, clock } = await atLinkedIn();
    const headers = { ...restli, "linkedin-version": "202609" };
    clock.at = Date.UTC(2027, 7, 1);
    const { accessToken } = await signIn();
    const ask = () => callWith(by(accessToken)).http.json({ url: "rest/posts", headers }, anything);
    await expect(ask()).rejects.toMatchObject({ kind: "forbidden" });
    clock.at = Date.UTC(2027, 8, 1);
    await expect(ask()).rejects.toMatchObject({ kind: "unavailable", message: expect.stringContaining("version") });
  });
});
