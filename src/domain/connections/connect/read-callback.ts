// What a provider says when it sends somebody back: plain values in, plain values out.
import { readKept, TokenFailure } from "#outbound/token-endpoint.ts";
import type { AuthorizationCode } from "#provider-kit/auth.ts";
import type { Outcome } from "./flow.ts";

export interface Callback {
  method: string;
  /** The last part of the address. */
  place: string;
  params: URLSearchParams;
}

export type CallbackAnswer = { code: string; kept: Record<string, string> } | { refused: Outcome; because: string };

/**
 * The code of a callback, or why there is to be no request for a token (SR-35). `because` is a short word for the audit
 * log.
 */
export function readCallback(auth: AuthorizationCode, { method, params }: Callback): CallbackAnswer {
  if (method !== "GET") return { refused: "failed", because: "method" };
  const names = [...params.keys()];
  if (new Set(names).size < names.length) return { refused: "failed", because: "repeated" };
  // RFC 6749 3.1: an empty value is as good as none.
  const value = (name: string) => params.get(name) || undefined;
  if (!isIssuer(auth, value("iss"))) return { refused: "failed", because: "issuer" };
  const error = value("error");
  if (error !== undefined) return { refused: outcomeOf(auth, error), because: wordOf(error) };
  const code = value(auth.codeParam ?? "code");
  if (code === undefined || code.length > LONGEST_CODE || /\p{Cc}/u.test(code)) {
    return { refused: "failed", because: "no_code" };
  }
  try {
    return { code, kept: readKept(auth.keepFromCallback ?? [], value) };
  } catch (error) {
    if (!(error instanceof TokenFailure)) throw error;
    return { refused: "failed", because: "kept" };
  }
}

const LONGEST_CODE = 8_192;

/** RFC 9207 2.4: compared as text. */
function isIssuer({ issuer, issPromised }: AuthorizationCode, told: string | undefined): boolean {
  if (told === undefined) return issPromised !== true;
  return issuer === undefined || told === issuer;
}

const outcomes: Readonly<Record<string, Outcome>> = {
  access_denied: "denied",
  invalid_request: "app_misconfigured",
  invalid_scope: "app_misconfigured",
  unauthorized_client: "app_misconfigured",
  unsupported_response_type: "app_misconfigured",
  server_error: "provider_down",
  temporarily_unavailable: "provider_down",
};

const outcomeOf = ({ refusals = [] }: AuthorizationCode, error: string): Outcome =>
  refusals.includes(error) ? "denied" : Object.hasOwn(outcomes, error) ? (outcomes[error] ?? "failed") : "failed";

/** Whoever sends somebody here may write anything into it. */
const wordOf = (error: string): string => (/^[\w.-]{1,64}$/.test(error) ? error : "error");
