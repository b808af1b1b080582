/** Where an answer sends us, and what may travel there (SR-18). */
import { OutboundError } from "./outbound-error.ts";

const redirects = new Set([301, 302, 303, 307, 308]);

/** The address an answer points to, resolved but not yet checked; `undefined` when it is no redirect. */
export function redirectTarget(
  status: number,
  location: string | readonly string[] | undefined,
  from: URL,
): URL | undefined {
  if (!redirects.has(status) || location === undefined) return undefined;
  if (typeof location !== "string" || !URL.canParse(location, from)) {
    throw new OutboundError("bad-answer", "The answer points to an address that is not valid.");
  }
  return new URL(location, from);
}

// A list of what is harmless: nobody can list every header that some service takes for a key.
const harmless = new Set([
  "accept",
  "accept-language",
  "if-match",
  "if-modified-since",
  "if-none-match",
  "if-range",
  "if-unmodified-since",
  "range",
  "user-agent",
]);

/** What is left of the headers when a redirect leads to another origin. */
export function headersForStranger(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => harmless.has(name.toLowerCase())));
}
