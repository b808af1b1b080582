import { describe, expect, it } from "vitest";
import { answerOf, callInto, failureOf } from "#provider-kit/testing/first-call.ts";
import { googleDrive } from "./index.ts";

const provider = googleDrive();

/** A check whose other end gives this one answer. */
const checkAnswered = (answer: Response) => {
  const call = callInto(
    provider,
    { "https://www.googleapis.com": async () => answer },
    { config: {}, authorization: "Bearer x" },
  );
  return { call, account: provider.check(call) };
};

const user = { kind: "drive#user", displayName: "Ada Example", me: true, permissionId: "01234567890123456789" };

describe("the check", () => {
  it("asks for the user alone, by name: about answers nothing without", async () => {
    const { call, account } = checkAnswered(Response.json({ user: { ...user, emailAddress: "ada@example.com" } }));
    expect(await account).toEqual({ id: "01234567890123456789", label: "ada@example.com" });
    expect(call.asked).toEqual(["GET https://www.googleapis.com/drive/v3/about?fields=user signed"]);
  });

  it.each([
    ["a hidden address", user, "Ada Example"],
    ["neither address nor name", { permissionId: "7" }, "Google account"],
    ["a name in two lines", { permissionId: "7", displayName: "Ada\nExample\u0000" }, "Ada Example"],
  ])("tells an account with %s", async (_, known, label) => {
    expect(await checkAnswered(Response.json({ user: known })).account).toMatchObject({ label });
  });

  it.each([{}, { user: {} }, { user: { permissionId: "" } }, { user: { permissionId: 7 } }, []])(
    "takes %j for no account",
    async (reply) => {
      await expect(checkAnswered(Response.json(reply)).account).rejects.toMatchObject({ kind: "unexpected-reply" });
    },
  );
});

describe("Google's failures", () => {
  const failed = (...answer: Parameters<typeof answerOf>) => failureOf(checkAnswered(answerOf(...answer)).account);
  const because = (code: number, reason: string, domain = "global", location?: string) => ({
    error: { code, message: "leak", errors: [{ message: "leak", domain, reason, ...(location && { location }) }] },
  });

  it.each([
    [400, "rejected", because(400, "required")],
    [400, "rejected", because(400, "invalidParameter")],
    [401, "reauthorize", because(401, "authError")],
    [403, "forbidden", because(403, "forbidden")],
    [403, "rate-limited", because(403, "userRateLimitExceeded", "usageLimits")],
    [403, "rate-limited", because(403, "rateLimitExceeded", "usageLimits")],
    [403, "rate-limited", because(403, "dailyLimitExceeded", "usageLimits")],
    [403, "reauthorize", because(403, "insufficientPermissions")],
    [403, "forbidden", because(403, "insufficientFilePermissions")],
    [403, "forbidden", because(403, "domainPolicy")],
    [403, "forbidden", because(403, "accessNotConfigured", "usageLimits")],
    [403, "forbidden", because(403, "constructor")],
    [403, "forbidden", because(403, "cannotDownloadAbusiveFile")],
    [403, "forbidden", because(403, "cannotDownloadFile")],
    [403, "forbidden", because(403, "downloadQuotaExceeded")],
    [403, "rejected", because(403, "exportSizeLimitExceeded")],
    [403, "rejected", because(403, "fileNotDownloadable")],
    [403, "rejected", because(403, "fileNotExportable")],
    [400, "cursor-lost", because(400, "invalid", "global", "pageToken")],
    [400, "rejected", because(400, "invalid", "global", "q")],
    [416, "unavailable", because(416, "requestedRangeNotSatisfiable")],
    [404, "not-found", because(404, "notFound")],
    [429, "rate-limited", because(429, "rateLimitExceeded", "usageLimits")],
    [500, "unavailable", because(500, "backendError")],
    [503, "unavailable", "<html><body>Error 503</body></html>"],
    [502, "unavailable", ""],
    [403, "forbidden", { error: "text" }],
    [403, "forbidden", { error: { errors: [] } }],
    [403, "forbidden", '{"error":{"errors":[{"rea'],
  ])("%i is %s: %j", async (status, kind, body) => {
    const failure = await failed(status, body);
    expect(failure).toMatchObject({ kind });
    expect(JSON.stringify([failure, String(failure)])).not.toContain("leak");
  });

  it("says what is to be done where the status would not", async () => {
    expect(await failed(403, because(403, "insufficientPermissions"))).toMatchObject({
      message: expect.stringContaining("every box ticked"),
    });
    expect(await failed(403, because(403, "accessNotConfigured"))).toMatchObject({
      message: expect.stringContaining("Switch it on"),
    });
  });

  it("waits as long as it is told to, which is seldom", async () => {
    const slow = because(403, "userRateLimitExceeded");
    expect(await failed(403, slow)).not.toHaveProperty("retryAt", expect.any(Date));
    expect(await failed(403, slow, { "retry-after": "30" })).toHaveProperty("retryAt", expect.any(Date));
  });
});

describe("whom a service account acts for", () => {
  it.each(["ada@example.com", undefined])("may be %s", (acts_for) => {
    expect(provider.config?.parse({ acts_for })).toEqual({ acts_for });
    const way = provider.auth({ acts_for }).find(({ type }) => type === "service_account");
    expect(way).toMatchObject({ tokenUrl: "https://oauth2.googleapis.com/token" });
    expect(way).toEqual(
      acts_for === undefined
        ? expect.not.objectContaining({ subject: "" })
        : expect.objectContaining({ subject: acts_for }),
    );
  });

  it.each(["ada", "a@b@c d", "", "@", 7])("is nobody named %j", (acts_for) => {
    expect(() => provider.config?.parse({ acts_for })).toThrow();
  });
});
