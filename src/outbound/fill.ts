/** Puts secrets into the parts of a request that name them, at the last moment before it leaves (SR-25). */
import { AppError } from "#core/errors.ts";
import { ExpressionError } from "#expressions/expression-error.ts";
import { encodeForm, encodeQuery } from "#expressions/place.ts";
import { fillSecrets, type ResolvedJson, ResolvedText, type SecretHandle } from "#expressions/secret-handle.ts";
import { reveal, type Secret } from "#vault/reveal.ts";
import { checkHeaderValue } from "./request-headers.ts";

/** The secrets that a request names, each with the exact origins that it may go to (SR-6). */
export type OutboundSecrets = ReadonlyMap<string, { readonly secret: Secret; readonly origins: readonly string[] }>;

export type HeaderValues = Readonly<Record<string, string | ResolvedText>>;
export type QueryValues = Readonly<Record<string, string | ResolvedText>>;
export type FilledBody = { json: ResolvedJson } | { form: Readonly<Record<string, string | ResolvedText>> };

interface Filling {
  url: URL;
  headers: HeaderValues;
  query?: QueryValues | undefined;
  body?: FilledBody | undefined;
  secrets?: OutboundSecrets | undefined;
}

/**
 * The request as it is sent. Throws AppError `secret_origin_denied` for a secret that is not there or may not go to
 * this origin, `invalid_request` for one that cannot stand where it is named; neither shows it.
 */
export function fillRequest({ url, headers, query, body, secrets }: Filling): {
  url: URL;
  headers: Record<string, string>;
  body?: string;
} {
  const open = (handle: SecretHandle): string => {
    const found = secrets?.get(handle.name);
    if (!found?.origins.includes(url.origin)) {
      throw new AppError("secret_origin_denied", `The secret "${handle.name}" may not be sent to this address.`);
    }
    return reveal(found.secret);
  };
  try {
    const text = (value: string | ResolvedText) => (typeof value === "string" ? value : value.fill(open));
    const filled: Record<string, string> = {};
    for (const [name, value] of Object.entries(headers)) filled[name] = checkHeaderValue(name, text(value));
    const target = query ? withQuery(url, query, open) : url;
    if (!body) return { url: target, headers: filled };
    filled["content-type"] ??= "json" in body ? "application/json" : "application/x-www-form-urlencoded";
    return { url: target, headers: filled, body: writeBody(body, open) };
  } catch (error) {
    if (error instanceof ExpressionError) throw new AppError("invalid_request", `${error.message}.`);
    throw error;
  }
}

type Open = (handle: SecretHandle) => string;

function withQuery(url: URL, query: QueryValues, open: Open): URL {
  const pairs = Object.entries(query).map(([name, value]) => {
    // A resolved text is encoded by its place already.
    const written = typeof value === "string" ? encodeQuery(value) : value.fill(open);
    return `${encodeQuery(name)}=${written}`;
  });
  const target = new URL(url);
  target.search = [url.search.replace(/^\?/, ""), ...pairs].filter((part) => part !== "").join("&");
  return target;
}

function writeBody(body: FilledBody, open: Open): string {
  if ("json" in body) return JSON.stringify(fillSecrets(body.json, open));
  return Object.entries(body.form)
    .map(([name, value]) => `${encodeForm(name)}=${typeof value === "string" ? encodeForm(value) : value.fill(open)}`)
    .join("&");
}

/** Headers that hold no secret: what may be looked at, and what may go on to another origin. */
export const plainHeaders = (headers: HeaderValues): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value instanceof ResolvedText ? [] : [[name, value]])),
  );
