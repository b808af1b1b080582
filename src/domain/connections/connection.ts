import type { ConnectionId, WorkspaceId } from "#core/ids.ts";
import type { Actor } from "#domain/audit/actor.ts";
import type { AuthType } from "#provider-kit/auth.ts";
import type { Account, KeptValues } from "#provider-kit/provider.ts";

export type ConnectionStatus = "inactive" | "active" | "error" | "needs_authorization";

export type Config = Readonly<Record<string, unknown>>;

/** Why something outside failed: `kind` decides what happens next, `message` is for a person. */
export interface Failure {
  kind: string;
  message: string;
  /** RFC 3339, as it stands in the row. */
  at?: string | undefined;
}

/** `kind` of the failure of a connection that leads to another account than the pinned one: no work is done with it. */
export const WRONG_ACCOUNT = "wrong-account";

/** A provider installed in a workspace. */
export interface Connection {
  id: ConnectionId;
  provider: string;
  name: string;
  config: Config;
  tags: string[];
  /** What it is signed in with; absent where its provider has one way only. */
  authType?: AuthType | undefined;
  /** Made with a simulator, never with the real provider. */
  sandbox: boolean;
  /** What the provider told when it was connected, for its addresses and calls. */
  kept: KeptValues;
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
  nextCheckAt?: Date | undefined;
  /** What was entered by a person, without what it is. */
  credential?: StoredCredential | undefined;
  tokens?: StoredTokens | undefined;
}

export interface StoredCredential {
  authType: AuthType;
  /** By which people can tell two values apart. */
  fingerprint: string;
  setAt: Date;
  setBy?: string | undefined;
}

/** What is known of the tokens of a connection, without what they are. */
export interface StoredTokens {
  hasAccess: boolean;
  hasRefresh: boolean;
  scopes: readonly string[];
  clientId?: string | undefined;
  /** When a person signed in; for a way without a person, when the first token came. */
  grantedAt: Date;
  obtainedAt: Date;
  expiresAt?: Date | undefined;
  refreshExpiresAt?: Date | undefined;
  idleExpiresAt?: Date | undefined;
  renewAt?: Date | undefined;
  failingSince?: Date | undefined;
  retryAt?: Date | undefined;
  failure?: Failure | undefined;
}

/** Who asks for something, and for which workspace. */
export interface Caller {
  workspace: WorkspaceId;
  actor: Actor;
  /** Aborted when nobody waits for the answer any more. */
  signal: AbortSignal;
}
