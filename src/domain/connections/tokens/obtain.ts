// What is asked at a token endpoint for each way to sign in. Plain values in, plain values out; secrets stay closed.

import type { TokenRequest } from "#outbound/token-endpoint.ts";
import type { Auth, AuthorizationCode, ClientCredentials, ServiceAccount, TwoStep } from "#provider-kit/auth.ts";
import { joinSecrets, type Secret } from "#vault/secret.ts";
import { needed } from "./credential.ts";

/** Ways to sign in whose calls are signed with a token that has to be got first. */
export type TokenAuth = AuthorizationCode | ClientCredentials | ServiceAccount | TwoStep;

/** The ones among them that need nobody's consent: the credential is enough. */
export type CredentialAuth = Exclude<TokenAuth, AuthorizationCode>;

const tokenTypes: readonly Auth["type"][] = [
  "oauth2_authorization_code",
  "oauth2_client_credentials",
  "service_account",
  "two_step",
];

export const usesTokens = (auth: Auth): auth is TokenAuth => tokenTypes.includes(auth.type);

/** Where the next token is asked for. */
export function tokenUrlOf(auth: TokenAuth): string {
  if (auth.type === "two_step") return auth.login.url;
  return auth.type === "oauth2_authorization_code" ? (auth.refreshUrl ?? auth.tokenUrl) : auth.tokenUrl;
}

export function codeRequest(
  auth: AuthorizationCode,
  grant: {
    client: { id: string; secret?: Secret };
    code: Secret;
    verifier?: Secret | undefined;
    redirectUri: string;
  },
): TokenRequest {
  return {
    ...commonOf(auth),
    ...clientOf(auth, grant.client),
    url: auth.tokenUrl,
    params: {
      ...auth.tokenParams,
      grant_type: "authorization_code",
      [auth.paramNames?.code ?? "code"]: grant.code,
      redirect_uri: grant.redirectUri,
      ...(grant.verifier && { code_verifier: grant.verifier }),
    },
  };
}

export const refreshRequest = (
  auth: AuthorizationCode,
  grant: { client: { id: string; secret?: Secret }; refreshToken: Secret },
): TokenRequest => ({
  ...commonOf(auth),
  ...clientOf(auth, grant.client),
  url: tokenUrlOf(auth),
  params: { ...auth.refreshParams, grant_type: "refresh_token", refresh_token: grant.refreshToken },
});

/** What gets a token with the credential alone. `fields` are those of `credentialSchema`. */
export function credentialRequest(
  auth: CredentialAuth,
  fields: Readonly<Record<string, Secret>>,
  now: Date,
): TokenRequest {
  switch (auth.type) {
    case "oauth2_client_credentials": {
      const { client_id, client_secret } = fields;
      return {
        ...commonOf(auth),
        ...clientOf(auth, { id: needed(client_id), ...(client_secret && { secret: client_secret }) }),
        url: auth.tokenUrl,
        // Some have a grant type of their own for what is client credentials in all the rest.
        params: { grant_type: "client_credentials", ...auth.tokenParams, ...scopeOf(auth) },
      };
    }
    case "service_account": {
      const { client_email, private_key, private_key_id } = fields;
      return {
        ...commonOf(auth),
        url: auth.tokenUrl,
        params: { ...auth.tokenParams, grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer" },
        assertion: {
          issuer: needed(client_email),
          ...(auth.subject !== undefined && { subject: auth.subject }),
          audience: auth.audience ?? auth.tokenUrl,
          scope: auth.scopes.join(auth.scopeSeparator ?? " "),
          key: needed(private_key),
          ...(private_key_id && { keyId: private_key_id }),
          now,
        },
      };
    }
    case "two_step": {
      const { url, method, body, params, headers } = auth.login;
      return {
        ...commonOf(auth),
        url,
        method,
        body,
        params: { ...auth.tokenParams, ...filled(params, fields) },
        headers: { ...auth.tokenHeaders, ...filled(headers ?? {}, fields) },
      };
    }
  }
}

const commonOf = (auth: TokenAuth) => ({
  ...("tokenBody" in auth && auth.tokenBody && { body: auth.tokenBody }),
  ...(auth.tokenHeaders && { headers: auth.tokenHeaders }),
  ...(auth.answer && { places: auth.answer }),
  ...(auth.errors && { errors: auth.errors }),
  ...(auth.keepFromAnswer && { keep: auth.keepFromAnswer }),
  ...(auth.scopeSeparator !== undefined && { scopeSeparator: auth.scopeSeparator }),
});

const clientOf = (
  { clientAuth, basicEncoding, paramNames }: AuthorizationCode | ClientCredentials,
  client: { id: string | Secret; secret?: Secret },
) => ({
  client: {
    ...client,
    clientAuth,
    ...(basicEncoding && { basicEncoding }),
    ...(paramNames && { paramNames }),
  },
});

const scopeOf = ({ scopes, scopeSeparator }: ClientCredentials): { scope?: string } =>
  scopes.length > 0 ? { scope: scopes.join(scopeSeparator ?? " ") } : {};

/** Values with `{field}` in them; one that names no field is taken as it is. */
function filled(
  templates: Readonly<Record<string, string>>,
  fields: Readonly<Record<string, Secret>>,
): Record<string, string | Secret> {
  return Object.fromEntries(Object.entries(templates).map(([name, text]) => [name, fillFields(text, fields)]));
}

function fillFields(text: string, fields: Readonly<Record<string, Secret>>): string | Secret {
  const parts = text.split(/(\{[A-Za-z0-9_]+\})/).map((part) => {
    const name = part.startsWith("{") ? part.slice(1, -1) : "";
    return (Object.hasOwn(fields, name) && fields[name]) || part;
  });
  return parts.every((part) => typeof part === "string") ? text : joinSecrets(parts);
}
