/** When a hand-off is tried again. Plain values in, plain values out. */

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** After the first attempt that failed, after the second and so on; after the last one it is given up (SR-69). */
const waits = [5 * second, 30 * second, 2 * minute, 10 * minute, 30 * minute, 2 * hour, 6 * hour, 12 * hour, 24 * hour];
const JITTER = 0.2;

/** In how many milliseconds; nothing when it is given up. `chance` is a random number from 0 to 1. */
export function nextAttemptIn(
  failures: number,
  about: { askedMs?: number | undefined; chance: number },
): number | undefined {
  const wait = waits[failures - 1];
  if (wait === undefined) return undefined;
  const jittered = wait * (1 - JITTER + 2 * JITTER * about.chance);
  return Math.round(Math.max(jittered, about.askedMs ?? 0));
}
