/** How much of what one account may ask of its provider is left: as answers tell it, or as it is counted here. */
import { type Clock, systemClock } from "#core/clock.ts";

export interface Quota {
  /** How much there is from one renewal to the next; absent where nobody tells. */
  limit?: number;
  remaining: number;
  /** Absent where nobody tells. */
  resetsAt?: Date;
  /** `hawser`: an allowance that is published, less what this process has asked. Others may have asked, too. */
  countedBy: "provider" | "hawser";
  /** What is to be known of the limit. */
  note?: string;
}

/** What one account may ask by what its provider publishes. */
export interface Allowance {
  requests: number;
  perSeconds: number;
  /** For which accounts that is so, where it is not so for all. */
  note?: string;
}

export interface Quotas {
  /** One more answer to this key. Gives what is left after it, as far as that is known. */
  note(key: string, answer: { status: number; headers: Headers }, allowance?: Allowance): Quota | undefined;
}

interface Known {
  /** What an answer told, and until when that is worth something. */
  told?: { quota: Quota; until: number };
  counted?: { until: number; requests: number; isWrong: boolean };
}

/** An answer that does not tell when the allowance is renewed is believed for so long. */
const BELIEVED_MS = 60_000;
/** No allowance is renewed more seldom; a figure above that is a time of another sort. */
const LONGEST_RESET_S = 31 * 24 * 60 * 60;

/** What answers have told, and how many there were, for each key of this process. Keys may come and go. */
export function createQuotas(clock: Clock = systemClock): Quotas {
  const known = new Map<string, Known>();

  let sweepAt = 1_000;
  const forgetQuietKeys = (now: number): void => {
    if (known.size < sweepAt) return;
    for (const [key, { told, counted }] of known) {
      if ((told?.until ?? 0) <= now && (counted?.until ?? 0) <= now) known.delete(key);
    }
    sweepAt = Math.max(1_000, known.size * 2);
  };

  return {
    note(key, { status, headers }, allowance) {
      const now = clock.now();
      const at = now.getTime();
      const told = readQuota(headers, now);
      let of = known.get(key);
      if (!of) {
        if (!told && !allowance) return undefined;
        forgetQuietKeys(at);
        of = {};
        known.set(key, of);
      }
      if (told) of.told = { quota: told, until: told.resetsAt?.getTime() ?? at + BELIEVED_MS };
      if (allowance) count(of, allowance, status, at);
      if (of.told && of.told.until > at) return of.told.quota;
      return allowance && of.counted && leftOf(of.counted, allowance);
    },
  };
}

function count(of: Known, { perSeconds }: Allowance, status: number, at: number): void {
  if (!of.counted || of.counted.until <= at) {
    of.counted = { until: at + perSeconds * 1000, requests: 0, isWrong: false };
  }
  of.counted.requests += 1;
  // Whoever is told “too many” while something is left has not counted what the other side counts.
  if (status === 429) of.counted.isWrong = true;
}

function leftOf(counted: NonNullable<Known["counted"]>, { requests, note }: Allowance): Quota | undefined {
  if (counted.isWrong) return undefined;
  return {
    limit: requests,
    remaining: Math.max(0, requests - counted.requests),
    resetsAt: new Date(counted.until),
    countedBy: "hawser",
    ...(note !== undefined && { note }),
  };
}

/**
 * The headers `RateLimit-Limit`, `RateLimit-Remaining` and `RateLimit-Reset` (in seconds), as the IETF's draft had them up to
 * its sixth version. Without a figure of what is left, or with figures that cannot be, nothing is known.
 */
export function readQuota(headers: Headers, now: Date): Quota | undefined {
  const remaining = readFigure(headers.get("ratelimit-remaining"));
  if (remaining === undefined) return undefined;
  // After the limit that counts now, the draft lets all of them follow: `100, 100;w=60, 5000;w=3600`.
  const limit = readFigure(headers.get("ratelimit-limit")?.split(/[,;]/, 1)[0]);
  if (limit !== undefined && remaining > limit) return undefined;
  const resetS = readFigure(headers.get("ratelimit-reset"));
  return {
    ...(limit !== undefined && { limit }),
    remaining,
    ...(resetS !== undefined && resetS <= LONGEST_RESET_S && { resetsAt: new Date(now.getTime() + resetS * 1000) }),
    countedBy: "provider",
  };
}

function readFigure(written: string | null | undefined): number | undefined {
  if (!/^\s*\d{1,15}\s*$/.test(written ?? "")) return undefined;
  return Number(written);
}
