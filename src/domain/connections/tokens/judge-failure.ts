import type { TokenFailureKind } from "#core/token-answer.ts";
import type { ConnectionStatus } from "../connection.ts";
import type { TokenFacts, TokenTrouble } from "./token-state.ts";

/** Of the provider's definition, not of who signs in. */
const ofDefinition = new Set(["invalid_scope", "invalid_request", "unsupported_grant_type"]);
const LONGEST_BACKOFF_MS = 15 * 60_000;
const PAUSE_OF_DEAD_MS = 60 * 60_000;
const TRIES_BEFORE_ERROR = 3;
const MOST_UNKNOWN = { tries: 10, ms: 24 * 60 * 60_000 };

/** A refresh that failed, as the token endpoint told it. */
export interface RefreshFailure {
  kind: TokenFailureKind;
  /** The provider's code, such as `invalid_grant`. */
  code?: string | undefined;
  /** What the provider said besides, without secrets. */
  description?: string | undefined;
  /** Not before this moment, where the provider said so. */
  retryAt?: Date | undefined;
  /** Nothing tells whether the provider has done it. */
  unclear: boolean;
}

export interface Judgement {
  trouble: TokenTrouble;
  /** What the connection becomes; nothing where it stays what it is. */
  status: Extract<ConnectionStatus, "error" | "needs_authorization"> | undefined;
  retryAt: Date;
}

/**
 * What a failed refresh means for the connection. Only a dead grant costs it; everything else goes on by itself, and is
 * not even seen while the access token lives. `maybeSpent`: an earlier answer was lost, or Hawser stopped before it was
 * stored, so that the provider may have replaced the refresh token. `chance` from 0 to 1 is the jitter.
 */
export function judgeFailure(
  failure: RefreshFailure,
  about: {
    name: string;
    now: Date;
    tokens: Pick<TokenFacts, "failures" | "failingSince" | "expiresAt" | "hasAccess">;
    maybeSpent: boolean;
    /** A person has consented; otherwise the OAuth client or the login is the connection's own credential. */
    needsPerson: boolean;
    chance: number;
  },
): Judgement {
  const { name, now, tokens } = about;
  const failures = tokens.failures + 1;
  const since = tokens.failingSince ?? now;
  const at = now.toISOString();
  const dead =
    failure.kind === "grant-dead" ||
    (failure.kind === "app" && !about.needsPerson && !ofDefinition.has(failure.code ?? "")) ||
    (failure.kind === "unknown" &&
      (failures >= MOST_UNKNOWN.tries || now.getTime() - since.getTime() >= MOST_UNKNOWN.ms));
  if (dead) {
    const message = about.maybeSpent ? spent(name) : refused(name, about.needsPerson, wordsOf(failure));
    return {
      trouble: { kind: "reauthorize", message, at },
      status: "needs_authorization",
      retryAt: new Date(now.getTime() + PAUSE_OF_DEAD_MS),
    };
  }
  const retryAt = new Date(
    Math.max(now.getTime() + backoffMs(failures, about.chance), failure.retryAt?.getTime() ?? 0),
  );
  if (failure.kind === "app") {
    const message = `${name} does not accept the OAuth client${wordsOf(failure)}. Its id or secret has to be put right; nobody has to authorize again.`;
    return { trouble: { kind: "rejected", message, at }, status: "error", retryAt };
  }
  const alive = tokens.hasAccess && (!tokens.expiresAt || tokens.expiresAt > now);
  return {
    trouble: {
      kind: "unavailable",
      message: `${name} gives no new token at the moment${wordsOf(failure)}. Hawser goes on trying.`,
      at,
      ...((failure.unclear || about.maybeSpent) && { unclear: true }),
    },
    status: !alive && failures >= TRIES_BEFORE_ERROR ? "error" : undefined,
    retryAt,
  };
}

/** 1 s, 2 s, 4 s … 15 min, of which up to a half is left to chance. */
export const backoffMs = (failures: number, chance: number): number =>
  Math.min(LONGEST_BACKOFF_MS, 1_000 * 2 ** Math.min(failures - 1, 20)) * (0.5 + chance / 2);

const MOST_WORDS = 200;

function wordsOf({ code, description }: RefreshFailure): string {
  const words = [code, description].filter((part) => part !== undefined && part !== "").join(": ");
  return words === "" ? "" : ` (${words.slice(0, MOST_WORDS)})`;
}

const refused = (name: string, needsPerson: boolean, words: string): string =>
  needsPerson
    ? `${name} no longer accepts this sign-in${words}. Authorize again.`
    : `${name} does not accept this credential${words}. Enter it again.`;

const spent = (name: string): string =>
  `${name} had been asked for a new token when Hawser was stopped or the answer was lost, and it no longer accepts the old one. Authorize again.`;
