import type { ConnectionId } from "#core/ids.ts";
import type { Database, WorkspaceTx } from "#db/database.ts";
import { extendLease } from "./queries.ts";

/**
 * The right to ask for a connection's next token (SR-39). The epoch grows with every holder. Unlike that of a sync run
 * it does not bind the holder's last act: an answer that came is stored although the lease has run out, as long as
 * nobody else has asked since.
 */
export interface TokenLease {
  readonly workspace: WorkspaceTx["workspace"];
  readonly connection: ConnectionId;
  readonly epoch: string;
}

/**
 * Keeps a lease alive until `stop`. That it has been lost is found out when the answer is stored; the request is not
 * broken off for it, because its answer may be the only copy of the next refresh token.
 */
export function keepLease(database: Database, lease: TokenLease, seconds: number): { stop(): void } {
  const renew = () => database.asWorkspace({ workspace: lease.workspace }, (tx) => extendLease(tx, lease, seconds));
  const timer = setInterval(() => void renew().catch(() => {}), (seconds * 1000) / 3);
  return { stop: () => clearInterval(timer) };
}
