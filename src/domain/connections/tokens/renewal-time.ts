import { marginMs } from "./decide.ts";

/** A refresh token that would die of disuse is used when this share of the time is over. */
const OF_IDLE_TIME = 2 / 3;
const LEAST_PAUSE_MS = 60 * 60_000;

export interface Lifetimes {
  /** When the tokens came. */
  obtainedAt: Date;
  expiresAt?: Date | undefined;
  /** When disuse, or the provider's own limit, ends the refresh token; using it puts that off. */
  idleExpiresAt?: Date | undefined;
}

/**
 * When a token is to be renewed though nobody asks, and which of its ends that is for. `inUse`: somebody has used it
 * within the last hour; then it is renewed before it ends, so that no call has to wait. Otherwise only the refresh
 * token is kept alive. `chance` from 0 to 1 spreads the renewals.
 */
export function planRenewal(
  { obtainedAt, expiresAt, idleExpiresAt }: Lifetimes,
  about: { renewable: boolean; inUse: boolean; chance: number },
): Date | undefined {
  if (!about.renewable) return undefined;
  const from = obtainedAt.getTime();
  const ends: number[] = [];
  if (expiresAt && about.inUse) {
    const life = expiresAt.getTime() - from;
    // A little before the margin, from which on callers look for a new one themselves.
    ends.push(expiresAt.getTime() - marginMs(life) * (1 + about.chance / 2));
  }
  if (idleExpiresAt) {
    const idle = idleExpiresAt.getTime() - from;
    ends.push(from + Math.max(LEAST_PAUSE_MS, idle * OF_IDLE_TIME * (1 - about.chance / 10)));
  }
  return ends.length === 0 ? undefined : new Date(Math.min(...ends));
}
