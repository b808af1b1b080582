import { expect, it } from "vitest";
import type { CheckResult } from "../check-connection.ts";
import { judgeGrant } from "./judge-grant.ts";

const at = new Date("2026-11-21T07:00:00Z");
const ana = { id: "1", label: "Ana" };
const ben = { id: "2", label: "Ben" };
const leadsTo = (account: typeof ana): CheckResult => ({ ok: true, account, at, tookMs: 1 });
const failsWith = (kind: string): CheckResult => ({ ok: false, failure: { kind, message: kind }, at, tookMs: 1 });
const grant = { name: "Yard", result: leadsTo(ana), missing: [], otherAccount: false, inUse: false };
const fresh = { status: "inactive" } as const;
const working = { status: "active", account: ana } as const;
const lost = { status: "needs_authorization", account: ana } as const;

it("stores what works, for a new connection and for one that is pinned to this account", () => {
  for (const before of [fresh, working, lost]) {
    expect(judgeGrant(before, grant)).toMatchObject({ outcome: "connected", status: "active", isOther: false });
  }
});

it("SR-42 lets another account in only on purpose, and only while nothing counts on the pinned one", () => {
  const other = { ...grant, result: leadsTo(ben) };
  expect(judgeGrant(working, other)).toMatchObject({ refused: "wrong_account" });
  expect(judgeGrant(lost, other)).toMatchObject({ refused: "wrong_account" });
  expect(judgeGrant(working, { ...other, otherAccount: true, inUse: true })).toMatchObject({
    refused: "wrong_account",
  });
  expect(judgeGrant(working, { ...other, otherAccount: true })).toMatchObject({
    outcome: "connected",
    account: ben,
    isOther: true,
  });
});

it("SR-38 names the rights that are missing, and never replaces a sign-in that works by one with fewer", () => {
  const less = { ...grant, missing: ["a", "b", "c", "d", "e", "f", "g"] };
  expect(judgeGrant(fresh, less)).toMatchObject({
    outcome: "scope_missing",
    status: "needs_authorization",
    account: ana,
    failure: { message: 'Yard did not allow "a", "b", "c", "d", "e" and 2 more. Sign in again and allow everything.' },
  });
  expect(judgeGrant(lost, less)).toMatchObject({ outcome: "scope_missing" });
  expect(judgeGrant(working, less)).toMatchObject({ refused: "scope_missing" });
});

it("SR-42 replaces nothing where nobody can tell whose account it is", () => {
  for (const [kind, refused] of [
    ["unavailable", "provider_down"],
    ["rate-limited", "provider_down"],
    ["forbidden", "failed"],
    ["reauthorize", "failed"],
  ] as const) {
    expect(judgeGrant(lost, { ...grant, result: failsWith(kind) })).toMatchObject({ refused });
  }
  expect(judgeGrant(lost, { ...grant, result: failsWith("forbidden"), missing: ["write"] })).toMatchObject({
    refused: "scope_missing",
  });
});

it("keeps a first sign-in whose test says what is wrong, and none that the provider does not stand by", () => {
  expect(judgeGrant(fresh, { ...grant, result: failsWith("forbidden") })).toMatchObject({
    outcome: "connected",
    status: "error",
    failure: { kind: "forbidden" },
  });
  expect(judgeGrant(fresh, { ...grant, result: failsWith("reauthorize") })).toMatchObject({ refused: "failed" });
  expect(judgeGrant(fresh, { ...grant, result: failsWith("unavailable") })).toMatchObject({ refused: "provider_down" });
});
