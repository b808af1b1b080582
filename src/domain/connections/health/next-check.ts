import type { ConnectionStatus } from "../connection.ts";

const HOUR_S = 60 * 60;

/**
 * In how many seconds a connection is tested again by itself: in about six hours, or one while it fails. Nothing for one
 * that waits for a person: asking again would only fail again. `chance` from 0 to 1 spreads them, so that those that
 * were made together are not asked together for ever.
 */
export function nextCheckIn(status: ConnectionStatus, chance: number): number | undefined {
  if (status === "needs_authorization" || status === "inactive") return undefined;
  const base = status === "active" ? 6 * HOUR_S : HOUR_S;
  return Math.round(base * (0.9 + 0.2 * chance));
}
