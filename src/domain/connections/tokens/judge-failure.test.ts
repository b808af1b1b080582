import { describe, expect, it } from "vitest";
import { backoffMs, judgeFailure, type RefreshFailure } from "./judge-failure.ts";

const now = new Date("2026-11-21T12:00:00Z");
const HOUR = 60 * 60_000;
const ago = (ms: number) => new Date(now.getTime() - ms);
const living = { failures: 0, failingSince: undefined, expiresAt: ago(-HOUR), hasAccess: true };
const over = { ...living, expiresAt: ago(1) };

type About = Parameters<typeof judgeFailure>[1];
const judge = (failure: Partial<RefreshFailure>, about: Partial<About> = {}) =>
  judgeFailure(
    { kind: "temporary", unclear: false, ...failure },
    { name: "Drive", now, tokens: living, maybeSpent: false, needsPerson: true, chance: 1, ...about },
  );

it("SR-40 takes a dead grant for lost, and looks again after an hour at the earliest", () => {
  expect(judge({ kind: "grant-dead", code: "invalid_grant", description: "Token has been revoked." })).toEqual({
    status: "needs_authorization",
    trouble: {
      kind: "reauthorize",
      message: "Drive no longer accepts this sign-in (invalid_grant: Token has been revoked.). Authorize again.",
      at: now.toISOString(),
    },
    retryAt: ago(-HOUR),
  });
});

it("names the one moment in which an answer can be lost, where that may be the reason", () => {
  const { trouble } = judge({ kind: "grant-dead" }, { maybeSpent: true });
  expect(trouble.message).toContain("when Hawser was stopped or the answer was lost");
});

it("asks nobody to authorize again where the OAuth client is at fault", () => {
  const { status, trouble, retryAt } = judge({ kind: "app", code: "invalid_client" });
  expect([status, trouble.kind]).toEqual(["error", "rejected"]);
  expect(trouble.message).toContain("nobody has to authorize again");
  expect(retryAt.getTime()).toBeLessThanOrEqual(now.getTime() + 15 * 60_000);
});

it("takes a refused OAuth client for a wrong credential where it is the connection's own", () => {
  const own = { needsPerson: false };
  expect(judge({ kind: "app", code: "invalid_client" }, own)).toMatchObject({
    status: "needs_authorization",
    trouble: { message: "Drive does not accept this credential (invalid_client). Enter it again." },
  });
  expect(judge({ kind: "app", code: "invalid_scope" }, own)).toMatchObject({ status: "error" });
});

describe("a temporary failure", () => {
  it("changes nothing while the token lives, nor before the third try", () => {
    expect(judge({}, { tokens: { ...living, failures: 50 } }).status).toBeUndefined();
    expect([0, 1, 2, 3].map((failures) => judge({}, { tokens: { ...over, failures } }).status)).toEqual([
      undefined,
      undefined,
      "error",
      "error",
    ]);
  });

  it("never costs the connection, however long it lasts", () => {
    const tokens = { ...over, failures: 500, failingSince: ago(30 * 24 * HOUR) };
    expect(judge({}, { tokens }).status).toBe("error");
  });

  it("is tried again after 1 s to 15 min, and not before the provider wants it", () => {
    expect([1, 2, 3, 4, 50].map((failures) => backoffMs(failures, 1))).toEqual([1000, 2000, 4000, 8000, 900_000]);
    expect(backoffMs(3, 0)).toBe(2000);
    expect(judge({ retryAt: ago(-2 * HOUR) }).retryAt).toEqual(ago(-2 * HOUR));
    expect(judge({ retryAt: ago(HOUR) }).retryAt).toEqual(ago(-1000));
  });

  it("is remembered where the provider may have replaced the refresh token without our knowing", () => {
    expect(judge({ unclear: true }).trouble.unclear).toBe(true);
    expect(judge({}, { maybeSpent: true }).trouble.unclear).toBe(true);
    expect(judge({}).trouble.unclear).toBeUndefined();
  });
});

it("takes an unknown failure for temporary, for ten tries or a day", () => {
  const unknown = { kind: "unknown" as const, code: "strange" };
  expect(judge(unknown, { tokens: { ...over, failures: 8, failingSince: ago(23 * HOUR) } }).status).toBe("error");
  expect(judge(unknown, { tokens: { ...over, failures: 9 } }).status).toBe("needs_authorization");
  const aDay = { ...living, failures: 1, failingSince: ago(24 * HOUR) };
  expect(judge(unknown, { tokens: aDay }).status).toBe("needs_authorization");
});

it("SR-75 cuts what the provider says", () => {
  const { message } = judge({ kind: "grant-dead", description: "x".repeat(5_000) }).trouble;
  expect(message.length).toBeLessThan(400);
});
