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

export function toTokenRequest(parts: TokenParts): OutboundRequest {
  const { client } = parts;
  const params: [string, string][] = [
    ...Object.entries(parts.params).map(([name, value]): [string, string] => [name, open(value)]),
    ...assertionOf(parts),
    ...(client ? clientParams(client, parts.url) : []),
  ];
  const headers: Record<string, string> = { accept: "application/json" };
  for (const [name, value] of Object.entries(parts.headers ?? {})) headers[name.toLowerCase()] = open(value);
  if (client && usesBasic(client)) headers.authorization = basicHeader(client);
  // An answer that is given up may hold the only copy of the next refresh token.
  const common = { method: parts.method ?? "POST", redirects: "none", maxBodyBytes: MOST_BYTES, slow: true } as const;
  const place = parts.method === "GET" ? "query" : (parts.body ?? "form");
  switch (place) {
    case "query":
      return { ...common, url: withQuery(parts.url, params), headers };
    case "json":
      headers["content-type"] ??= "application/json";
      return { ...common, url: parts.url, headers, body: JSON.stringify(Object.fromEntries(params)) };
    case "form":
      headers["content-type"] ??= "application/x-www-form-urlencoded";
      return { ...common, url: parts.url, headers, body: formOf(params) };
  }
}

/** Every secret of a request, for taking it out of what the other side says. */
export function secretsOf({ params, headers, client, assertion }: TokenParts): Secret[] {
  const all = [...Object.values(params), ...Object.values(headers ?? {}), client?.secret, assertion?.key];
  return all.filter((value) => value instanceof Secret);
}

const open = (value: string | Secret): string => (typeof value === "string" ? value : reveal(value));

const formOf = (params: readonly [string, string][]): string =>
  params.map(([name, value]) => `${encodeForm(name)}=${encodeForm(value)}`).join("&");

function withQuery(address: string, params: readonly [string, string][]): URL {
  const url = new URL(address);
  for (const [name, value] of params) url.searchParams.set(name, value);
  return url;
}

/** A client without a secret can only say its name, whatever its provider would like of others. */
const usesBasic = ({ clientAuth, secret }: ClientAtEndpoint): boolean => clientAuth === "basic" && secret !== undefined;

function basicHeader({ id, secret, basicEncoding }: ClientAtEndpoint): string {
  // RFC 6749 2.3.1 wants both form-encoded first; many servers never decode, hence the switch.
  const encode = basicEncoding === "plain" ? (text: string) => text : encodeForm;
  const pair = `${encode(open(id))}:${secret ? encode(reveal(secret)) : ""}`;
  return `Basic ${new TextEncoder().encode(pair).toBase64()}`;
}

function clientParams(client: ClientAtEndpoint, url: string): [string, string][] {
  const { clientAuth, secret, paramNames = {} } = client;
  if (usesBasic(client)) return [];
  const id = open(client.id);
  const named: [string, string] = [paramNames.clientId ?? "client_id", id];
  if (!secret || clientAuth === "none") return [named];
  if (clientAuth === "private_key_jwt") {
    const about = { key: secret, now: new Date(), lifeS: CLIENT_ASSERTION_LIFE_S };
    return [
      named,
      ["client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"],
      ["client_assertion", signedJwt({ iss: id, sub: id, aud: url }, about)],
    ];
  }
  return [named, [paramNames.clientSecret ?? "client_secret", reveal(secret)]];
}

function assertionOf({ assertion }: TokenParts): [string, string][] {
  if (!assertion) return [];
  const { issuer, subject, audience, scope, key, keyId, now } = assertion;
  const claims = { iss: open(issuer), aud: audience, scope, ...(subject !== undefined && { sub: subject }) };
  const about = { key, now, lifeS: ASSERTION_LIFE_S, ...(keyId !== undefined && { keyId: open(keyId) }) };
  return [["assertion", signedJwt(claims, about)]];
}
