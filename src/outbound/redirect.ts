/** Where an answer sends us, and what may travel there (SR-18). */
import { type HeaderValues, plainHeaders, type QueryValues } from "./fill.ts";
import { OutboundError } from "./outbound-error.ts";
import type { Credential } from "./sign.ts";

/** One request of a chain. */
export interface Hop {
  url: URL;
  headers: HeaderValues;
  /** Of the first request alone: where a redirect leads, its address has a query of its own. */
  query?: QueryValues | undefined;
  credential: Credential | undefined;
  /** Only the first may go to an exception of the operator's (SR-19). */
  isFirst: boolean;
}

interface Redirecting {
  statusCode: number;
  headers: { location?: string | string[] | undefined };
  body: { destroy(): unknown };
}

/**
 * Asks `exchange` until an answer is no redirect. Each hop is a request of its own: `check` parses and judges its
 * address, and what was meant for one origin does not go to another.
 */
export async function followRedirects<Answer extends Redirecting>(
  first: Hop,
  exchange: (hop: Hop) => Promise<Answer>,
  rules: { follows: boolean; most: number; check: (target: URL) => URL },
): Promise<{ answer: Answer; url: URL }> {
  let hop = first;
  for (let redirects = 0; ; redirects++) {
    const answer = await exchange(hop);
    try {
      const { statusCode, headers } = answer;
      const target = rules.follows ? redirectTarget(statusCode, headers.location, hop.url) : undefined;
      if (!target) return { answer, url: hop.url };
      if (redirects === rules.most) throw new OutboundError("too-many-redirects", "The host redirects too often.");
      hop = nextHop(hop, rules.check(target));
    } catch (error) {
      answer.body.destroy();
      throw error;
    }
    answer.body.destroy();
  }
}

const redirecting = new Set([301, 302, 303, 307, 308]);

/** The address an answer points to, resolved but not yet checked; `undefined` when it is no redirect. */
export function redirectTarget(
  status: number,
  location: string | readonly string[] | undefined,
  from: URL,
): URL | undefined {
  if (!redirecting.has(status) || location === undefined) return undefined;
  if (typeof location !== "string" || !URL.canParse(location, from)) {
    throw new OutboundError("bad-answer", "The answer points to an address that is not valid.");
  }
  return new URL(location, from);
}

function nextHop(hop: Hop, url: URL): Hop {
  if (url.origin === hop.url.origin) return { ...hop, url, query: undefined, isFirst: false };
  const headers = Object.fromEntries(
    Object.entries(plainHeaders(hop.headers)).filter(([name]) => harmless.has(name.toLowerCase())),
  );
  return { url, headers, credential: undefined, isFirst: false };
}

// A list of what is harmless: nobody can list every header that some service takes for a key.
const harmless = new Set([
  "accept",
  "accept-encoding",
  "accept-language",
  "if-match",
  "if-modified-since",
  "if-none-match",
  "if-range",
  "if-unmodified-since",
  "range",
  "user-agent",
]);
