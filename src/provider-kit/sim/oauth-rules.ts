/** The habits of a pretend authorization server, in which services differ. */
import type { Grant, SimulatedAccount, SimulatedClient, TokenPair } from "./oauth-state.ts";

/** Why a request to the token endpoint is refused; each service has its own words for them. */
export type Refusal =
  /** Shown by header and body at once. */
  | "client-twice"
  | "client-missing"
  | "client-wrong"
  | "body-wrong"
  | "grant-unsupported"
  | "code-wrong"
  | "verifier-wrong"
  | "refresh-wrong"
  | "scope-wrong"
  | "assertion-wrong";

/** What a service says with a refusal. */
export type RefusalWords = readonly [status: number, error: string, description: string];

/** A refusal as RFC 6749 5.2 writes it. */
export const toRefusal = ([status, error, error_description]: RefusalWords): Response =>
  Response.json({ error, error_description }, { status });

export interface OAuthRules {
  readonly name: string;
  readonly clients: readonly SimulatedClient[];
  readonly accounts: readonly SimulatedAccount[];
  /** Where a client may show who it is. Both unless said. */
  readonly clientAuth?: readonly ("basic" | "body")[];
  /** `refused`: a verifier is an error. */
  readonly pkce: "required" | "optional" | "refused";
  readonly body?: "form" | "json";
  readonly codeLifeS: number;
  /** The same for all, or for each access token by its text. */
  readonly accessLifeS: number | ((access: string) => number);
  readonly refreshLifeS?: number | undefined;
  /** Unused for so long, a refresh token is dead. */
  readonly idleLifeS?: number;
  /** More live refresh tokens than these, of one account for one client, end the oldest without a word. */
  readonly mostRefreshTokens?: number;
  /**
   * `once`: a spent refresh token is refused, and no more than that. `strict`: one that comes back kills all of the
   * grant. `grace`: for a while it gives the same pair. `keeps`: the old one goes on working beside the new one.
   */
  readonly rotation: "none" | "once" | "strict" | "grace" | "keeps";
  /** Whether a refresh token is given; always unless said. */
  givesRefresh?(about: { scopes: readonly string[]; params: URLSearchParams; isFirst: boolean }): boolean;
  /** Scopes that can be asked for; all unless said. */
  knowsScope?(scope: string): boolean;
  /** Grant types besides code and refresh token; nothing for one that the service does not know. */
  otherGrant?(type: string, asked: GrantRequest): OtherGrant | undefined;
  readonly iss?: string;
  readonly prefixes?: { readonly code?: string; readonly access?: string; readonly refresh?: string };
  /** The answer with a token. */
  answer(about: { pair: TokenPair; scopes: readonly string[]; grant: Grant | undefined; now: number }): Response;
  /** The answer of a refusal. */
  refuse(refusal: Refusal): Response;
  /** `error` of the callback when a person says no; `access_denied` unless said. */
  readonly denied?: string;
  /** `error` of the callback for a scope that the app may not ask for; `invalid_scope` unless said. */
  readonly unknownScope?: string;
  /** The answer to a revocation of a token that is known, or is not. */
  revoked?(known: boolean): Response;
}

export interface GrantRequest {
  params: URLSearchParams;
  /** Absent where none was shown, or a wrong one. */
  client: SimulatedClient | undefined;
  url: URL;
}

/** Whose token it is to be, or why there is none: `answer` where the service has words of its own for that. */
export type OtherGrant = { account: string; scopes: readonly string[] } | { refused: Refusal } | { answer: Response };
