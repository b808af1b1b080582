import type { ConnectionId, UserId } from "#core/ids.ts";

/** Somebody who is on the way through a provider's pages, as it was when they left (SR-33). */
export interface Flow {
  id: string;
  connection: ConnectionId;
  /** The last part of the callback's address. */
  place: string;
  providerFingerprint: string;
  endpoints: FlowEndpoints;
  redirectUri: string;
  /** Ciphertext. */
  verifier: string | undefined;
  scopes: string[];
  otherAccount: boolean;
  returnTo: ReturnTo;
}

/** What must be the same at the end as it was at the beginning. */
export interface FlowEndpoints {
  authorizeUrl: string;
  tokenUrl: string;
  clientId: string;
  /** Of the way to sign in and of the connection's config, whole. */
  fingerprint: string;
}

export type ReturnTo = "connection" | "sync_wizard";

/** Whose browser it is. */
export interface Visitor {
  user: UserId;
  /** What the person is called, for the audit log. */
  name: string;
  /** Names the session; a new one has another. */
  session: string;
  address: string;
  requestId: string;
}

/** How a way through a provider's pages has ended. */
export type Outcome =
  | "connected"
  | "denied"
  | "expired"
  | "wrong_account"
  | "scope_missing"
  | "provider_down"
  | "app_misconfigured"
  | "provider_changed"
  | "not_allowed"
  | "failed";
