/** What a pretend authorization server remembers. Plain data, so that it can be written down and read again. */
import { z } from "zod";

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

const pair = z.object({ access: z.string(), refresh: z.string().optional() });

// All times are milliseconds since 1970.
const grant = z.object({
  id: z.string(),
  account: z.string(),
  client: z.string(),
  scopes: z.array(z.string()),
  grantedAt: z.number(),
  usedAt: z.number(),
  /** The refresh token that works now. */
  refresh: z.string().optional(),
  /** Those that were replaced, the newest last, with what replaced them. */
  spent: z.array(z.object({ token: z.string(), at: z.number(), pair })),
  dead: z.boolean(),
});

const code = z.object({
  value: z.string(),
  grant: z.string(),
  redirectUri: z.string(),
  challenge: z.string().optional(),
  method: z.string().optional(),
  at: z.number(),
  usedAt: z.number().optional(),
});

const accessToken = z.object({
  value: z.string(),
  /** Absent where the client acts for itself. */
  grant: z.string().optional(),
  account: z.string(),
  client: z.string(),
  scopes: z.array(z.string()),
  issuedAt: z.number(),
  expiresAt: z.number(),
});

const state = z.object({
  grants: z.array(grant),
  codes: z.array(code),
  access: z.array(accessToken),
  /** Accounts that have consented before, by client: some give a refresh token only the first time. */
  consented: z.array(z.string()),
  /** Scopes that people untick when they consent. */
  refusedScopes: z.array(z.string()),
});

export type TokenPair = z.infer<typeof pair>;
export type Grant = z.infer<typeof grant>;
export type Code = z.infer<typeof code>;
export type AccessToken = z.infer<typeof accessToken>;
export type OAuthState = z.infer<typeof state>;

/** What was written down; nothing where that was done by a version that remembered something else. */
export const readOAuthState = (saved: unknown): OAuthState | undefined => state.safeParse(saved).data;

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
  state.grants = state.grants.filter(({ dead }) => !dead);
  for (const grant of state.grants) grant.spent = grant.spent.slice(-20);
}
