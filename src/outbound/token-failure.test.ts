import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { TokenErrorMeaning } from "#core/token-answer.ts";
import { classify, cleanText, type TokenRefusal, tellsOutcome } from "./token-failure.ts";

const refusal = (status: number, code?: string, more: Partial<TokenRefusal> = {}): TokenRefusal => ({
  status,
  code,
  description: undefined,
  isPage: false,
  ...more,
});

describe("a refusal at the token endpoint", () => {
  it.each([
    ["grant-dead", "invalid_grant interaction_required consent_required login_required"],
    ["grant-dead", "bad_refresh_token invalid_refresh_token token_revoked token_expired bad_verification_code"],
    ["app", "invalid_client unauthorized_client invalid_scope unsupported_grant_type invalid_request"],
    ["temporary", "temporarily_unavailable server_error slow_down"],
    ["unknown", "something_new INVALID_GRANT constructor __proto__"],
  ])("SR-40 means %s with the codes %s", (kind, codes) => {
    for (const code of codes.split(" ")) expect(classify(refusal(400, code)), code).toBe(kind);
  });

  it.each([
    [400, "unknown"],
    [403, "unknown"],
    [422, "unknown"],
    [401, "app"],
    [404, "app"],
    [405, "app"],
    [301, "app"],
    [307, "app"],
    [408, "temporary"],
    [425, "temporary"],
    [429, "temporary"],
    [500, "temporary"],
    [502, "temporary"],
    [503, "temporary"],
    [504, "temporary"],
    [524, "temporary"],
    [200, "temporary"],
  ])("means by its status alone: %i is %s", (status, kind) => {
    expect(classify(refusal(status))).toBe(kind);
  });

  it.each([400, 401, 403, 404, 200, 302, 500])("means nothing for the grant where it is a page: %i", (status) => {
    expect(classify(refusal(status, undefined, { isPage: true }))).toBe("temporary");
  });

  it.each([429, 500, 502, 503, 504, 520])(
    "costs nobody the connection with status %i, whatever it says besides",
    (status) => {
      expect(classify(refusal(status, "invalid_grant"))).toBe("temporary");
      expect(classify(refusal(status, "invalid_client"))).toBe("temporary");
    },
  );

  it("is read by its code also with a status that does not fit", () => {
    for (const status of [200, 401, 403, 404]) expect(classify(refusal(status, "invalid_grant"))).toBe("grant-dead");
    expect(classify(refusal(401, "invalid_client"))).toBe("app");
  });

  describe("of a provider with words of its own", () => {
    const own: TokenErrorMeaning[] = [
      { code: "invalid_request", text: "Token Was invalid", means: "grant-dead" },
      { code: "invalid_grant", text: "clock", means: "app" },
      { code: "E17", means: "temporary" },
      { code: "E18", means: "grant-dead" },
      { code: "E18", means: "app" },
    ];

    it.each<[string, string | undefined, string]>([
      ["invalid_request", "Value passed for the token was invalid.", "grant-dead"],
      ["invalid_request", "Missing parameter", "app"],
      ["invalid_request", undefined, "app"],
      ["invalid_grant", "Check your clock", "app"],
      ["invalid_grant", "Expired", "grant-dead"],
      ["E17", undefined, "temporary"],
      ["E18", "any", "grant-dead"],
      ["E19", undefined, "unknown"],
    ])("means by code and text: %s with %j is %s", (code, description, kind) => {
      expect(classify(refusal(400, code, { description }), own)).toBe(kind);
      expect(classify(refusal(200, code, { description }), own)).toBe(kind === "unknown" ? "unknown" : kind);
    });

    it("may end a grant with 500, where the provider itself speaks, but not with what a gateway answers", () => {
      expect(classify(refusal(500, "E18"), own)).toBe("grant-dead");
      for (const status of [429, 502, 503, 504]) expect(classify(refusal(status, "E18"), own)).toBe("temporary");
    });
  });

  it("tells what the provider has done, unless it is a gateway's or no answer at all", () => {
    for (const status of [400, 401, 403, 429, 500, 503]) expect(tellsOutcome(refusal(status)), `${status}`).toBe(true);
    for (const status of [502, 504, 520, 524, 200, 204]) expect(tellsOutcome(refusal(status)), `${status}`).toBe(false);
    expect(tellsOutcome(refusal(200, "invalid_code"))).toBe(true);
  });
});

describe("words of the other side", () => {
  const redact = (text: string) => text.replaceAll("s3cret", "[secret]");

  it("SR-75 become one line of at most 300 characters", () => {
    expect(cleanText(" a\r\nb\u0000\u001b[31mc\u2028d\u202ee ", redact)).toBe("a b [31mc de");
    expect(cleanText("\n \t", redact)).toBeUndefined();
    expect(cleanText("x".repeat(301), redact)).toBe(`${"x".repeat(299)}…`);
    expect(cleanText(`${"x".repeat(298)}🙂y`, redact)?.isWellFormed()).toBe(true);
  });

  it("SR-75 hold no secret, nor the half of one that stood where they are cut", () => {
    fc.assert(
      fc.property(fc.integer({ min: 280, max: 310 }), fc.string({ maxLength: 30 }), (before, after) => {
        const text = cleanText(`${"x".repeat(before)}s3cret${after}`, redact) ?? "";
        expect(text).not.toMatch(/s3c|s3cr/);
        expect(text.length).toBeLessThanOrEqual(300);
        expect(text).not.toMatch(/\p{Cc}/u);
      }),
    );
    expect(cleanText("s3\u200bcret", redact)).toBe("[secret]");
  });
});
