import { type FailureKind, nextMove } from "#core/errors.ts";
import type { LeasedChannel } from "./channel.ts";

/** `replace`: another channel is made for the same drive, and this one ended when that one is live. */
export type Step = "subscribe" | "renew" | "replace" | "end" | "forget" | "nothing";

export function nextStep(
  channel: Pick<LeasedChannel, "state" | "subscription" | "nextAt" | "isOfAnotherGrant">,
  { wanted, renewable, now }: { wanted: boolean; renewable: boolean; now: Date },
): Step {
  const { state, subscription, nextAt } = channel;
  const isDue = nextAt !== undefined && nextAt <= now;
  if (state === "ending" || !wanted) {
    if (!subscription || hasEnded(subscription, now)) return "forget";
    return state !== "ending" || isDue ? "end" : "nothing";
  }
  if (subscription && hasEnded(subscription, now)) return "forget";
  // With the grant that it was made with it may have ended, and nobody tells.
  if (state === "live" && channel.isOfAnotherGrant) return "replace";
  if (!isDue) return "nothing";
  if (state === "making") return "subscribe";
  return renewable ? "renew" : "replace";
}

const hasEnded = ({ expiresAt }: { expiresAt?: Date }, now: Date): boolean =>
  expiresAt !== undefined && expiresAt <= now;

const DAY_MS = 24 * 60 * 60_000;

/** How long a subscription is wanted for: no provider that we know gives less than asked for without saying so. */
export const wantedUntil = (now: Date): Date => new Date(now.getTime() + 6 * DAY_MS);

/** After about three quarters of its life, so that there is time to try again; not all at the same moment. */
export function renewalTime(now: Date, expiresAt: Date, chance: number): Date {
  const lifeMs = Math.max(0, expiresAt.getTime() - now.getTime());
  return new Date(now.getTime() + lifeMs * (0.7 + chance / 10));
}

const FIRST_PAUSE_MS = 10_000;
const LONGEST_PAUSE_MS = 60 * 60_000;
/** What would be answered in the same way is not asked again sooner. */
const HOPELESS_PAUSE_MS = 15 * 60_000;

/** When to try again after so many failures in a row; `retryAt` is the provider's own word. */
export function nextTry(
  failure: { kind: string; retryAt?: Date | undefined },
  { attempts, now, chance }: { attempts: number; now: Date; chance: number },
): Date {
  const growing = FIRST_PAUSE_MS * 2 ** Math.min(attempts - 1, 20);
  const least = isHopeless(failure.kind) ? HOPELESS_PAUSE_MS : 0;
  const pauseMs = Math.min(LONGEST_PAUSE_MS, Math.max(growing, least)) * (0.5 + chance / 2);
  return new Date(Math.max(now.getTime() + pauseMs, failure.retryAt?.getTime() ?? 0));
}

export const isHopeless = (kind: string): boolean =>
  !(kind in nextMove) || ["ask-person", "give-up"].includes(nextMove[kind as FailureKind]);

/** For so long a provider is asked to end what nobody wants. */
export const endsInVain = (failingSince: Date | undefined, now: Date): boolean =>
  failingSince !== undefined && now.getTime() - failingSince.getTime() > DAY_MS;
