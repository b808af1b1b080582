import type { ConnectionId, WorkspaceId } from "#core/ids.ts";
import type { Failure } from "../connection.ts";

/** What the rows say about a connection's tokens and about who is at work on them, at one moment of the database. */
export interface TokenState {
  now: Date;
  tokens: TokenFacts | undefined;
  lease: LeaseFacts | undefined;
}

export interface TokenFacts {
  version: string;
  hasAccess: boolean;
  hasRefresh: boolean;
  /** The client and the address it came from. */
  clientId: string | undefined;
  tokenUrl: string;
  origins: readonly string[];
  scopes: readonly string[];
  grantedAt: Date;
  obtainedAt: Date;
  expiresAt: Date | undefined;
  refreshExpiresAt: Date | undefined;
  renewAt: Date | undefined;
  failures: number;
  failingSince: Date | undefined;
  retryAt: Date | undefined;
  failure: TokenTrouble | undefined;
}

/** Why the last refresh failed. */
export interface TokenTrouble extends Failure {
  kind: "reauthorize" | "rejected" | "unavailable";
  /** An answer may have been lost: the provider may have replaced the refresh token without our knowing. */
  unclear?: boolean;
}

export interface LeaseFacts {
  epoch: string;
  /** Somebody holds it, and until when. */
  heldUntil: Date | undefined;
  /**
   * A request for a new token that stands since before it was sent. `at` is as the database writes it, to the
   * microsecond: two intents never have the same.
   */
  intent: { version: string; at: string; ageMs: number } | undefined;
}

/**
 * The right to ask for a connection's next token (SR-39). The epoch grows with every holder. Unlike that of a sync run
 * it does not bind the holder's last act: an answer that came is stored although the lease has run out, as long as
 * nobody else has asked since.
 */
export interface TokenLease {
  readonly workspace: WorkspaceId;
  readonly connection: ConnectionId;
  readonly epoch: string;
}

/** What a caller needs the token for. */
export type Want =
  | { for: "call" }
  /** The provider answered 401 to a call that was signed with this version. */
  | { for: "repeat"; refused: string }
  /** Nobody waits: it is renewed before it is needed. */
  | { for: "renewal" };

/** By which two tokens of a connection are told apart, also over its being disconnected and connected again. */
export const versionName = ({ version, grantedAt }: Pick<TokenFacts, "version" | "grantedAt">): string =>
  `token-${version}-${grantedAt.getTime().toString(36)}`;
