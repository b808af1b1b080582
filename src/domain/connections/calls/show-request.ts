import { encodeQuery } from "#expressions/place.ts";
import { ResolvedText } from "#expressions/secret-handle.ts";
import type { Credential } from "#outbound/sign.ts";
import type { ShownBody, ShownRequest } from "./call.ts";
import type { PreparedBody, PreparedRequest } from "./prepared-request.ts";
import { redactJson } from "./shown-body.ts";

/** A request as it is sent, with `[secret]` where its credential and its secrets stand. */
export function showRequest(
  request: PreparedRequest,
  credential: Credential | undefined,
  redact: (text: string) => string,
): ShownRequest {
  const headers: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(request.headers)) headers[name.toLowerCase()] = redact(String(value));
  const query = Object.entries(request.query).map(([name, value]): [string, string] => [
    name,
    value instanceof ResolvedText ? String(value) : encodeQuery(value),
  ]);
  const place = credential?.place;
  if (place?.kind === "bearer") headers.authorization = "Bearer [secret]";
  if (place?.kind === "basic") headers.authorization = "Basic [secret]";
  if (place?.kind === "header") headers[place.name.toLowerCase()] = `${place.prefix ?? ""}[secret]`;
  if (place?.kind === "query") query.push([place.name, "[secret]"]);
  return {
    method: request.method,
    url: redact(withQuery(request.url, query)),
    headers,
    body: showBody(request.body, redact),
  };
}

function withQuery(url: URL, query: readonly (readonly [name: string, value: string])[]): string {
  if (query.length === 0) return url.href;
  const more = query.map(([name, value]) => `${encodeQuery(name)}=${value}`).join("&");
  return `${url.href}${url.search === "" ? "?" : "&"}${more}`;
}

function showBody(body: PreparedBody | undefined, redact: (text: string) => string): ShownBody {
  if (!body) return { kind: "none" };
  if ("text" in body) return { kind: "text", text: redact(body.text), cut: false };
  // Secrets in it are handles, which write themselves as `[secret]`.
  const plain: unknown = JSON.parse(JSON.stringify("json" in body ? body.json : body.form) ?? "null");
  return { kind: "json", value: redactJson(plain, redact) };
}
