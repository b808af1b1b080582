/** Words of the token endpoint (RFC 6749 5) that providers write down and outbound reads. */

/** Where things stand in the token answer, as names with dots between them. Unless said, where RFC 6749 5.1 has them. */
export interface TokenAnswerPlaces {
  readonly accessToken?: string;
  readonly refreshToken?: string;
  readonly expiresIn?: string;
  /** ISO text, seconds or milliseconds since 1970, also as text. */
  readonly expiresAt?: string;
  readonly refreshExpiresIn?: string;
  readonly scope?: string;
  readonly error?: string;
  readonly errorDescription?: string;
  /** A member that is `false` in an answer with status 200 that is a failure. */
  readonly ok?: string;
  readonly expiresUnit?: "s" | "ms" | "min";
  /** Seconds that a token lives where the answer does not tell. */
  readonly defaultLifeS?: number;
}

/** A value that is kept beside the token and stands for `{name}` in addresses. One that does not match is refused. */
export interface Kept {
  readonly name: string;
  /** Name in the callback or place in the answer. */
  readonly from: string;
  /** A regular expression for the whole value, in linear time. */
  readonly pattern: string;
  readonly optional?: boolean;
}

/** What an error code, or a text in the error's description, means where it is not what the RFC says. */
export interface TokenErrorMeaning {
  readonly code: string;
  /** Part of the description, in any case. */
  readonly text?: string;
  readonly means: TokenFailureKind;
}

/**
 * What a failure at the token endpoint means. `grant-dead`: a person has to authorize again. `app`: the OAuth client is
 * set up wrongly, nobody's authorization is lost. `temporary`: it goes on by itself. `unknown`: as temporary, for a day.
 */
export type TokenFailureKind = "grant-dead" | "app" | "temporary" | "unknown";

/** How the client shows at the token endpoint who it is (RFC 6749 2.3). */
export interface ClientAuthentication {
  readonly clientAuth: "basic" | "body" | "none" | "private_key_jwt";
  /** `form` is what RFC 6749 demands and the default; many servers take the values as they are. */
  readonly basicEncoding?: "form" | "plain";
  /** Names of parameters, where the provider has its own. */
  readonly paramNames?: { readonly clientId?: string; readonly clientSecret?: string; readonly code?: string };
}
