import { AppError } from "#core/errors.ts";
import { headerNamePattern, transportHeaders } from "#core/header-name.ts";
import type { ResolvedText } from "#expressions/secret-handle.ts";

const ours = new Set(transportHeaders);

/**
 * The headers that leave the house: the caller's, and what we add. Throws AppError `invalid_request` for names and
 * values that no header can have, and for headers that are not the caller's to set.
 */
export function requestHeaders(
  wanted: Readonly<Record<string, string | ResolvedText>> = {},
  { compressed }: { compressed: boolean },
): Record<string, string | ResolvedText> {
  const headers: Record<string, string | ResolvedText> = {
    "user-agent": "Hawser",
    // A file is taken as it is stored, so that its length and hash are those the provider speaks of.
    "accept-encoding": compressed ? "gzip, deflate, br" : "identity",
  };
  for (const [name, value] of Object.entries(wanted)) {
    const key = name.toLowerCase();
    if (ours.has(key)) throw new AppError("invalid_request", `The header ${key} cannot be set.`);
    if (!headerNamePattern.test(key)) throw new AppError("invalid_request", "A header name is not valid.");
    // One with a secret in it is judged when that is filled in.
    headers[key] = typeof value === "string" ? checkHeaderValue(key, value) : value;
  }
  return headers;
}

/** The value, or AppError `invalid_request` without it. */
export function checkHeaderValue(name: string, value: string): string {
  if (/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) return value;
  throw new AppError("invalid_request", `The header ${name} has characters that no header can carry.`);
}
