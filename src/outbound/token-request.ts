/** What goes to a token endpoint. The texts made here hold secrets: they are handed to `send` and to nobody else. */
import type { ClientAuthentication } from "#core/token-answer.ts";
import { encodeForm } from "#expressions/place.ts";
import { reveal, Secret } from "#vault/reveal.ts";
import type { OutboundRequest } from "./client.ts";
import { signedJwt } from "./jwt.ts";

export type ClientAtEndpoint = ClientAuthentication & { id: string | Secret; secret?: Secret };

export interface TokenParts {
  url: string;
  method?: "POST" | "GET" | undefined;
  /** Where the parameters stand; `form` unless said. */
  body?: "form" | "json" | "query" | undefined;
  params: Readonly<Record<string, string | Secret>>;
  headers?: Readonly<Record<string, string | Secret>> | undefined;
  client?: ClientAtEndpoint | undefined;
  /** RFC 7523: signed here, and sent as `assertion`. */
  assertion?:
    | {
        issuer: string | Secret;
        subject?: string;
        audience: string;
        scope: string;
        key: Secret;
        keyId?: string | Secret;
        now: Date;
      }
    | undefined;
}

const MOST_BYTES = 1024 * 1024;
const ASSERTION_LIFE_S = 3600;
const CLIENT_ASSERTION_LIFE_S = 300;

/** `secrets` are all that stand in the request, also those that were made of others for it. */
export interface BuiltTokenRequest {
  request: OutboundRequest;
  secrets: readonly Secret[];
}

/** The request as `send` takes it. Throws TokenFailure `app` for a key that cannot sign. */
export function buildTokenRequest(parts: TokenParts): BuiltTokenRequest {
  const { client, method = "POST", url } = parts;
  const params = { ...parts.params, ...assertionOf(parts), ...(client && clientParams(client, url)) };
  const headers = {
    accept: "application/json",
    ...lowerCase(parts.headers ?? {}),
    ...(client && usesBasic(client) && { authorization: basicHeader(client) }),
  };
  const request: OutboundRequest = {
    url,
    method,
    headers: opened(headers),
    redirects: "none",
    maxBodyBytes: MOST_BYTES,
    // An answer that is given up may hold the only copy of the next refresh token.
    slow: true,
  };
  const place = method === "GET" ? "query" : (parts.body ?? "form");
  const values = opened(params);
  const placed =
    place === "query" ? { query: values } : { body: place === "json" ? { json: values } : { form: values } };
  const used = [...Object.values(params), ...Object.values(headers), client?.id, client?.secret, parts.assertion?.key];
  return { request: { ...request, ...placed }, secrets: used.filter((value) => value instanceof Secret) };
}

type Values = Record<string, string | Secret>;

const open = (value: string | Secret): string => (typeof value === "string" ? value : reveal(value));

const opened = (values: Readonly<Values>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, open(value)]));

const lowerCase = (headers: Readonly<Values>): Values =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

/** A client without a secret can only say its name, whatever its provider would like of others. */
const usesBasic = ({ clientAuth, secret }: ClientAtEndpoint): boolean => clientAuth === "basic" && secret !== undefined;

function basicHeader({ id, secret, basicEncoding }: ClientAtEndpoint): Secret {
  // RFC 6749 2.3.1 wants both form-encoded first; many servers never decode, hence the switch.
  const encode = basicEncoding === "plain" ? (text: string) => text : encodeForm;
  const pair = `${encode(open(id))}:${secret ? encode(reveal(secret)) : ""}`;
  return new Secret(`Basic ${new TextEncoder().encode(pair).toBase64()}`);
}

function clientParams(client: ClientAtEndpoint, url: string): Values {
  const { clientAuth, id, secret, paramNames = {} } = client;
  if (usesBasic(client)) return {};
  const named = { [paramNames.clientId ?? "client_id"]: id };
  if (!secret || clientAuth === "none") return named;
  if (clientAuth === "private_key_jwt") {
    const about = { key: secret, now: new Date(), lifeS: CLIENT_ASSERTION_LIFE_S };
    return {
      ...named,
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion: signedJwt({ iss: open(id), sub: open(id), aud: url }, about),
    };
  }
  return { ...named, [paramNames.clientSecret ?? "client_secret"]: secret };
}

function assertionOf({ assertion }: TokenParts): Values {
  if (!assertion) return {};
  const { issuer, subject, audience, scope, key, keyId, now } = assertion;
  const claims = { iss: open(issuer), aud: audience, scope, ...(subject !== undefined && { sub: subject }) };
  const about = { key, now, lifeS: ASSERTION_LIFE_S, ...(keyId !== undefined && { keyId: open(keyId) }) };
  return { assertion: signedJwt(claims, about) };
}
