import { AppError, type FieldError, invalidField } from "#core/errors.ts";
import { headerNamePattern, transportHeaders } from "#core/header-name.ts";
import { copyJson } from "#expressions/json.ts";
import { escapePointer } from "#expressions/template-value.ts";
import { joinPath } from "#outbound/address.ts";
import type { Method } from "#outbound/client.ts";
import { isRepeatable, type PreparedBody, type PreparedRequest } from "./prepared-request.ts";

/** A request that somebody wrote by hand. Everything in it is data: nothing is read as a template. */
export interface AdHocRequest {
  method: Exclude<Method, "OPTIONS">;
  /** Below the provider's base address, with a query or without. */
  path: string;
  query: Readonly<Record<string, string>>;
  headers: Readonly<Record<string, string>>;
  body?:
    | { json: unknown }
    | { form: Readonly<Record<string, string>> }
    | { text: string; media_type: string }
    | undefined;
}

/** What signs a request, or belongs to the connection that carries it. */
const refusedHeaders = new Set([...transportHeaders, "authorization", "cookie", "cookie2", "proxy-authenticate"]);

/**
 * The request below `base`. `credentialHeader` is where the connection's credential will stand.
 * @throws AppError invalid_request with pointers to the fields
 */
export function prepareAdHoc(base: string, wanted: AdHocRequest, credentialHeader?: string): PreparedRequest {
  const { method, query, headers } = wanted;
  const errors: FieldError[] = [];
  const refuse = (pointer: string, detail: string) => void errors.push({ pointer, code: "refused", detail });

  for (const [name, value] of Object.entries(headers)) {
    const pointer = `/request/headers/${escapePointer(name)}`;
    const key = name.toLowerCase();
    if (refusedHeaders.has(key) || key === credentialHeader?.toLowerCase()) {
      refuse(pointer, "This header is set by Hawser: by the connection's sign-in, or for the transport.");
    } else if (!headerNamePattern.test(key)) refuse(pointer, "This is no name of a header.");
    else if (!/^[\t\x20-\x7e]*$/.test(value))
      refuse(pointer, "A header holds only ASCII characters, and no line breaks.");
  }
  if (wanted.body && (method === "GET" || method === "HEAD")) refuse("/request/body", `${method} has no body.`);
  const url = readUrl(base, wanted.path);
  if (url instanceof AppError) refuse("/request/path", url.message);
  if (errors.length > 0 || url instanceof AppError) {
    throw new AppError("invalid_request", errors[0]?.detail ?? "This request cannot be sent.", { errors });
  }
  return { method, url, headers, query, body: readBody(wanted.body), repeatable: isRepeatable(method) };
}

function readUrl(base: string, path: string): URL | AppError {
  if (path.includes("#")) return new AppError("address_refused", "A path has no # in it; write %23.");
  try {
    return joinPath(base, path);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}

function readBody(body: AdHocRequest["body"]): PreparedBody | undefined {
  if (!body) return undefined;
  if ("text" in body) return { text: body.text, mediaType: body.media_type };
  if ("form" in body) return body;
  const refuse = (why: string) => invalidField("/request/body/json", `${why}.`);
  return { json: copyJson(body.json, { depth: 64, size: 1_048_576, refuse }) };
}
