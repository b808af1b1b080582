import type { ClientAuthentication, Kept, TokenAnswerPlaces, TokenErrorMeaning } from "#core/token-answer.ts";

/**
 * The ways to sign in, as data: one signer, one OAuth client and one refresh serve every provider, built in or custom.
 * The settings are those that together cover 95 % of public APIs. A provider has at most one way of each type.
 */
export type Auth =
  | NoAuth
  | ApiKey
  | Bearer
  | Basic
  | AuthorizationCode
  | ClientCredentials
  | ServiceAccount
  | TwoStep
  | SigningSecret
  | AccessKey;

export type AuthType = Auth["type"];

export interface NoAuth {
  readonly type: "none";
}

export interface ApiKey {
  readonly type: "api_key";
  readonly label: string;
  readonly place: KeyPlace;
}

/** Where a key or a token stands in a request. `prefix` is written as it is: with its blank, where there is one. */
export type KeyPlace =
  | {
      readonly header: string;
      readonly prefix?: string;
      /** The same key stands in `Authorization: Bearer` as well. */
      readonly alsoBearer?: boolean;
    }
  | { readonly query: string };

export interface Bearer {
  readonly type: "bearer";
  readonly label: string;
}

export interface Basic {
  readonly type: "basic";
  readonly usernameLabel: string;
  /** Absent where the key is the user name and the password is `fixedPassword`, or empty. */
  readonly passwordLabel?: string;
  readonly fixedPassword?: string;
}

/** OAuth 2.0 authorization code (RFC 6749 4.1), with PKCE S256 (RFC 7636) unless the provider refuses it. */
export interface AuthorizationCode extends TokenEndpoint, ClientAuthentication {
  readonly type: "oauth2_authorization_code";
  /** May have a query of its own, which is kept. */
  readonly authorizeUrl: string;
  readonly pkce: boolean;
  readonly authorizeParams?: Readonly<Record<string, string>>;
  /** `scope` unless said. */
  readonly scopeParam?: string;
  /** RFC 9207: what `iss` must be where it comes; `issPromised` makes its absence an error. */
  readonly issuer?: string;
  readonly issPromised?: boolean;
  /** The callback's parameter with the code, where it is not `code`. */
  readonly codeParam?: string;
  /** Errors of the callback that mean, beside `access_denied`, that the person said no. */
  readonly refusals?: readonly string[];
  /** Parameters of the callback that calls need later. */
  readonly keepFromCallback?: readonly Kept[];
  /** `rotating`: each refresh spends the old refresh token. `none`: a person signs in again when the token ends. */
  readonly refresh: "stable" | "rotating" | "none";
  /** Where refreshing has an address of its own. */
  readonly refreshUrl?: string;
  readonly refreshParams?: Readonly<Record<string, string>>;
  /** RFC 7009. */
  readonly revokeUrl?: string;
  /** Unused for so many days, the refresh token is dead: it is refreshed before. */
  readonly idleDays?: number;
  /** So many days after the person signed in, the refresh token is dead whatever we do. */
  readonly lifeDays?: number;
  /** So many seconds may pass until all of the provider's servers know a new token; its first check is repeated until then. */
  readonly spreadsInS?: number;
  /** Scopes without which the connection is of no use, where that is not all of `scopes`. */
  readonly neededScopes?: readonly string[];
}

/** RFC 6749 4.4. The client's own id and secret are the connection's credential. */
export interface ClientCredentials extends TokenEndpoint, ClientAuthentication {
  readonly type: "oauth2_client_credentials";
}

/** RFC 7523 2.1: a key file signs a short-lived assertion. Address and scopes are never taken from the file (SR-43). */
export interface ServiceAccount extends TokenEndpoint {
  readonly type: "service_account";
  readonly label: string;
  /** `aud` of the assertion; the token address unless said. */
  readonly audience?: string;
  /** Whom the account acts for. */
  readonly subject?: string;
}

/** Log in with the credential, then use what that returns. */
export interface TwoStep extends Omit<TokenEndpoint, "tokenUrl" | "scopes" | "tokenBody"> {
  readonly type: "two_step";
  /** What a person enters. `name` is referred to as `{name}` in the values below. */
  readonly fields: readonly { readonly name: string; readonly label: string; readonly secret: boolean }[];
  readonly login: {
    readonly method: "POST" | "GET";
    readonly url: string;
    readonly body: "form" | "json" | "query";
    /** Values are texts with `{field}` in them. */
    readonly params: Readonly<Record<string, string>>;
    readonly headers?: Readonly<Record<string, string>>;
  };
}

/** A secret that both sides know and that is never sent: what is sent is signed with it. Built-in providers only. */
export interface SigningSecret {
  readonly type: "signing_secret";
  readonly label: string;
  readonly scheme: SignatureScheme;
}

/** An id and a secret key that is never sent: each request is signed with it (AWS Signature Version 4). Built-in only. */
export interface AccessKey {
  readonly type: "access_key";
  readonly region: string;
  readonly service: string;
}

export type SignatureScheme =
  /** Standard Webhooks 1.0: HMAC-SHA256 over id, time of the attempt and payload; the secret is `whsec_` and base64. */
  | { readonly kind: "webhook" }
  /** One and the same text for ever for each tenant, which some older receivers want. It covers nothing else. */
  | {
      readonly kind: "tenant";
      readonly tenant: string;
      readonly formula: "sha256-concat" | "hmac-sha256";
      /** Whether the secret's characters are the key, or the bytes that they stand for as hexadecimal digits. */
      readonly key: "text" | "hex";
      readonly tenantHeader: string;
      readonly signatureHeader: string;
    };

export interface TokenEndpoint {
  readonly tokenUrl: string;
  /** `form` unless said. `query` puts the parameters into the address. */
  readonly tokenBody?: "form" | "json" | "query";
  readonly tokenParams?: Readonly<Record<string, string>>;
  readonly tokenHeaders?: Readonly<Record<string, string>>;
  readonly scopes: readonly string[];
  /** A blank unless said. */
  readonly scopeSeparator?: string;
  readonly answer?: TokenAnswerPlaces;
  /** Where the token stands in calls; `Authorization: Bearer` unless said. */
  readonly tokenPlace?: KeyPlace;
  readonly errors?: readonly TokenErrorMeaning[];
  /** Parts of the token answer that calls need later. */
  readonly keepFromAnswer?: readonly Kept[];
}

export const authOfType = (ways: readonly Auth[], type: string | undefined): Auth | undefined =>
  type === undefined ? ways[0] : ways.find((way) => way.type === type);
