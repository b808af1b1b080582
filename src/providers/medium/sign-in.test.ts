// Medium's sign-in, over HTTP.
import { expect, it } from "vitest";
import { meetSimulator } from "#sandbox/testing/meet-simulator.ts";
import { Secret } from "#vault/secret.ts";
import { medium } from "./index.ts";
import { mediumSimulator } from "./simulator.ts";

async function atMedium() {
  const met = await meetSimulator(mediumSimulator, medium);
  const { authors } = met.service.medium;
  const by = (token = authors[0]?.tokens[0]?.token ?? "") => ({ secret: new Secret(token), config: undefined });
  return { ...met, by };
}

it("is mended with another token after the old one was revoked, and that outlives a restart", async () => {
  const { check, failureOf, by, service } = await atMedium();
  const old = by();
  const { id, label } = await check(old);
  expect(label).toBe("@ana");
  service.revokeCredentials();
  expect((await failureOf(old)).kind).toBe("reauthorize");
  expect(service.notes?.join()).toContain(service.medium.authors[0]?.tokens[0]?.token);
  expect((await check(by())).id).toBe(id);

  const restarted = mediumSimulator({ origin: service.origin });
  restarted.restore(JSON.parse(JSON.stringify(service.save())));
  expect(restarted.medium.authors).toEqual(service.medium.authors);
  restarted.restore({ memory: { x: 1 } });
  expect(restarted.medium.authors).toEqual(service.medium.authors);
});

it("does not lose the connection while Medium is down or takes us for a machine", async () => {
  const { check, failureOf, by, service } = await atMedium();
  service.setDown("all");
  expect((await failureOf(by())).kind).toBe("unavailable");
  service.setDown();
  service.medium.challenges = true;
  expect((await failureOf(by())).kind).toBe("unavailable");
  service.medium.challenges = false;
  await check(by());
});
