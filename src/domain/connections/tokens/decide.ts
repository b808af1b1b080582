// What to do about a connection's tokens: plain values in, plain values out.
import type { TokenFacts, TokenState, TokenTrouble, Want } from "./token-state.ts";
import { versionName } from "./token-state.ts";

const MOST_MARGIN_MS = 5 * 60_000;

export type Decision =
  /** The stored token is to be used. */
  | { next: "use" }
  /** There is nothing that could be renewed: a person has to authorize. `never`: nobody has so far. */
  | { next: "authorize"; because: "never" | "ended" | "refused"; trouble?: TokenTrouble }
  /** It failed lately and is not tried again before that moment. */
  | { next: "later"; retryAt: Date; trouble: TokenTrouble | undefined }
  /** Somebody else is at it. */
  | { next: "wait" }
  /** A request of somebody who is gone may still be on its way; the old refresh token is not sent before it can be no more. */
  | { next: "settle"; inMs: number }
  | { next: "ask" };

/** How the tokens of a way to sign in can be had. */
export interface Means {
  /** A person has to consent, once. The others get a token with the credential alone. */
  needsPerson: boolean;
  /** The provider gives refresh tokens. */
  refreshes: boolean;
  /** The longest time that a request for a token can be on its way. */
  longestMs: number;
}

export function decide({ now, tokens, lease }: TokenState, want: Want, means: Means): Decision {
  if (!tokens && means.needsPerson) return { next: "authorize", because: "never" };
  const usable = tokens?.hasAccess === true && !isOver(tokens.expiresAt, now) && !isRefused(tokens, want);
  if (usable && !(want.for === "renewal" && isDue(tokens, now))) return { next: "use" };

  if (means.needsPerson && !(means.refreshes && tokens?.hasRefresh)) {
    return usable ? { next: "use" } : { next: "authorize", because: "ended" };
  }
  if (tokens?.retryAt && tokens.retryAt > now) {
    if (usable) return { next: "use" };
    const { failure: trouble, retryAt } = tokens;
    if (trouble?.kind === "reauthorize") return { next: "authorize", because: "refused", trouble };
    return { next: "later", retryAt, trouble };
  }
  if (lease?.heldUntil && lease.heldUntil > now) return { next: "wait" };
  const intent = means.needsPerson ? lease?.intent : undefined;
  if (intent && intent.version === tokens?.version && intent.ageMs < means.longestMs) {
    return { next: "settle", inMs: means.longestMs - intent.ageMs };
  }
  return { next: "ask" };
}

/** SR-41: five minutes, or a tenth of the life of a token that lives shorter. */
export const marginMs = (lifeMs: number): number => Math.min(MOST_MARGIN_MS, lifeMs / 10);

export const endsWithinMargin = (
  { obtainedAt, expiresAt }: { obtainedAt: Date; expiresAt: Date },
  now: Date,
): boolean => expiresAt.getTime() - marginMs(expiresAt.getTime() - obtainedAt.getTime()) <= now.getTime();

const isOver = (end: Date | undefined, now: Date): boolean => end !== undefined && end <= now;

const isRefused = (tokens: TokenFacts, want: Want): boolean =>
  want.for === "repeat" && want.refused === versionName(tokens);

function isDue({ expiresAt, obtainedAt, renewAt }: TokenFacts, now: Date): boolean {
  if (renewAt && renewAt <= now) return true;
  return expiresAt !== undefined && endsWithinMargin({ obtainedAt, expiresAt }, now);
}
