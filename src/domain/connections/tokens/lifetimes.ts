import type { TokenAnswer } from "#outbound/token-endpoint.ts";
import type { TokenAuth } from "./obtain.ts";
import type { TokenFacts } from "./token-state.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const YEAR_MS = 365 * DAY_MS;

export interface TokenLives {
  expiresAt: Date | undefined;
  /** The refresh token's end, whatever we do; where the provider tells one with each answer, until the next of them. */
  refreshExpiresAt: Date | undefined;
  /** The refresh token's end when it is not used; using it puts that off. */
  idleExpiresAt: Date | undefined;
}

/** When what an answer holds comes to its end, counted from when it was asked for. */
export function lifetimesOf(
  auth: TokenAuth,
  answer: Pick<TokenAnswer, "expiresInS" | "expiresAt" | "refreshToken" | "refreshExpiresInS">,
  about: { sentAt: Date; grantedAt: Date; before: Pick<TokenFacts, "refreshExpiresAt" | "hasRefresh"> | undefined },
): TokenLives {
  const { sentAt, grantedAt, before } = about;
  const after = (ms: number) => new Date(sentAt.getTime() + ms);
  const lifeMs =
    answer.expiresInS !== undefined
      ? answer.expiresInS * 1000
      : answer.expiresAt && answer.expiresAt.getTime() - sentAt.getTime();
  // SR-38: between a minute and a year.
  const expiresAt = lifeMs === undefined ? undefined : after(Math.min(YEAR_MS, Math.max(MINUTE_MS, lifeMs)));
  if (auth.type !== "oauth2_authorization_code" || !(answer.refreshToken || before?.hasRefresh)) {
    return { expiresAt, refreshExpiresAt: undefined, idleExpiresAt: undefined };
  }
  const told =
    answer.refreshExpiresInS === undefined
      ? undefined
      : after(Math.min(10 * YEAR_MS, Math.max(MINUTE_MS, answer.refreshExpiresInS * 1000)));
  const idle = auth.idleDays === undefined ? undefined : after(auth.idleDays * DAY_MS);
  if (auth.lifeDays === undefined) {
    // An end that is told with each answer is put off by the next one.
    return { expiresAt, refreshExpiresAt: undefined, idleExpiresAt: earlier(told, idle) };
  }
  const kept = answer.refreshToken ? undefined : before?.refreshExpiresAt;
  const ends = told ?? kept ?? new Date(grantedAt.getTime() + auth.lifeDays * DAY_MS);
  return { expiresAt, refreshExpiresAt: ends, idleExpiresAt: idle };
}

const earlier = (a: Date | undefined, b: Date | undefined): Date | undefined => (a && b ? (a < b ? a : b) : (a ?? b));
