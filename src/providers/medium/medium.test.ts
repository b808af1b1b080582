import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { callInto } from "#provider-kit/testing/first-call.ts";
import { medium } from "./index.ts";
import { answer, newMedium } from "./simulated-api.ts";

const provider = medium();

/** A Medium that can be changed, and a check that speaks to it. */
function aMedium({ authorization = "Bearer simulated-medium-token" }: { authorization?: string } = {}) {
  const state = newMedium();
  const host = async (request: Request) => {
    const { pathname, searchParams } = new URL(request.url);
    return answer(state, { method: request.method, path: pathname, query: searchParams, headers: request.headers });
  };
  const call = callInto(provider, { "https://api.medium.com": host }, { config: {}, authorization });
  const failure = () =>
    provider.check(call).then(
      () => ({ kind: "none" }),
      (error: { kind: string; message: string; retryAt?: Date }) => error,
    );
  return { state, author: state.authors[0]!, call, check: () => provider.check(call), failure };
}

it("says before anybody connects that new tokens cannot be had", () => {
  expect(provider.legacy).toContain("integration tokens to nearly nobody");
  expect(provider.setup?.bearer?.[0]).toContain("can no longer be had");
});

it("tells the account, and sends the token in the header alone", async () => {
  const { check, call, author } = aMedium();
  expect(await check()).toEqual({ id: author.id, label: "@ana" });
  expect(call.asked).toEqual(["GET https://api.medium.com/v1/me signed"]);
});

describe("Medium's failures", () => {
  const at = new Date("2026-08-21T12:00:00Z");
  beforeEach(() => void vi.useFakeTimers({ now: at, toFake: ["Date"] }));
  afterEach(() => void vi.useRealTimers());

  it("asks for another token where this one is wrong or revoked", async () => {
    expect(await aMedium({ authorization: "Bearer wrong" }).failure()).toMatchObject({ kind: "reauthorize" });
    const { author, failure, check } = aMedium();
    await check();
    author.tokens = [];
    expect(await failure()).toMatchObject({ kind: "reauthorize", message: expect.stringContaining("revoked") });
  });

  it("does not cost the connection when the guard in front of Medium turns it away", async () => {
    const { state, failure, check } = aMedium();
    state.challenges = true;
    expect(await failure()).toMatchObject({
      kind: "unavailable",
      message: expect.stringContaining("nothing about the token"),
      retryAt: new Date("2026-08-21T13:00:00Z"),
    });
    state.challenges = false;
    expect((await check()).label).toBe("@ana");
  });

  it("tells a missing right from a bad token", async () => {
    const { author, failure, call, check } = aMedium();
    await check();
    const publications = call.http.json({ url: `v1/users/${author.id}/publications` }, { parse: (value) => value });
    await expect(publications).rejects.toMatchObject({ kind: "forbidden" });
    author.tokens = author.tokens.map(({ token }) => ({ token, scopes: [] }));
    expect(await failure()).toMatchObject({ kind: "forbidden" });
  });

  it.each([
    ["account-closed", "account"],
    ["application-closed", "application"],
  ] as const)("says what was closed: %s", async (closed, words) => {
    const { author, failure } = aMedium();
    author.state = closed;
    expect(await failure()).toMatchObject({ kind: "reauthorize", message: expect.stringContaining(words) });
  });

  it.each([403, 429])("comes back a day later when %i says that enough was posted today", (status) => {
    const body = { errors: [{ message: "User has reached the rate limit for publishing today.", code: -1 }] };
    expect(provider.explain?.({ status, headers: new Headers(), body })).toMatchObject({
      kind: "rate-limited",
      retryAt: new Date("2026-08-22T12:00:00Z"),
    });
  });

  it.each([
    [403, { errors: [{ message: "Forbidden" }] }],
    [401, "<html>"],
    [401, { errors: [] }],
    [404, { errors: [{ message: "Not found" }] }],
    [500, "<html>"],
  ])("leaves a plain %i to its status: %j", (status, body) => {
    expect(provider.explain?.({ status, headers: new Headers(), body })).toBeUndefined();
  });

  it.each([{}, { data: null }, { data: { id: "a b", username: "ana" } }, { data: { id: "1" } }])(
    "takes %j for no account",
    async (reply) => {
      const network = { "https://api.medium.com": async () => Response.json(reply) };
      const check = provider.check(callInto(provider, network, { config: {} }));
      await expect(check).rejects.toMatchObject({ kind: "unexpected-reply" });
    },
  );
});
