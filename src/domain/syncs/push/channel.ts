import type { ConnectionId, RemoteId } from "#core/ids.ts";
import type { Failure } from "../sync.ts";

/** A subscription at a provider for one drive of a connection, shared by the syncs of that drive. */
export interface Channel {
  id: string;
  connection: ConnectionId;
  drive: RemoteId;
  account: string;
  address: string;
  state: "making" | "live" | "ending";
  /** What the provider calls it; absent while it has not been subscribed. */
  subscription?: { id: string; locator?: string; expiresAt?: Date } | undefined;
  nextAt?: Date | undefined;
  attempts: number;
  failingSince?: Date | undefined;
  failure?: Failure | undefined;
}

/** A channel that is this process's to work on, until the lease ends. */
export interface LeasedChannel extends Channel {
  epoch: string;
  /** Somebody has signed in anew since it is live. */
  isOfAnotherGrant: boolean;
  /** By the database's clock. */
  now: Date;
}

/** Which drive is wanted, and by whom its provider is called. */
export interface Wish {
  provider: string;
  sandbox: boolean;
}
