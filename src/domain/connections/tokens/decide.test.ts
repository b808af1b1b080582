import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decide, type Means, marginMs } from "./decide.ts";
import { type LeaseFacts, type TokenFacts, type TokenState, versionName, type Want } from "./token-state.ts";

const now = new Date("2026-11-21T12:00:00Z");
const in_ = (minutes: number) => new Date(now.getTime() + minutes * 60_000);
const means: Means = { needsPerson: true, refreshes: true, longestMs: 35_000 };
const call: Want = { for: "call" };
const renewal: Want = { for: "renewal" };

const facts: TokenFacts = {
  version: "7",
  hasAccess: true,
  hasRefresh: true,
  clientId: "client",
  tokenUrl: "https://a.test/token",
  origins: [],
  scopes: [],
  grantedAt: in_(-10_000),
  obtainedAt: in_(-60),
  expiresAt: in_(30),
  refreshExpiresAt: undefined,
  renewAt: undefined,
  failures: 0,
  failingSince: undefined,
  retryAt: undefined,
  failure: undefined,
};
const state = (tokens: Partial<TokenFacts> = {}, lease?: Partial<LeaseFacts>): TokenState => ({
  now,
  tokens: { ...facts, ...tokens },
  lease: lease && { epoch: "1", heldUntil: undefined, intent: undefined, ...lease },
});
const expired = { expiresAt: in_(-1) };
const intent = (ageMs: number, version = "7") => ({ version, at: "2026-11-21 12:00:00.123456+00", ageMs });

describe("a call", () => {
  it("uses a token that lives, or of which nobody knows how long", () => {
    expect(decide(state(), call, means)).toEqual({ next: "use" });
    expect(decide(state({ expiresAt: undefined }), call, means)).toEqual({ next: "use" });
  });

  it("SR-41 uses one that ends within the margin while a new one is on its way", () => {
    const ending = { expiresAt: in_(4) };
    expect(decide(state(ending), call, means)).toEqual({ next: "use" });
    expect(decide(state(ending), renewal, means)).toEqual({ next: "ask" });
    expect(decide(state({ expiresAt: in_(6) }), renewal, means)).toEqual({ next: "use" });
    expect([marginMs(24 * 60 * 60_000), marginMs(10 * 60_000)]).toEqual([5 * 60_000, 60_000]);
  });

  it("asks for a new one where the stored one has ended, or was refused", () => {
    expect(decide(state(expired), call, means)).toEqual({ next: "ask" });
    expect(decide(state(), { for: "repeat", refused: versionName(facts) }, means)).toEqual({ next: "ask" });
  });

  it("SR-40 does not ask where another token than the refused one is stored by now", () => {
    const refused = versionName({ ...facts, version: "6" });
    expect(decide(state(), { for: "repeat", refused }, means)).toEqual({ next: "use" });
    const ofAnotherGrant = versionName({ ...facts, grantedAt: in_(-1) });
    expect(decide(state(), { for: "repeat", refused: ofAnotherGrant }, means)).toMatchObject({ next: "use" });
  });

  it("waits for a person where nothing can be renewed", () => {
    expect(decide({ now, tokens: undefined, lease: undefined }, call, means)).toEqual({
      next: "authorize",
      because: "never",
    });
    const without = { ...expired, hasRefresh: false };
    expect(decide(state(without), call, means)).toEqual({ next: "authorize", because: "ended" });
    expect(decide(state(expired), call, { ...means, refreshes: false })).toMatchObject({ because: "ended" });
    expect(decide(state({ hasRefresh: false, expiresAt: in_(1) }), call, means)).toMatchObject({ next: "use" });
  });

  it("needs no person where the credential is enough", () => {
    const alone = { ...means, needsPerson: false, refreshes: false };
    expect(decide({ now, tokens: undefined, lease: undefined }, call, alone)).toEqual({ next: "ask" });
    expect(decide(state({ ...expired, hasRefresh: false }), call, alone)).toEqual({ next: "ask" });
  });
});

describe("after a failure", () => {
  const at = now.toISOString();
  const temporary = { retryAt: in_(2), failure: { kind: "unavailable" as const, message: "down", at } };
  const dead = { retryAt: in_(2), failure: { kind: "reauthorize" as const, message: "gone", at } };

  it("goes on with the token that lives, and asks again when the time has come", () => {
    expect(decide(state({ ...temporary, expiresAt: in_(1) }), call, means)).toEqual({ next: "use" });
    expect(decide(state({ ...temporary, ...expired }), call, means)).toMatchObject({ next: "later", retryAt: in_(2) });
    expect(decide(state({ ...temporary, ...expired, retryAt: in_(-1) }), call, means)).toEqual({ next: "ask" });
  });

  it("SR-40 asks for a dead grant at most once an hour", () => {
    const lost = decide(state({ ...dead, ...expired }), call, means);
    expect(lost).toMatchObject({ next: "authorize", because: "refused", trouble: { message: "gone" } });
    expect(decide(state({ ...dead, ...expired, retryAt: in_(-1) }), call, means)).toEqual({ next: "ask" });
  });
});

describe("SR-39 with several processes", () => {
  it("waits for whoever holds the lease", () => {
    expect(decide(state(expired, { heldUntil: in_(1) }), call, means)).toEqual({ next: "wait" });
    expect(decide(state(expired, { heldUntil: in_(-1) }), call, means)).toEqual({ next: "ask" });
  });

  it("does not send a refresh token again while an abandoned request may still be on its way", () => {
    expect(decide(state(expired, { intent: intent(5_000) }), call, means)).toEqual({ next: "settle", inMs: 30_000 });
    expect(decide(state(expired, { intent: intent(35_000) }), call, means)).toEqual({ next: "ask" });
  });

  it("cares for no intent about a token that has been replaced since, or that spends nothing", () => {
    expect(decide(state(expired, { intent: intent(5_000, "6") }), call, means)).toEqual({ next: "ask" });
    const alone = { ...means, needsPerson: false };
    expect(decide(state(expired, { intent: intent(5_000) }), call, alone)).toEqual({ next: "ask" });
  });
});

describe("a renewal", () => {
  it("asks when it is planned for now, though the token lives", () => {
    expect(decide(state({ renewAt: in_(-1) }), renewal, means)).toEqual({ next: "ask" });
    expect(decide(state({ renewAt: in_(1) }), renewal, means)).toMatchObject({ next: "use" });
    expect(decide(state({ renewAt: in_(-1), retryAt: in_(1) }), renewal, means)).toMatchObject({ next: "use" });
  });
});

it("never takes a living token away from a call, whatever else the rows say", () => {
  const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
  const moment = fc.integer({ min: -100, max: 100 }).map(in_);
  fc.assert(
    fc.property(
      fc.record({ renewAt: optional(moment), retryAt: optional(moment), hasRefresh: fc.boolean() }),
      fc.record({ heldUntil: optional(moment), intent: optional(fc.nat({ max: 90_000 }).map((age) => intent(age))) }),
      fc.integer({ min: 1, max: 100 }).map(in_),
      (tokens, lease, expiresAt) => {
        expect(decide(state({ ...tokens, expiresAt }, lease), call, means).next).toBe("use");
      },
    ),
  );
});
