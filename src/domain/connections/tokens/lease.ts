import type { Database } from "#db/database.ts";
import { extendLease } from "./queries.ts";
import type { TokenLease } from "./token-state.ts";

/**
 * Keeps a lease alive until `stop`. That it has been lost is found out when the answer is stored; the request is not
 * broken off for it, because its answer may be the only copy of the next refresh token.
 */
export function keepLease(database: Database, lease: TokenLease, seconds: number): { stop(): void } {
  const renew = () => database.asWorkspace({ workspace: lease.workspace }, (tx) => extendLease(tx, lease, seconds));
  const timer = setInterval(() => void renew().catch(() => {}), (seconds * 1000) / 3);
  return { stop: () => clearInterval(timer) };
}
