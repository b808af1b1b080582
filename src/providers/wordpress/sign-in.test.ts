// WordPress's sign-in, over HTTP, against a pretend site in a folder.
import { expect, it } from "vitest";
import { meetSimulator } from "#sandbox/testing/meet-simulator.ts";
import { Secret } from "#vault/secret.ts";
import { wordpress } from "./index.ts";
import { wordpressSimulator } from "./simulator.ts";

async function atWordPress() {
  const met = await meetSimulator(wordpressSimulator, wordpress);
  const { site } = met.service;
  const config = met.provider.config!.parse({});
  /** With what the site's page shows now. */
  const ana = (secret = site.users[0]?.applicationPasswords[0] ?? "") => ({
    secret: new Secret(secret),
    place: { kind: "basic" as const, userName: "ana" },
    config,
  });
  return { ...met, site, ana };
}

it("finds the pretend site with nothing entered, signs in, and asks once from then on", async () => {
  const { check, ana, site, service } = await atWordPress();
  const account = await check(ana());
  expect(account).toMatchObject({
    label: expect.stringContaining("Ana Author at 127.0.0.1"),
    kept: { rest_root: `${site.home}/wp-json/` },
  });
  service.log.clear();
  expect(await check({ ...ana(), kept: account.kept ?? {} })).toEqual(account);
  expect(service.log.entries).toHaveLength(1);
});

it("is mended with the new password after the old one was taken back, and that outlives a restart", async () => {
  const { check, failureOf, ana, service } = await atWordPress();
  const old = ana();
  const { id } = await check(old);
  service.revokeCredentials();
  expect((await failureOf(old)).kind).toBe("reauthorize");
  expect(service.notes?.join()).toContain(service.site.users[0]?.applicationPasswords[0]);
  expect((await check(ana())).id).toBe(id);

  const restarted = wordpressSimulator({ origin: service.origin });
  restarted.restore(JSON.parse(JSON.stringify(service.save())));
  expect(restarted.site.users).toEqual(service.site.users);
  restarted.restore({ memory: "nonsense" });
  expect(restarted.site.users).toEqual(service.site.users);
});

it("does not lose the connection while the site is down, whatever it answers then", async () => {
  const { check, failureOf, ana, service, site } = await atWordPress();
  service.setDown("api");
  expect((await failureOf(ana())).kind).toBe("unavailable");
  service.setDown();
  for (const inFront of ["challenge", "maintenance", "fatal-error"] as const) {
    site.inFront = inFront;
    expect((await failureOf(ana())).kind).toBe("unavailable");
  }
  site.inFront = "nothing";
  for (const fault of [{ loseAnswer: true }, { cutAfter: 10 }, { corrupt: true }]) {
    service.faults.always(fault);
    expect((await failureOf(ana())).kind).not.toBe("reauthorize");
    service.faults.clear();
  }
  await check(ana());
});

it("is not confused by warnings of PHP before an answer", async () => {
  const { failureOf, ana, site } = await atWordPress();
  site.phpWarnings = true;
  expect((await failureOf(ana())).kind).toBe("rejected");
});
