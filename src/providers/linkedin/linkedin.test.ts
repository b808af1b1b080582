import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { answerOf, callInto, failureOf } from "#provider-kit/testing/first-call.ts";
import { linkedin } from "./index.ts";

const provider = linkedin();

/** A check whose other end gives this one answer, signed with a token of this age. */
const checkAnswered = (answer: Response, tokenAgeMs = 3_600_000) =>
  provider.check(
    callInto(
      provider,
      { "https://api.linkedin.com": async () => answer },
      { config: {}, authorization: "Bearer x", tokenAgeMs },
    ),
  );

describe("the check", () => {
  it.each([
    [
      "everything",
      { sub: "782bbtaQ", name: "Ana Abel", locale: { country: "US", language: "en" }, email: "a@example.org" },
      "Ana Abel",
    ],
    ["no name", { sub: "782bbtaQ", email: "a@example.org" }, "a@example.org"],
    ["the id alone", { sub: "782bbtaQ", locale: "en_US" }, "LinkedIn member"],
    ["a name in two lines", { sub: "782bbtaQ", name: "Ana\nAbel\u0000" }, "Ana Abel"],
  ])("tells the account where the answer has %s", async (_, reply, label) => {
    expect(await checkAnswered(Response.json(reply))).toEqual({ id: "782bbtaQ", label });
  });

  it.each([{}, { sub: "" }, { sub: "a b" }, { sub: 7 }, []])("takes %j for no account", async (reply) => {
    await expect(checkAnswered(Response.json(reply))).rejects.toMatchObject({ kind: "unexpected-reply" });
  });
});

describe("LinkedIn's failures", () => {
  beforeEach(() => void vi.useFakeTimers({ now: new Date("2026-08-21T22:30:00Z"), toFake: ["Date"] }));
  afterEach(() => void vi.useRealTimers());

  const failed = (status: number, body: unknown, tokenAgeMs?: number) =>
    failureOf(checkAnswered(answerOf(status, body), tokenAgeMs));
  const revoked = { status: 401, serviceErrorCode: 65601, code: "REVOKED_ACCESS_TOKEN", message: "revoked" };

  it("is patient with a token that was just issued, and not with the same answer an hour later", async () => {
    expect(await failed(401, revoked, 2_000)).toMatchObject({
      kind: "unavailable",
      retryAt: new Date("2026-08-21T22:30:05Z"),
    });
    expect(await failed(401, revoked, 59_000)).toMatchObject({ kind: "unavailable" });
    expect(await failed(401, revoked, 61_000)).toMatchObject({ kind: "reauthorize" });
  });

  it.each([
    { code: "INVALID_ACCESS_TOKEN", serviceErrorCode: 65600 },
    { code: "EXPIRED_ACCESS_TOKEN", serviceErrorCode: 65602 },
    { message: "Empty oauth2_access_token" },
    "<html>",
  ])("takes another 401 at its word, however new the token is: %j", async (body) => {
    expect(await failed(401, body, 1_000)).toMatchObject({ kind: "reauthorize" });
  });

  it("says that a product of the app is missing", async () => {
    const body = {
      status: 403,
      serviceErrorCode: 100,
      code: "ACCESS_DENIED",
      message: "Not enough permissions to access: userinfo.GET.NO_VERSION",
    };
    expect(await failed(403, body)).toMatchObject({ kind: "forbidden", message: expect.stringContaining("products") });
  });

  it("does not blame a person's sign-in for a version of the interface that is switched off", async () => {
    const body = { status: 426, code: "NONEXISTENT_VERSION", message: "Requested version 20241101 is not active" };
    expect(await failed(426, body)).toMatchObject({ kind: "unavailable", retryAt: new Date("2026-08-21T23:30:00Z") });
  });

  it.each([
    ["APPLICATION DAY", "2026-08-22T00:00:00Z"],
    ["MEMBER DAY", "2026-08-22T00:00:00Z"],
    ["SHORT TERM", "2026-08-21T22:31:00Z"],
  ])("waits for the end of a throttle: %s", async (throttle, retryAt) => {
    const message = `Resource level throttle ${throttle} limit for calls to this resource is reached.`;
    expect(await failed(429, { status: 429, serviceErrorCode: 101, message })).toMatchObject({
      kind: "rate-limited",
      retryAt: new Date(retryAt),
    });
  });

  it.each([
    [500, "unavailable"],
    [504, "unavailable"],
    [404, "not-found"],
    [422, "rejected"],
    [403, "forbidden"],
  ])("leaves a plain %i to its status: %s", async (status, kind) => {
    for (const body of ["<html>", "", { message: 7, code: null }])
      expect(await failed(status, body)).toMatchObject({ kind });
  });
});
