import { describe, expect, it } from "vitest";
import type { AuthType } from "#provider-kit/auth.ts";
import { answerOf, callInto, failureOf } from "#provider-kit/testing/first-call.ts";
import { autodesk } from "./index.ts";

const provider = autodesk();

/** A check whose other end gives this one answer, from either host. */
const checkAnswered = (answer: Response, auth: AuthType = "oauth2_authorization_code") => {
  const host = async () => answer;
  const call = callInto(
    provider,
    { "https://developer.api.autodesk.com": host, "https://api.userprofile.autodesk.com": host },
    { config: {}, authorization: "Bearer x" },
  );
  return { call, account: provider.check({ ...call, auth }) };
};

const app = "oauth2_client_credentials" as const;

describe("the check of a person", () => {
  it.each([
    ["all names", { email: "john@example.com", preferred_username: "john.doe", name: "John Doe" }, "john@example.com"],
    ["no address", { preferred_username: "john.doe", name: "John Doe" }, "john.doe"],
    ["a name in two lines", { name: "John\nDoe" }, "John Doe"],
    ["its id alone", {}, "BW9RM76WZBGL"],
  ])("asks the profile's own host, and tells an account with %s", async (_, names, label) => {
    const { call, account } = checkAnswered(Response.json({ sub: "BW9RM76WZBGL", ...names }));
    expect(await account).toEqual({ id: "BW9RM76WZBGL", label });
    expect(call.asked).toEqual(["GET https://api.userprofile.autodesk.com/userinfo signed"]);
  });

  it.each([{}, { sub: "" }, { sub: 7 }, []])("takes %j for no account", async (reply) => {
    await expect(checkAnswered(Response.json(reply)).account).rejects.toMatchObject({ kind: "unexpected-reply" });
  });
});

describe("the check of an app", () => {
  const hub = (id: string, name: string) => ({ type: "hubs", id, attributes: { name, region: "US" } });
  const answered = (data: unknown[], meta: unknown = {}) =>
    checkAnswered(Response.json({ jsonapi: { version: "1.0" }, data, meta }), app);

  it("takes the hub that lets it in for its account", async () => {
    const { call, account } = answered([hub("b.1", "Harbour")], { warnings: [{ HttpStatusCode: "403" }] });
    expect(await account).toEqual({ id: "b.1", label: "Harbour" });
    expect(call.asked).toEqual(["GET https://developer.api.autodesk.com/project/v1/hubs signed"]);
  });

  it("SR-42 stays with the same one of several, in whatever order they come", async () => {
    const [one, two, three] = [hub("b.1", "Harbour"), hub("b.2", "Bridge"), hub("b.3", "Tunnel")];
    const expected = { id: "b.1", label: "Harbour and 2 more" };
    expect(await answered([one, two, three]).account).toEqual(expected);
    expect(await answered([three, two, one]).account).toEqual(expected);
  });

  it("says who can help where none lets it in", async () => {
    await expect(answered([], { warnings: [{ ErrorCode: "BIM360DM_ERROR" }] }).account).rejects.toMatchObject({
      kind: "forbidden",
      message: expect.stringContaining("Custom integrations"),
    });
  });
});

describe("Autodesk's failures", () => {
  const failed = (...answer: Parameters<typeof answerOf>) => failureOf(checkAnswered(answerOf(...answer)).account);
  const gateway = (errorCode: string) => ({
    developerMessage: "leak",
    userMessage: "",
    errorCode,
    "more info": "http://x",
  });
  const jsonApi = (status: string, code: string) => ({ errors: [{ status, code, title: "leak", detail: "leak" }] });

  it.each([
    [401, "reauthorize", gateway("AUTH-006")],
    [401, "reauthorize", ""],
    [403, "forbidden", gateway("AUTH-001")],
    [403, "forbidden", gateway("AUTH-003")],
    [403, "reauthorize", gateway("AUTH-010")],
    [403, "forbidden", jsonApi("403", "BIM360DM_ERROR")],
    [404, "not-found", jsonApi("404", "NOT_FOUND")],
    [400, "rejected", { reason: "leak" }],
    [429, "rate-limited", { developerMessage: "leak" }],
    [500, "unavailable", "<html>leak</html>"],
    [504, "unavailable", ""],
    [403, "forbidden", { errorCode: 7 }],
    [403, "forbidden", '{"errorCode":"AU'],
  ])("%i is %s: %j", async (status, kind, body) => {
    const failure = await failed(status, body);
    expect(failure).toMatchObject({ kind });
    expect(JSON.stringify([failure, String(failure)])).not.toContain("leak");
  });

  it("waits as long as it is told to", async () => {
    expect(await failed(429, {}, { "retry-after": "41" })).toHaveProperty("retryAt", expect.any(Date));
  });
});
