import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { answerOf, callInto, failureOf } from "#provider-kit/testing/first-call.ts";
import { x } from "./index.ts";

const provider = x();
const minuteMs = 60_000;

/** A check whose other end gives this one answer. */
const checkAnswered = (answer: Response) =>
  provider.check(
    callInto(provider, { "https://api.x.com": async () => answer }, { config: {}, authorization: "Bearer x" }),
  );

describe("the check", () => {
  it("tells the account by an id that no number can hold", async () => {
    const reply =
      '{"data":{"id":"9223372036854775807","name":"Ana","username":"ana_2"},"errors":[{"title":"partial"}]}';
    expect(await checkAnswered(new Response(reply))).toEqual({ id: "9223372036854775807", label: "@ana_2" });
  });

  it.each([
    ["a number for an id", { data: { id: 22, name: "Ana", username: "ana" } }],
    ["a name that is none", { data: { id: "22", name: "Ana", username: "a\nb" } }],
    ["only errors", { errors: [{ title: "Not Found Error" }] }],
  ])("takes %s for no account", async (_, reply) => {
    await expect(checkAnswered(Response.json(reply))).rejects.toMatchObject({ kind: "unexpected-reply" });
  });
});

describe("X's failures", () => {
  const at = new Date("2026-08-21T12:00:00Z");
  beforeEach(() => void vi.useFakeTimers({ now: at, toFake: ["Date"] }));
  afterEach(() => void vi.useRealTimers());

  const failed = (...answer: Parameters<typeof answerOf>) => failureOf(checkAnswered(answerOf(...answer)));
  const problem = (name: string, host = "api.x.com") => `https://${host}/2/problems/${name}`;
  const inMinutes = (minutes: number) => new Date(at.getTime() + minutes * minuteMs);
  const seconds = (when: Date) => String(when.getTime() / 1000);

  it.each([
    [401, "reauthorize", { title: "Unauthorized", type: "about:blank", status: 401, detail: "Unauthorized" }],
    [402, "unavailable", { type: problem("credits"), title: "CreditsDepleted" }],
    [402, "unavailable", ""],
    [403, "unavailable", { type: problem("credits", "api.twitter.com"), title: "CreditsDepleted" }],
    [403, "forbidden", { title: "Forbidden", type: "about:blank", status: 403, detail: "Something new" }],
    [403, "forbidden", { title: "Client Forbidden", type: problem("client-forbidden"), reason: "client-not-enrolled" }],
    [
      403,
      "forbidden",
      {
        type: problem("unsupported-authentication"),
        detail: "Authenticating with OAuth 2.0 Application-Only is forbidden for this endpoint.",
      },
    ],
    [
      403,
      "unavailable",
      {
        type: problem("unsupported-authentication", "api.twitter.com"),
        detail: "Authenticating with Unknown is forbidden for this endpoint.",
      },
    ],
    [404, "not-found", { type: problem("resource-not-found"), title: "Not Found Error" }],
    [429, "rate-limited", { title: "Too Many Requests", type: "about:blank", status: 429 }],
    [429, "rate-limited", { errors: [{ code: 88, message: "Rate limit exceeded" }] }],
    [400, "rate-limited", { errors: [{ code: 88, message: "Rate limit exceeded" }] }],
    [400, "rejected", { type: problem("invalid-request"), errors: [{ message: "x", parameters: {} }] }],
    [400, "rejected", { type: 7, errors: "none", detail: null }],
    [503, "unavailable", "<html>over capacity</html>"],
    [500, "unavailable", ""],
    [403, "forbidden", '{"type":"https://api'],
  ] as const)("%i is %s: %j", async (status, kind, body) => {
    expect(await failed(status, body)).toMatchObject({ kind });
  });

  it("says what the operator has to do where the app has no credits, and nobody is asked to sign in again", async () => {
    const failure = await failed(402, { type: problem("credits"), detail: "Your enrolled account [1] does not…" });
    expect(failure).toMatchObject({ kind: "unavailable", message: expect.stringContaining("credits") });
    expect(failure).toMatchObject({ retryAt: inMinutes(60) });
  });

  it("waits for the last of the limits that are used up, and not for those that are not", async () => {
    const reset = (limit: string, remaining: string, when: Date) => ({
      [`${limit}-remaining`]: remaining,
      [`${limit}-reset`]: seconds(when),
    });
    const short = reset("x-rate-limit", "0", inMinutes(10));
    const long = reset("x-user-limit-24hour", "0", inMinutes(90));
    const unused = reset("x-app-limit-24hour", "9000", inMinutes(300));
    expect(await failed(429, {}, { ...short, ...unused })).toMatchObject({ retryAt: inMinutes(10) });
    expect(await failed(429, {}, { ...short, ...long, ...unused })).toMatchObject({ retryAt: inMinutes(90) });
  });

  it.each([
    ["nothing", {}, 15],
    ["nonsense", { "x-rate-limit-remaining": "0", "x-rate-limit-reset": "soon" }, 15],
    ["a moment that has passed", { "x-rate-limit-remaining": "0", "x-rate-limit-reset": "1000" }, 1],
    ["next century", { "x-rate-limit-remaining": "0", "x-rate-limit-reset": "9999999999" }, 24 * 60],
  ])("waits a sensible time where the headers tell %s", async (_, headers, minutes) => {
    expect(await failed(429, {}, headers)).toMatchObject({ retryAt: inMinutes(minutes) });
  });

  it("tells the monthly cap from the limits of minutes", async () => {
    expect(await failed(429, { type: problem("usage-capped") })).toMatchObject({ retryAt: inMinutes(24 * 60) });
  });

  it("SR-75 shows nothing of the answer to people", async () => {
    for (const status of [400, 401, 402, 403, 429, 500]) {
      const failure = await failed(status, {
        type: problem("x"),
        title: "leak",
        detail: "leak",
        errors: [{ message: "leak" }],
      });
      expect(JSON.stringify([failure, String(failure)])).not.toContain("leak");
    }
  });
});
