// Google's sign-in, over HTTP, against a pretend Google that keeps Google's rules.
import { describe, expect, it } from "vitest";
import { credentialRequest } from "#domain/connections/tokens/obtain.ts";
import { requestToken, revokeToken } from "#outbound/token-endpoint.ts";
import { sealableFields } from "#provider-kit/credential.ts";
import { consent, exchange, meetSimulator, personsWay, refresh } from "#sandbox/testing/meet-simulator.ts";
import { Secret } from "#vault/secret.ts";
import type { Config } from "./config.ts";
import { googleDrive } from "./index.ts";
import { googleClient, googleDriveSimulator } from "./simulator.ts";

const dayMs = 86_400_000;

async function atGoogle(config: Config = {}) {
  const met = await meetSimulator(googleDriveSimulator, googleDrive);
  const auth = personsWay(met.provider, config);
  const signIn = async (way = auth, account?: string) =>
    exchange(
      met,
      auth,
      googleClient,
      await consent(met, way, googleClient, { decision: "allow", ...(account && { account }) }),
    );
  const by = (secret: Secret) => ({ secret, config });
  /** A token for the service account. `keyFile` is another one than it has. */
  const asRobot = (now: Date, keyFile = met.service.keyFile()) => {
    const way = met.provider.auth(config).find(({ type }) => type === "service_account");
    if (way?.type !== "service_account") throw new Error("it has no service account");
    const fields = Object.entries(sealableFields(way, { key_file: keyFile }));
    const sealed = Object.fromEntries(fields.map(([name, value]) => [name, new Secret(value)]));
    return requestToken(met.outbound, credentialRequest(way, sealed, now));
  };
  return { ...met, auth, signIn, by, asRobot };
}

describe("signing in at Google", () => {
  it("gives an hour, and a refresh token that stays the same", async () => {
    const { signIn, check, by, clock, ...met } = await atGoogle();
    const first = await signIn();
    expect(first).toMatchObject({ expiresInS: 3599, refreshToken: expect.any(Secret) });
    clock.pass(3_599_000);
    const second = await refresh(met, met.auth, googleClient, first.refreshToken);
    expect(second.refreshToken).toBeUndefined();
    expect(await check(by(second.accessToken))).toEqual({ id: "04410000000000000001", label: "ana@acme.test" });
    await refresh(met, met.auth, googleClient, first.refreshToken);
  });

  it("gives no second refresh token to who does not ask for consent: we always do", async () => {
    const { signIn, auth } = await atGoogle();
    await signIn();
    expect((await signIn()).refreshToken).toBeDefined();
    const quiet = { ...auth, authorizeParams: { access_type: "offline" } };
    expect((await signIn(quiet)).refreshToken).toBeUndefined();
    const online = { ...auth, authorizeParams: { prompt: "consent" } };
    expect((await signIn(online)).refreshToken).toBeUndefined();
  });

  it("ends after seven days while the app's consent screen is in testing", async () => {
    const { signIn, clock, service, ...met } = await atGoogle();
    const { refreshToken } = await signIn();
    service.google.testing = true;
    clock.pass(7 * dayMs - 1);
    await refresh(met, met.auth, googleClient, refreshToken);
    clock.pass(1);
    await expect(refresh(met, met.auth, googleClient, refreshToken)).rejects.toMatchObject({ kind: "grant-dead" });
  });

  it("ends after half a year of disuse, and not before the days that the description tells", async () => {
    const { signIn, clock, ...met } = await atGoogle();
    const { refreshToken } = await signIn();
    clock.pass((met.auth.idleDays ?? 0) * dayMs);
    await refresh(met, met.auth, googleClient, refreshToken);
    clock.pass(182 * dayMs);
    await expect(refresh(met, met.auth, googleClient, refreshToken)).rejects.toMatchObject({ kind: "grant-dead" });
  });

  it("ends without a word when the same person has signed in a hundred times more", async () => {
    const { signIn, ...met } = await atGoogle();
    const [mine, others] = [await signIn(), await signIn(undefined, "04410000000000000002")];
    for (let times = 0; times < 99; times++) await signIn();
    await refresh(met, met.auth, googleClient, mine.refreshToken);
    await signIn();
    await expect(refresh(met, met.auth, googleClient, mine.refreshToken)).rejects.toMatchObject({
      kind: "grant-dead",
      description: "Token has been expired or revoked.",
    });
    await refresh(met, met.auth, googleClient, others.refreshToken);
  });

  it("needs a person where the permission was not ticked", async () => {
    const { signIn, failureOf, by, service, auth } = await atGoogle();
    service.oauth?.removeScope(auth.scopes[0] ?? "");
    const { accessToken, scopes } = await signIn();
    // An empty list counts as none (RFC 6749 3.2): only the check finds out.
    expect(scopes).toBeUndefined();
    expect(await failureOf(by(accessToken))).toMatchObject({ kind: "reauthorize" });
  });

  it("is ended by giving either token back; a token that is not known is as good as given back", async () => {
    const { signIn, auth, outbound, ...met } = await atGoogle();
    const { accessToken, refreshToken } = await signIn();
    const about = { url: auth.revokeUrl ?? "", token: accessToken, hint: "access_token" as const };
    expect(await revokeToken(outbound, about)).toBe("revoked");
    await expect(refresh({ outbound, ...met }, auth, googleClient, refreshToken)).rejects.toMatchObject({
      kind: "grant-dead",
    });
    expect(await revokeToken(outbound, about)).toBe("unknown-token");
  });
});

describe("the check at Google", () => {
  it("tells a missing sign-in from one that is over", async () => {
    const { failureOf, by, callWith, signIn, clock } = await atGoogle();
    const { accessToken } = await signIn();
    clock.pass(3_599_000);
    expect(await failureOf(by(accessToken))).toMatchObject({ kind: "reauthorize" });
    const unsigned = callWith(by(accessToken)).http.json({ url: "drive/v3/about", unsigned: true }, { parse: String });
    await expect(unsigned).rejects.toMatchObject({ kind: "forbidden" });
  });

  it("would be refused without naming what it wants to know", async () => {
    const { callWith, by, signIn } = await atGoogle();
    const { accessToken } = await signIn();
    const asked = callWith(by(accessToken)).http.json({ url: "drive/v3/about" }, { parse: String });
    await expect(asked).rejects.toMatchObject({ kind: "rejected" });
  });
});

describe("a service account", () => {
  it("gets a token with its key file, and no refresh token: the next one is asked for in the same way", async () => {
    const { asRobot, check, by, clock } = await atGoogle();
    const first = await asRobot(clock.now());
    expect(first).toMatchObject({ expiresInS: 3599 });
    expect(first.refreshToken).toBeUndefined();
    expect(await check(by(first.accessToken))).toMatchObject({ label: "hawser@sandbox.iam.gserviceaccount.test" });
    clock.pass(3_600_000);
    await check(by((await asRobot(clock.now())).accessToken));
  });

  it("acts for a person of the Workspace, where that lets it", async () => {
    const { asRobot, check, by, clock, service } = await atGoogle({ acts_for: "ben@acme.test" });
    expect(await check(by((await asRobot(clock.now())).accessToken))).toMatchObject({ label: "ben@acme.test" });
    service.google.delegated = false;
    await expect(asRobot(clock.now())).rejects.toMatchObject({ kind: "app", code: "unauthorized_client" });
  });

  it("acts for nobody whom the Workspace does not know", async () => {
    const { asRobot, clock } = await atGoogle({ acts_for: "eve@acme.test" });
    await expect(asRobot(clock.now())).rejects.toMatchObject({ kind: "grant-dead", code: "invalid_grant" });
  });

  it("is not lost by a clock of ours that is wrong", async () => {
    const { asRobot, clock } = await atGoogle();
    for (const offMs of [-2 * 3_600_000, 600_000]) {
      const wrong = new Date(clock.at + offMs);
      await expect(asRobot(wrong)).rejects.toMatchObject({ kind: "temporary", code: "invalid_grant" });
    }
    await asRobot(new Date(clock.at - 30_000));
  });

  it("SR-43 is not led elsewhere by its key file, whatever address that names", async () => {
    const { asRobot, clock, service, check, by } = await atGoogle();
    const file = JSON.parse(service.keyFile());
    const answer = await asRobot(
      clock.now(),
      JSON.stringify({ ...file, token_uri: "https://evil.test/token", universe_domain: "evil.test" }),
    );
    await check(by(answer.accessToken));
  });

  it("is refused with another key", async () => {
    const { asRobot, clock, service } = await atGoogle();
    const other = googleDriveSimulator({ origin: "http://127.0.0.1:1/other" });
    const file = { ...JSON.parse(service.keyFile()), private_key: JSON.parse(other.keyFile()).private_key };
    await expect(asRobot(clock.now(), JSON.stringify(file))).rejects.toMatchObject({ kind: "grant-dead" });
  });
});
