// What a connection's page says of its sign-in: plain values in, plain values out.
import type { Auth, AuthType } from "#provider-kit/auth.ts";
import { needsPerson } from "#provider-kit/credential.ts";
import { type ConnectionInUse, type StoredTokens, WRONG_ACCOUNT } from "./connection.ts";

/** A connection as people see it. */
export interface ConnectionCard extends ConnectionInUse {
  signIn: SignInState;
  life: Life | undefined;
  mend: Mend;
}

export interface SignInState {
  type: AuthType;
  /** A credential or a token is there. */
  set: boolean;
  fingerprint: string | undefined;
  setAt: Date | undefined;
  setBy: string | undefined;
  scopes: readonly string[];
  /** Needed, and not granted. */
  missingScopes: string[];
}

/** How long the access lasts, as far as it is known. */
export interface Life {
  accessExpiresAt: Date | undefined;
  /** Hawser renews the access by itself. */
  renews: boolean;
  renewedAt: Date;
  nextRenewalAt: Date | undefined;
  failingSince: Date | undefined;
  retryAt: Date | undefined;
  end: { at: Date; because: "access" | "refresh_life" | "idle" } | undefined;
}

/** What puts it right. */
export type Mend = "authorize" | "enter_credential" | "set_oauth_client" | "test" | "wait" | "none";

/**
 * `auth` is the way that the connection is signed in with, absent where its provider is not there any more; `hasClient`
 * says whether there is an OAuth client for it.
 */
export function describeConnection(
  connection: ConnectionInUse,
  about: { auth: Auth | undefined; hasClient: boolean },
): ConnectionCard {
  const { auth } = about;
  return {
    ...connection,
    signIn: signInOf(connection, auth),
    life: auth && connection.tokens && lifeOf(auth, connection.tokens),
    mend: mendOf(connection, about),
  };
}

function signInOf({ authType, credential, tokens }: ConnectionInUse, auth: Auth | undefined): SignInState {
  const hasTokens = tokens !== undefined && (tokens.hasAccess || tokens.hasRefresh);
  return {
    type: auth?.type ?? authType ?? "none",
    set: credential !== undefined || hasTokens,
    fingerprint: credential?.fingerprint,
    setAt: credential?.setAt ?? (hasTokens ? tokens.grantedAt : undefined),
    setBy: credential?.setBy,
    scopes: tokens?.scopes ?? [],
    missingScopes: auth && needsPerson(auth) && hasTokens ? missingScopes(auth, tokens.scopes) : [],
  };
}

/** Scopes that the provider needs and the person did not grant. */
export const missingScopes = (
  { scopes, neededScopes = scopes }: { scopes: readonly string[]; neededScopes?: readonly string[] },
  granted: readonly string[],
): string[] => neededScopes.filter((scope) => !granted.includes(scope));

/**
 * Where the access is renewed, its end is that of the refresh token, and the end by disuse is told for information: every
 * renewal puts it off. Where renewing fails, whatever comes first.
 */
export function lifeOf(auth: Auth, tokens: StoredTokens): Life {
  const renews = needsPerson(auth) ? auth.refresh !== "none" && tokens.hasRefresh : true;
  const { expiresAt, refreshExpiresAt, idleExpiresAt, failingSince } = tokens;
  const access = expiresAt && { at: expiresAt, because: "access" as const };
  const life = refreshExpiresAt && { at: refreshExpiresAt, because: "refresh_life" as const };
  const idle = idleExpiresAt && { at: idleExpiresAt, because: "idle" as const };
  const earlier = life && idle ? (idle.at < life.at ? idle : life) : (life ?? idle);
  return {
    accessExpiresAt: expiresAt,
    renews,
    renewedAt: tokens.obtainedAt,
    nextRenewalAt: renews ? tokens.renewAt : undefined,
    failingSince,
    retryAt: failingSince && tokens.retryAt,
    end: renews ? (failingSince ? earlier : (life ?? idle)) : access,
  };
}

/** Failures that go away by themselves. */
const passing = ["unavailable", "rate-limited"];

function mendOf(
  { status, failure, tokens, nextCheckAt }: ConnectionInUse,
  { auth, hasClient }: { auth: Auth | undefined; hasClient: boolean },
): Mend {
  if (!auth) return "none";
  const signIn = needsPerson(auth)
    ? hasClient
      ? "authorize"
      : "set_oauth_client"
    : auth.type === "none"
      ? "test"
      : "enter_credential";
  // Nobody has to sign in again for an OAuth client that was set up wrongly.
  const clientIsWrong = needsPerson(auth) && tokens?.failure?.kind === "rejected";
  switch (status) {
    case "inactive":
    case "needs_authorization":
      return signIn;
    case "active":
      if (!tokens?.failingSince) return "none";
      return clientIsWrong ? "set_oauth_client" : "wait";
    case "error":
      if (clientIsWrong) return "set_oauth_client";
      if (failure?.kind === "reauthorize" || failure?.kind === WRONG_ACCOUNT) return signIn;
      return passing.includes(failure?.kind ?? "") && (tokens?.retryAt ?? nextCheckAt) ? "wait" : "test";
  }
}
