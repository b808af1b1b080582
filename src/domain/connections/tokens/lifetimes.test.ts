import { expect, it } from "vitest";
import type { AuthorizationCode } from "#provider-kit/auth.ts";
import { Secret } from "#vault/secret.ts";
import { lifetimesOf } from "./lifetimes.ts";

const auth: AuthorizationCode = {
  type: "oauth2_authorization_code",
  authorizeUrl: "https://a.test/authorize",
  tokenUrl: "https://a.test/token",
  clientAuth: "body",
  pkce: true,
  scopes: [],
  refresh: "rotating",
};
const sentAt = new Date("2026-11-21T12:00:00Z");
const grantedAt = new Date("2026-11-01T12:00:00Z");
const refreshToken = new Secret("r");
const later = (s: number, from = sentAt) => new Date(from.getTime() + s * 1000);
const DAY = 24 * 60 * 60;

it.each([
  ["a usual one", { expiresInS: 3600 }, later(3600)],
  ["none", {}, undefined],
  ["less than a minute", { expiresInS: 1 }, later(60)],
  ["zero", { expiresInS: 0 }, later(60)],
  ["a negative one", { expiresInS: -5 }, later(60)],
  ["a hundred years", { expiresInS: 100 * 365 * DAY }, later(365 * DAY)],
  ["a moment", { expiresAt: later(7200) }, later(7200)],
  ["both, of which the seconds count", { expiresInS: 3600, expiresAt: later(9999) }, later(3600)],
])("SR-38 SR-41 counts an expiry from the moment of asking, within bounds: %s", (_, answer, expiresAt) => {
  expect(lifetimesOf(auth, answer, { sentAt, grantedAt, before: undefined }).expiresAt).toEqual(expiresAt);
});

it("counts disuse from now, and a fixed life from the day of consent", () => {
  const both = { ...auth, idleDays: 15, lifeDays: 365 };
  expect(lifetimesOf(both, { refreshToken }, { sentAt, grantedAt, before: undefined })).toMatchObject({
    idleExpiresAt: later(15 * DAY),
    refreshExpiresAt: later(365 * DAY, grantedAt),
  });
});

it("takes an end that is told with each answer for one that the next answer puts off", () => {
  const answer = { refreshToken, refreshExpiresInS: 100 * DAY };
  const told = lifetimesOf(auth, answer, { sentAt, grantedAt, before: undefined });
  expect(told).toMatchObject({ idleExpiresAt: later(100 * DAY), refreshExpiresAt: undefined });
  const idle = lifetimesOf({ ...auth, idleDays: 15 }, answer, { sentAt, grantedAt, before: undefined });
  expect(idle.idleExpiresAt).toEqual(later(15 * DAY));
});

it("SR-41 keeps the end of a refresh token that stays, and has none without one", () => {
  const before = { hasRefresh: true, refreshExpiresAt: later(99) };
  const life = { ...auth, lifeDays: 365 };
  expect(lifetimesOf(life, {}, { sentAt, grantedAt, before }).refreshExpiresAt).toEqual(later(99));
  expect(lifetimesOf(life, {}, { sentAt, grantedAt, before: undefined }).refreshExpiresAt).toBeUndefined();
});
