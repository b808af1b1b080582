import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { TokenAnswerPlaces } from "#core/token-answer.ts";
import { reveal } from "#vault/reveal.ts";
import { type AnswerRules, parseMembers, readAnswer, readKept, refusalIn, type TokenAnswer } from "./token-answer.ts";
import { TokenFailure } from "./token-failure.ts";

const now = new Date("2026-08-21T12:00:00Z");
const inS = (seconds: number) => new Date(now.getTime() + seconds * 1000);
const year = 365 * 24 * 3600;

function read(body: unknown, rules: AnswerRules = {}, isRefresh = false): TokenAnswer {
  const members = parseMembers(typeof body === "string" ? body : JSON.stringify(body), "application/json");
  return readAnswer(members ?? {}, rules, { now, isRefresh });
}
const shown = (answer: TokenAnswer) => ({
  ...answer,
  accessToken: reveal(answer.accessToken),
  ...(answer.refreshToken && { refreshToken: reveal(answer.refreshToken) }),
  kept: { ...answer.kept },
});
const lifeOf = (members: object, places: TokenAnswerPlaces = {}) => {
  const { expiresInS, expiresAt } = read({ access_token: "a", ...members }, { places });
  return expiresInS ?? expiresAt;
};

describe("a token answer", () => {
  it("is read where RFC 6749 has its parts", () => {
    const answer = read({
      access_token: "acc ess~",
      token_type: "BEARER",
      expires_in: 3600,
      refresh_token: "ref",
      scope: "a b",
      other: { x: 1 },
    });
    expect(shown(answer)).toEqual({
      accessToken: "acc ess~",
      refreshToken: "ref",
      expiresInS: 3600,
      scopes: ["a", "b"],
      kept: {},
    });
    expect(JSON.stringify(answer)).not.toContain('ref"');
    expect(shown(read({ access_token: "a" }))).toEqual({ accessToken: "a", kept: {} });
  });

  it.each<[string, object, TokenAnswerPlaces]>([
    [
      "Slack's user token",
      { ok: true, authed_user: { access_token: "a" } },
      { accessToken: "authed_user.access_token" },
    ],
    ["a wrapper", { data: { token: "a", life: "60" } }, { accessToken: "data.token", expiresIn: "data.life" }],
    ["another name", { sessionId: "a" }, { accessToken: "sessionId" }],
    ["a bot's token", { access_token: "a", token_type: "bot" }, {}],
    ["no kind", { access_token: "a", token_type: null }, {}],
  ])("is read from %s", (_what, body, places) => {
    expect(reveal(read(body, { places }).accessToken)).toBe("a");
  });

  it("is read from a form, which some answer whatever they are asked for", () => {
    const form = "access_token=a%2Bb&expires_in=28800&refresh_token=&scope=repo%2Cgist&token_type=bearer";
    for (const [text, mediaType] of [
      [form, "application/x-www-form-urlencoded; charset=utf-8"],
      [`${form}\n`, "text/plain"],
    ] as const) {
      const answer = readAnswer(parseMembers(text, mediaType) ?? {}, {}, { now, isRefresh: false });
      expect(shown(answer)).toEqual({ accessToken: "a+b", expiresInS: 28_800, scopes: ["repo", "gist"], kept: {} });
    }
    for (const text of ["", "<html>a=b</html>", "error", "a=b c", "[]", "null", "7", '"access_token=a"']) {
      expect(parseMembers(text, "text/html"), text).toBeUndefined();
    }
  });

  it.each([undefined, null, "", 0])("SR-41 has no refresh token where that is %j", (refresh_token) => {
    const answer = read({ access_token: "a", refresh_token: refresh_token === 0 ? undefined : refresh_token });
    expect("refreshToken" in answer).toBe(false);
  });

  it.each([
    ["a b  c", undefined, ["a", "b", "c"]],
    ["a,b", undefined, ["a", "b"]],
    ["a+b", "+", ["a", "b"]],
    ["a:x b:x", undefined, ["a:x", "b:x"]],
    [["a", "b", "a", 1, "c d", null], undefined, ["a", "b"]],
    ["", undefined, undefined],
    [[], undefined, undefined],
    [7, undefined, undefined],
    ["a \u0000b ü", undefined, ["a"]],
  ])("SR-38 tells the granted scopes: %j, separated by %j, are %j", (scope, scopeSeparator, scopes) => {
    expect(read({ access_token: "a", scope }, { scopeSeparator }).scopes).toEqual(scopes);
  });

  it.each([
    [3600, 3600],
    ["3600", 3600],
    [" 3600 ", 3600],
    ["1.5e3", 1500],
    [1500.9, 1500],
    [59, 60],
    [0.5, 60],
    [year, year],
    [year + 1, year],
    [1e300, year],
    ["99999999999999999999", year],
    [0, undefined],
    ["0", undefined],
    [-1, undefined],
    ["-3600", undefined],
    ["soon", undefined],
    ["177:05:38", undefined],
    ["", undefined],
    ["0x10", undefined],
    ["Infinity", undefined],
    [null, undefined],
    [true, undefined],
    [[3600], undefined],
    [{}, undefined],
  ])("SR-38 lives between a minute and a year: expires_in %j is %j seconds", (expires_in, seconds) => {
    expect(lifeOf({ expires_in })).toEqual(seconds);
    expect(lifeOf({ expires_in }, { defaultLifeS: 7200 })).toEqual(seconds ?? 7200);
  });

  it("SR-38 has its life in the unit that the provider means", () => {
    expect(lifeOf({ expires_in: 3_600_000 }, { expiresUnit: "ms" })).toBe(3600);
    expect(lifeOf({ expires_in: "60" }, { expiresUnit: "min" })).toBe(3600);
    expect(lifeOf({ expires_in: 1 }, { expiresUnit: "ms" })).toBe(60);
  });

  it.each([
    ["2026-08-21T13:00:00Z", 3600],
    ["2026-08-21T13:00:00.000Z", 3600],
    ["2026-08-21T15:00:00+02:00", 3600],
    // Without a zone it is UTC, and not the time of the machine that reads it.
    ["2026-08-21T13:00:00", 3600],
    ["2026-08-21 13:00:00", 3600],
    [now.getTime() / 1000 + 3600, 3600],
    [now.getTime() + 3_600_000, 3600],
    [String(now.getTime() / 1000 + 3600), 3600],
    [String(now.getTime() + 3_600_000), 3600],
    [now.getTime() / 1000 + 5, 60],
    ["2099-01-01T00:00:00Z", year],
    [8e15, year],
    ["2026-08-21T11:00:00Z", undefined],
    [0, undefined],
    ["tomorrow", undefined],
    ["2026-13-45T99:00:00Z", undefined],
    [{}, undefined],
  ])("SR-38 may tell its end as a time: %j is in %j seconds", (expires_at, seconds) => {
    expect(lifeOf({ expires_at })).toEqual(seconds === undefined ? undefined : inS(seconds));
    expect(lifeOf({ data: { end: expires_at } }, { expiresAt: "data.end" })).toEqual(lifeOf({ expires_at }));
  });

  it("tells its life rather than its end where it has both, unless that is none", () => {
    expect(lifeOf({ expires_in: 60, expires_at: "2026-08-21T13:00:00Z" })).toBe(60);
    expect(lifeOf({ expires_in: 0, expires_at: "2026-08-21T13:00:00Z" })).toEqual(inS(3600));
  });

  it("tells the life of the refresh token under the names that are in use", () => {
    for (const name of ["refresh_token_expires_in", "x_refresh_token_expires_in", "refresh_expires_in"]) {
      expect(read({ access_token: "a", [name]: "8726400" }).refreshExpiresInS).toBe(8_726_400);
    }
    const places = { refreshExpiresIn: "r" };
    expect(read({ access_token: "a", r: 100 }, { places }).refreshExpiresInS).toBe(100);
    expect(read({ access_token: "a", r: "never" }, { places }).refreshExpiresInS).toBeUndefined();
  });

  it.each([
    undefined,
    null,
    "",
    7,
    true,
    {},
    ["a"],
    "a\r\nx: y",
    "a\u0000b",
    "a\u007f",
    "tökén",
    " a",
    "a ",
    "a".repeat(65_537),
  ])("SR-38 is no answer where the access token is %j: what is stored stays", (access_token) => {
    const failure = failureOf(() => read({ access_token, refresh_token: "r" }));
    expect(failure).toMatchObject({ kind: "temporary", sent: true, answered: false });
  });

  it("SR-38 is no answer where its refresh token cannot be one", () => {
    for (const refresh_token of ["r\nr", 7, {}]) {
      expect(failureOf(() => read({ access_token: "a", refresh_token }))).toMatchObject({ kind: "temporary" });
    }
  });

  it.each(["mac", "DPoP", "PoP"])("is not used where its kind wants a proof with each call: %s", (token_type) => {
    expect(failureOf(() => read({ access_token: "a", token_type }))).toMatchObject({ kind: "app" });
  });

  it("SR-32 takes nothing from prototypes, and what is named like one for plain data", () => {
    const places = { accessToken: "constructor.name", scope: "__proto__.scope", refreshToken: "toString" };
    expect(failureOf(() => read({}, { places }))).toBeInstanceOf(TokenFailure);
    const body = '{"__proto__":{"access_token":"evil","scope":"a"},"constructor":{"name":"a"}}';
    expect(failureOf(() => read(body))).toMatchObject({ message: "The answer holds no access token." });
    expect(shown(read(body, { places }))).toEqual({ accessToken: "a", scopes: ["a"], kept: {} });
    expect("access_token" in Object.prototype).toBe(false);
    const form = parseMembers("__proto__=x&access_token=a", "application/x-www-form-urlencoded") ?? {};
    expect(Object.keys(form)).toEqual(["__proto__", "access_token"]);
  });
});

describe("what is kept of an answer", () => {
  const host = { name: "instance", from: "instance_url", pattern: "https://[a-z0-9-]+\\.salesforce\\.com" };
  const keep = [host, { name: "shard", from: "data.shard", pattern: "[0-9]+", optional: true }];

  it("is what its patterns fit as a whole", () => {
    const answer = read(
      { access_token: "a", instance_url: "https://eu5.salesforce.com", data: { shard: 7 } },
      { keep },
    );
    expect({ ...answer.kept }).toEqual({ instance: "https://eu5.salesforce.com", shard: "7" });
    expect({ ...read({ access_token: "a", instance_url: "https://a.salesforce.com" }, { keep }).kept }).toEqual({
      instance: "https://a.salesforce.com",
    });
  });

  it.each([
    undefined,
    null,
    "",
    {},
    ["https://eu5.salesforce.com"],
    "http://eu5.salesforce.com",
    "https://eu5.salesforce.com.evil.test",
    "https://evil.test/https://eu5.salesforce.com",
    "https://eu5.salesforce.com@evil.test",
    "https://eu5.salesforce.com\n",
    "https://eu5.salesforce.com#",
    `https://${"a".repeat(3000)}.salesforce.com`,
  ])("SR-21 is refused together with the answer where it could lead elsewhere: %j", (instance_url) => {
    const failure = failureOf(() => read({ access_token: "a", instance_url }, { keep }));
    expect(failure).toMatchObject({ kind: "app", message: expect.stringContaining('"instance_url"') });
    if (typeof instance_url === "string" && instance_url !== "") {
      expect(inspect(failure)).not.toContain(instance_url);
    }
  });

  it("SR-38 holds no control characters, whatever its pattern allows", () => {
    const anything = [{ name: "x", from: "x", pattern: "(?s).*" }];
    expect(failureOf(() => read({ access_token: "a", x: "a\u0000b" }, { keep: anything }))).toMatchObject({
      kind: "app",
    });
  });

  it("SR-41 stays as it was where a refresh does not tell it, and no token is lost for a wrong one", () => {
    const { accessToken, kept } = read({ access_token: "new", instance_url: "https://evil.test" }, { keep }, true);
    expect([reveal(accessToken), { ...kept }]).toEqual(["new", {}]);
    expect({ ...read({ access_token: "a", instance_url: "https://a.salesforce.com" }, { keep }, true).kept }).toEqual({
      instance: "https://a.salesforce.com",
    });
  });

  it("fits no pattern that cannot be read or takes more than linear time", () => {
    for (const pattern of ["(", "(a)\\1", "(?=a)a", "a{1000}{1000}"]) {
      expect(failureOf(() => readKept([{ name: "x", from: "x", pattern }], () => "aa"))).toMatchObject({ kind: "app" });
    }
  });
});

describe("a refusal in an answer", () => {
  it.each<[object, TokenAnswerPlaces, object | undefined]>([
    [{ error: "invalid_grant", error_description: "x" }, {}, { code: "invalid_grant", description: "x" }],
    [{ access_token: "a", error: "bad_verification_code" }, {}, { code: "bad_verification_code" }],
    [{ ok: false, error: "invalid_code" }, { ok: "ok" }, { code: "invalid_code" }],
    [{ ok: false }, { ok: "ok" }, {}],
    [{ ok: true, access_token: "a" }, { ok: "ok" }, undefined],
    [{ success: false }, {}, undefined],
    [{ error: { code: 17, message: "Nope" } }, {}, { code: "17", description: "Nope" }],
    [{ error: { type: "OAuthException", message: "Nope" } }, {}, { code: "OAuthException", description: "Nope" }],
    [
      { fault: { id: "X1", text: "y" } },
      { error: "fault.id", errorDescription: "fault.text" },
      { code: "X1", description: "y" },
    ],
    [{ error: null, access_token: "a" }, {}, undefined],
    [{ error: "", access_token: "a" }, {}, undefined],
    [{ error: true, message: "bad" }, {}, { description: "bad" }],
  ])("is found in %j", (members, places, refusal) => {
    const found = refusalIn(parseMembers(JSON.stringify(members), "") ?? {}, places);
    if (refusal) expect(found).toEqual({ code: undefined, description: undefined, ...refusal });
    else expect(found).toBeUndefined();
  });
});

describe("the reader of token answers", () => {
  const name = fc.constantFrom(
    ..."access_token refresh_token expires_in expires_at scope token_type error error_description ok data".split(" "),
    "refresh_token_expires_in",
    "instance_url",
    "__proto__",
    "constructor",
    "message",
  );
  const json = fc.letrec<{ value: unknown; object: object }>((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      fc.jsonValue(),
      fc.constantFrom("a", "bearer", "1.5e3", "2026-08-21T13:00:00Z", "a b", 3600, -1, 1e308, "s3cret-t0ken"),
      tie("object"),
    ),
    object: fc.dictionary(name, tie("value"), { noNullPrototype: true }),
  })).object;
  const place = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join("."));
  const places = fc.record(
    {
      accessToken: place,
      refreshToken: place,
      expiresIn: place,
      expiresAt: place,
      refreshExpiresIn: place,
      scope: place,
      error: place,
      errorDescription: place,
      ok: place,
      expiresUnit: fc.constantFrom("s" as const, "ms" as const, "min" as const),
      defaultLifeS: fc.constantFrom(60, 3600),
    },
    { requiredKeys: [] },
  );
  const keep = fc.array(
    fc.record({ name, from: place, pattern: fc.constantFrom(".*", "[a-z]+", "("), optional: fc.boolean() }),
    { maxLength: 2 },
  );

  const tryToRead = (text: string, mediaType: string, rules: AnswerRules, isRefresh: boolean) => {
    let answer: TokenAnswer;
    try {
      const members = parseMembers(text, mediaType);
      if (!members) return;
      refusalIn(members, rules.places);
      answer = readAnswer(members, rules, { now, isRefresh });
    } catch (error) {
      expect(error).toBeInstanceOf(TokenFailure);
      expect(inspect(error)).not.toContain("s3cret-t0ken");
      return;
    }
    expect(reveal(answer.accessToken)).toMatch(/^[\x20-\x7e]+$/);
    const { accessToken: _, refreshToken: _r, kept, scopes = [], ...lives } = answer;
    for (const life of [lives.expiresInS, lives.refreshExpiresInS].filter((one) => one !== undefined)) {
      expect(life >= 60 && life <= year).toBe(true);
    }
    if (lives.expiresAt) expect(lives.expiresAt >= inS(60) && lives.expiresAt <= inS(year)).toBe(true);
    for (const text of [...scopes, ...Object.values(kept)]) expect(typeof text).toBe("string");
  };

  it("SR-32 SR-38 reads any JSON, or fails with a TokenFailure that holds nothing of it", () => {
    fc.assert(
      fc.property(json, places, keep, fc.boolean(), (body, wanted, kept, isRefresh) => {
        tryToRead(JSON.stringify(body), "application/json", { places: wanted, keep: kept }, isRefresh);
      }),
      { numRuns: 1_000 },
    );
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  it("SR-32 SR-38 reads any bytes, or fails with a TokenFailure that holds nothing of them", () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc
        .string({ unit: fc.constantFrom(...'{}[]":,=&%\\u0a1e-+. \n<>', "access_token", "__proto__") })
        .map(Buffer.from),
    );
    const mediaType = fc.constantFrom("application/json", "application/x-www-form-urlencoded", "text/html", "");
    fc.assert(
      fc.property(bytes, mediaType, places, (body, type, wanted) => {
        tryToRead(new TextDecoder().decode(body), type, { places: wanted }, false);
      }),
      { numRuns: 1_000 },
    );
  });

  it("SR-32 gives up on JSON that is nested deeper than any answer", () => {
    expect(parseMembers(`{"a":${"[".repeat(100_000)}`, "application/json")).toBeUndefined();
  });
});

function failureOf(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}
