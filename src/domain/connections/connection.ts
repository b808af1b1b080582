import type { ConnectionId, WorkspaceId } from "#core/ids.ts";
import type { Actor } from "#domain/audit/actor.ts";
import type { Account } from "#provider-kit/provider.ts";

export type ConnectionStatus = "inactive" | "active" | "error" | "needs_authorization";

export type Config = Readonly<Record<string, unknown>>;

/** Why something outside failed: `kind` decides what happens next, `message` is for a person. */
export interface Failure {
  kind: string;
  message: string;
  /** RFC 3339, as it stands in the row. */
  at?: string | undefined;
}

/** A provider installed in a workspace. */
export interface Connection {
  id: ConnectionId;
  provider: string;
  name: string;
  config: Config;
  tags: string[];
  status: ConnectionStatus;
  /** Whose account it is, once a test has passed; a connection stays pinned to it (SR-42). */
  account?: Account | undefined;
  failure?: Failure | undefined;
  checkedAt?: Date | undefined;
  createdAt: Date;
  /** The name of whoever made it, while that is a member of the workspace. */
  createdBy?: string | undefined;
  updatedAt: Date;
}

/** A connection and what the rest of the workspace does with it. */
export interface ConnectionInUse extends Connection {
  syncs: number;
  lastUsedAt?: Date | undefined;
}

/** Who asks for something, and for which workspace. */
export interface Caller {
  workspace: WorkspaceId;
  actor: Actor;
  /** Aborted when nobody waits for the answer any more. */
  signal: AbortSignal;
}
