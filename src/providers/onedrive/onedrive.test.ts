import { describe, expect, it } from "vitest";
import type { AuthType } from "#provider-kit/auth.ts";
import { answerOf, callInto, failureOf } from "#provider-kit/testing/first-call.ts";
import type { Config } from "./config.ts";
import { onedrive } from "./index.ts";

const provider = onedrive();

/** A check whose other end gives this one answer. */
const checkAnswered = (
  answer: Response,
  { config = {}, auth = "oauth2_authorization_code" }: { config?: Config; auth?: AuthType } = {},
) => {
  const call = callInto(
    provider,
    { "https://graph.microsoft.com": async () => answer },
    { config, authorization: "Bearer x" },
  );
  return { call, account: provider.check({ ...call, auth }) };
};

const app = "oauth2_client_credentials" as const;

describe("the check of a person", () => {
  it.each([
    [
      "all names",
      { userPrincipalName: "adele@contoso.com", mail: "a@contoso.com", displayName: "Adele" },
      "adele@contoso.com",
    ],
    ["no principal name", { userPrincipalName: null, mail: "a@contoso.com", displayName: "Adele" }, "a@contoso.com"],
    ["no mail, as guests have none", { mail: null, displayName: "Adele\nVance" }, "Adele Vance"],
    ["no name at all", {}, "87d349ed"],
  ])("tells an account with %s", async (_, names, label) => {
    const { call, account } = checkAnswered(Response.json({ id: "87d349ed", ...names }));
    expect(await account).toEqual({ id: "87d349ed", label });
    expect(call.asked).toEqual(["GET https://graph.microsoft.com/v1.0/me signed"]);
  });

  it.each([{}, { id: "" }, { id: 7 }, []])("takes %j for no account", async (reply) => {
    await expect(checkAnswered(Response.json(reply)).account).rejects.toMatchObject({ kind: "unexpected-reply" });
  });
});

describe("the check of an app", () => {
  const drive = {
    id: "b!drive",
    driveType: "business",
    owner: { user: { displayName: "Adele", email: "adele@contoso.com" } },
  };

  it.each([
    [{ user: "adele+1@contoso.com" }, "users/adele%2B1%40contoso.com/drive"],
    [{ site: "contoso.sharepoint.com:/sites/engineering" }, "sites/contoso.sharepoint.com:/sites/engineering:/drive"],
    [{ user: "adele@contoso.com", site: "contoso.sharepoint.com:/teams/x" }, "users/adele%40contoso.com/drive"],
  ])("opens the drive of %j", async (config, path) => {
    const { call, account } = checkAnswered(Response.json(drive), { config, auth: app });
    expect(await account).toEqual({ id: "b!drive", label: "adele@contoso.com" });
    expect(call.asked).toEqual([`GET https://graph.microsoft.com/v1.0/${path} signed`]);
  });

  it("names a site that has no owner by what was entered", async () => {
    const config = { site: "contoso.sharepoint.com:/sites/engineering" };
    const { account } = checkAnswered(Response.json({ id: "b!drive", owner: null }), { config, auth: app });
    expect(await account).toMatchObject({ label: "contoso.sharepoint.com:/sites/engineering" });
  });

  it("asks for a user or a site before it asks Microsoft", async () => {
    const { call, account } = checkAnswered(Response.json(drive), { auth: app });
    await expect(account).rejects.toMatchObject({ code: "invalid_request" });
    expect(call.asked).toEqual([]);
  });
});

describe("the settings", () => {
  const guid = "8d0c2f3e-0000-4000-8000-0000000000aa";

  it.each(["common", "organizations", "consumers", guid, "contoso.onmicrosoft.com", "contoso.co.uk"])(
    "take the tenant %s, which becomes part of the sign-in's address",
    (tenant) => {
      const config = provider.config?.parse({ tenant }) ?? {};
      for (const auth of provider.auth(config)) {
        expect("tokenUrl" in auth && auth.tokenUrl).toBe(
          `https://login.microsoftonline.com/${tenant}/oauth2/v2.0/token`,
        );
      }
    },
  );

  it("take everybody where there is no tenant", () => {
    const [person] = provider.auth({});
    expect(person).toMatchObject({ authorizeUrl: "https://login.microsoftonline.com/common/oauth2/v2.0/authorize" });
  });

  it.each([
    "evil.com/",
    "x@evil.com",
    "evil.com#",
    "evil.com?",
    "../common",
    "a/../../b",
    "COMMON",
    "contoso",
    "",
    " contoso.com",
    "contoso.com\n",
    `${guid}/x`,
    "a..com",
    "-a.com",
    "{tenant}",
    "%2e%2e.com",
  ])("SR-15 refuse the tenant %j", (tenant) => {
    expect(() => provider.config?.parse({ tenant })).toThrow();
  });

  it.each(["contoso.sharepoint.com", "contoso.sharepoint.com:/sites/a/../b", "c.sharepoint.com:/sites/a?x", "x:/y/z"])(
    "refuse the site %j",
    (site) => {
      expect(() => provider.config?.parse({ site })).toThrow();
    },
  );

  it.each(["adele", "adele@contoso.com/drive", "a@b?c", "a@b#c"])("refuse the user %j", (user) => {
    expect(() => provider.config?.parse({ user })).toThrow();
  });
});

describe("Microsoft's failures", () => {
  const failed = (...answer: Parameters<typeof answerOf>) => failureOf(checkAnswered(answerOf(...answer)).account);
  const because = (code: string) => ({ error: { code, message: "leak", innerError: { "request-id": "6e2b" } } });

  it.each([
    [400, "rejected", because("BadRequest")],
    [401, "reauthorize", because("InvalidAuthenticationToken")],
    [401, "reauthorize", ""],
    [403, "forbidden", because("accessDenied")],
    [403, "forbidden", because("Authorization_RequestDenied")],
    [404, "not-found", because("itemNotFound")],
    [404, "not-found", because("ResourceNotFound")],
    [404, "not-found", "<html>"],
    [416, "unavailable", because("invalidRange")],
    [416, "unavailable", ""],
    [423, "unavailable", because("resourceLocked")],
    [429, "rate-limited", because("activityLimitReached")],
    [500, "unavailable", because("generalException")],
    [503, "unavailable", because("")],
    [504, "unavailable", "<html>"],
    [509, "rate-limited", ""],
    [403, "forbidden", { error: "a text" }],
    [403, "forbidden", { error: { code: 7 } }],
  ])("%i is %s: %j", async (status, kind, body) => {
    const failure = await failed(status, body);
    expect(failure).toMatchObject({ kind });
    expect(JSON.stringify([failure, String(failure)])).not.toContain("leak");
  });

  it("reads codes however they are written", async () => {
    expect(await failed(403, because("AccessDenied"))).toMatchObject({ message: expect.stringContaining("consented") });
  });

  it("says that the account has changed where Microsoft wants a new sign-in for that", async () => {
    const challenge = 'Bearer realm="", error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnt9fQ=="';
    expect(await failed(401, because("InvalidAuthenticationToken"), { "www-authenticate": challenge })).toMatchObject({
      kind: "reauthorize",
      message: expect.stringContaining("has changed"),
    });
  });

  it("waits as long as it is told to", async () => {
    const told = await failed(429, because("activityLimitReached"), { "retry-after": "12" });
    expect(told).toHaveProperty("retryAt", expect.any(Date));
  });
});
