/** How a connection is signed in. Data, so that one OAuth client and one signer serve every provider. */
export type Auth =
  | { type: "none" }
  | { type: "api_key"; label: string; placeIn: { header: string; prefix?: string } | { query: string } }
  | { type: "bearer"; label: string }
  | { type: "basic"; usernameLabel: string; passwordLabel: string }
  | ({
      type: "oauth2_authorization_code";
      authorizeUrl: string;
      pkce: boolean;
      authorizeParams?: Readonly<Record<string, string>>;
    } & TokenEndpoint)
  | ({ type: "oauth2_client_credentials" } & TokenEndpoint)
  | ({ type: "service_account"; algorithm: "RS256" } & TokenEndpoint);

interface TokenEndpoint {
  tokenUrl: string;
  revokeUrl?: string;
  scopes: readonly string[];
  /** Where the token endpoint wants the client's own credential. */
  clientAuth: "basic" | "body";
  /** `rotating`: each refresh spends the old refresh token. `none`: a person signs in again when it ends. */
  refresh: "stable" | "rotating" | "none";
  /** Idle longer than this, the grant is dead; it is refreshed before. */
  idleDays?: number;
}
