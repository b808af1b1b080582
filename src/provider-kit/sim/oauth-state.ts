/** What a pretend authorization server remembers. Plain data, so that it can be written down and read again. */

export interface SimulatedAccount {
  readonly id: string;
  readonly label: string;
}

export interface SimulatedClient {
  readonly id: string;
  /** Absent for a public client. */
  readonly secret?: string;
  /** Exact addresses; `*` at the end of one stands for whatever follows. */
  readonly redirectUris: readonly string[];
}

export interface Grant {
  id: string;
  account: string;
  client: string;
  scopes: string[];
  /** Milliseconds since 1970, as all times here. */
  grantedAt: number;
  usedAt: number;
  /** The refresh token that works now, and when it was issued. */
  refresh?: string;
  /** Those that were replaced, the newest last, with what replaced them. */
  spent: { token: string; at: number; pair: TokenPair }[];
  dead: boolean;
}

export interface TokenPair {
  access: string;
  refresh?: string;
}

export interface Code {
  value: string;
  grant: string;
  redirectUri: string;
  challenge?: string;
  method?: string;
  at: number;
  usedAt?: number;
}

export interface AccessToken {
  value: string;
  /** Absent where the client acts for itself. */
  grant?: string;
  account: string;
  client: string;
  scopes: string[];
  issuedAt: number;
  expiresAt: number;
}

export interface OAuthState {
  grants: Grant[];
  codes: Code[];
  access: AccessToken[];
  /** Accounts that have consented before, by client: some give a refresh token only the first time. */
  consented: string[];
  /** Scopes that people untick when they consent. */
  refusedScopes: string[];
}

export const newOAuthState = (): OAuthState => ({
  grants: [],
  codes: [],
  access: [],
  consented: [],
  refusedScopes: [],
});

/** Takes away what nobody can use any more. */
export function prune(state: OAuthState, now: number): void {
  state.access = state.access.filter(({ expiresAt }) => expiresAt > now - 60_000);
  state.codes = state.codes.filter(({ at }) => at > now - 60 * 60_000);
  for (const grant of state.grants) grant.spent = grant.spent.slice(-20);
}
