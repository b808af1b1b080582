import type { HttpFailure } from "#provider-kit/http.ts";
import type { Provider } from "#provider-kit/provider.ts";
import { failureIn } from "./api.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** How long a token that was just issued may still be unknown to some of LinkedIn's servers. Ten seconds are usual. */
const spreadingMs = minuteMs;

type Explanation = ReturnType<NonNullable<Provider["explain"]>>;

/** What LinkedIn means by a failure of a call. What it does not name is left to the status. */
export function explain({ status, body, tokenAgeMs }: HttpFailure): Explanation {
  const { code, message } = failureIn(body);
  switch (status) {
    case 401:
      if (code === "REVOKED_ACCESS_TOKEN" && tokenAgeMs !== undefined && tokenAgeMs < spreadingMs) {
        return {
          kind: "unavailable",
          message: "LinkedIn does not know the new sign-in everywhere yet. This passes within seconds.",
          retryAt: inMs(5_000),
        };
      }
      return { kind: "reauthorize", message: "LinkedIn no longer accepts this sign-in." };
    case 403:
      return code === "ACCESS_DENIED"
        ? {
            kind: "forbidden",
            message: "LinkedIn does not allow this to the app behind this connection: one of its products is missing.",
          }
        : undefined;
    case 426:
      // It stops the app for everybody who uses it; nobody's sign-in is broken by it.
      return {
        kind: "unavailable",
        message:
          "LinkedIn has switched off the version of its interface that Hawser asks for. Hawser has to be updated.",
        retryAt: inMs(hourMs),
      };
    case 429:
      // A daily quota is given back at midnight UTC, whatever is tried before.
      return {
        kind: "rate-limited",
        message: "LinkedIn takes no more requests for now.",
        retryAt: /\bDAY\b/.test(message ?? "") ? nextMidnight() : inMs(minuteMs),
      };
  }
  return undefined;
}

const inMs = (ms: number): Date => new Date(Date.now() + ms);

function nextMidnight(): Date {
  const midnight = new Date();
  midnight.setUTCHours(24, 0, 0, 0);
  return midnight;
}
