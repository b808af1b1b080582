import { describe, expect, it } from "vitest";
import { type ConnectionId, newId } from "#core/ids.ts";
import type { Auth, AuthorizationCode } from "#provider-kit/auth.ts";
import type { ConnectionInUse, StoredTokens } from "./connection.ts";
import { describeConnection, lifeOf } from "./connection-card.ts";

const at = (day: number) => new Date(Date.UTC(2026, 10, day));
const code: AuthorizationCode = {
  type: "oauth2_authorization_code",
  authorizeUrl: "https://id.example.com/authorize",
  tokenUrl: "https://id.example.com/token",
  clientAuth: "body",
  pkce: true,
  scopes: ["read", "write", "offline"],
  refresh: "rotating",
};
const key: Auth = { type: "api_key", label: "Key", place: { header: "X-Key" } };
const tokens: StoredTokens = {
  hasAccess: true,
  hasRefresh: true,
  scopes: ["read", "write", "offline"],
  grantedAt: at(1),
  obtainedAt: at(2),
  expiresAt: at(3),
  renewAt: at(2),
};
const connection: ConnectionInUse = {
  id: newId<ConnectionId>(),
  provider: "yard",
  name: "Account",
  config: {},
  tags: [],
  sandbox: false,
  kept: {},
  status: "active",
  createdAt: at(1),
  updatedAt: at(1),
  syncs: 0,
};

describe("the end of a sign-in", () => {
  it("is that of the access where nothing renews it", () => {
    const once = { ...tokens, hasRefresh: false };
    expect(lifeOf(code, once)).toMatchObject({ renews: false, end: { at: at(3), because: "access" } });
    expect(lifeOf({ ...code, refresh: "none" }, tokens)).toMatchObject({ renews: false, end: { because: "access" } });
  });

  it("is not known where it is renewed and nothing ends it", () => {
    expect(lifeOf(code, tokens)).toMatchObject({ renews: true, nextRenewalAt: at(2), end: undefined });
  });

  it("is that of the refresh token, also where disuse would come first: each renewal puts that off", () => {
    const both = { ...tokens, idleExpiresAt: at(10), refreshExpiresAt: at(20) };
    expect(lifeOf(code, both).end).toEqual({ at: at(20), because: "refresh_life" });
    expect(lifeOf(code, { ...tokens, idleExpiresAt: at(10) }).end).toEqual({ at: at(10), because: "idle" });
  });

  it("is whatever comes first while renewing fails", () => {
    const failing = { ...tokens, failingSince: at(3), retryAt: at(4), idleExpiresAt: at(10), refreshExpiresAt: at(20) };
    expect(lifeOf(code, failing)).toMatchObject({ retryAt: at(4), end: { at: at(10), because: "idle" } });
  });

  it("does not come for a credential that gets the next token by itself", () => {
    const machine: Auth = {
      type: "oauth2_client_credentials",
      tokenUrl: code.tokenUrl,
      clientAuth: "body",
      scopes: [],
    };
    expect(lifeOf(machine, { ...tokens, hasRefresh: false })).toMatchObject({ renews: true, end: undefined });
  });
});

describe("what mends it", () => {
  const mend = (change: Partial<ConnectionInUse>, auth: Auth | undefined = code, hasClient = true) =>
    describeConnection({ ...connection, ...change }, { auth, hasClient }).mend;
  const failed = (kind: string) => ({ status: "error", failure: { kind, message: "" } }) as const;
  const trouble = (kind: string) => ({ ...tokens, failingSince: at(2), failure: { kind, message: "" } });

  it("is a sign-in at the provider, or first the client for it", () => {
    for (const status of ["inactive", "needs_authorization"] as const) {
      expect(mend({ status })).toBe("authorize");
      expect(mend({ status }, code, false)).toBe("set_oauth_client");
      expect(mend({ status }, key)).toBe("enter_credential");
      expect(mend({ status }, { type: "none" })).toBe("test");
    }
    expect(mend(failed("reauthorize"), key)).toBe("enter_credential");
  });

  it("is nobody's business while it works, or goes away by itself", () => {
    expect(mend({})).toBe("none");
    expect(mend({ tokens: trouble("unavailable") })).toBe("wait");
    expect(mend({ ...failed("unavailable"), nextCheckAt: at(4) }, key)).toBe("wait");
    expect(mend(failed("rate-limited"), key)).toBe("test");
  });

  it("is the OAuth client where that is what the provider refuses: nobody signs in again for it", () => {
    expect(mend({ tokens: trouble("rejected") })).toBe("set_oauth_client");
    expect(mend({ ...failed("rejected"), tokens: trouble("rejected") })).toBe("set_oauth_client");
  });

  it("SR-42 is a sign-in with the right account where another one answers", () => {
    expect(mend(failed("wrong-account"))).toBe("authorize");
    expect(mend(failed("wrong-account"), key)).toBe("enter_credential");
    expect(mend(failed("wrong-account"), { type: "none" })).toBe("test");
  });

  it("is a test for everything that somebody puts right elsewhere", () => {
    for (const kind of ["forbidden", "rejected", "not-found", "unexpected-reply"]) {
      expect(mend(failed(kind), key)).toBe("test");
    }
  });

  it("is nothing where the provider is not there any more", () => {
    expect(describeConnection(connection, { auth: undefined, hasClient: false }).mend).toBe("none");
  });
});

it("SR-7 SR-38 tells what is set and what was not granted, judged by what the provider needs", () => {
  const granted = { ...tokens, scopes: ["read"] };
  const missing = (auth: AuthorizationCode) =>
    describeConnection({ ...connection, tokens: granted }, { auth, hasClient: true }).signIn.missingScopes;

  expect(missing(code)).toEqual(["write", "offline"]);
  expect(missing({ ...code, neededScopes: ["read", "write"] })).toEqual(["write"]);
  expect(describeConnection(connection, { auth: code, hasClient: true }).signIn).toMatchObject({
    set: false,
    missingScopes: [],
  });
  const credential = { authType: "api_key", fingerprint: "abc", setAt: at(2), setBy: "Ana" } as const;
  expect(describeConnection({ ...connection, credential }, { auth: key, hasClient: false }).signIn).toMatchObject({
    type: "api_key",
    set: true,
    fingerprint: "abc",
    setBy: "Ana",
  });
});
