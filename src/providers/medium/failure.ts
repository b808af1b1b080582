import type { HttpFailure } from "#provider-kit/http.ts";
import type { Provider } from "#provider-kit/provider.ts";
import { errorIn } from "./api.ts";

const hourMs = 3_600_000;

type Explanation = ReturnType<NonNullable<Provider["explain"]>>;

/** What Medium means by a failure of a call. What it does not name is left to the status. */
export function explain({ status, body }: HttpFailure): Explanation {
  const error = errorIn(body);
  // The status of this one differs, and it has no code of its own.
  if (error?.message.includes("rate limit for publishing")) {
    return {
      kind: "rate-limited",
      message: "Medium takes no more posts of this account today.",
      retryAt: new Date(Date.now() + 24 * hourMs),
    };
  }
  switch (error?.code) {
    case 6000:
    case 6003:
      return {
        kind: "reauthorize",
        message: "Medium does not accept this integration token. It may have been revoked, or copied in part.",
      };
    case 6002:
      return {
        kind: "forbidden",
        message: "This integration token may not do that: Medium did not give it the right.",
      };
    case 6004:
      return { kind: "reauthorize", message: "The account of this integration token is closed." };
    case 6005:
      return { kind: "reauthorize", message: "The application of this integration token is closed." };
  }
  if (status === 403 && error === undefined) {
    return {
      kind: "unavailable",
      message: "The guard in front of Medium turned the request away. That says nothing about the token.",
      retryAt: new Date(Date.now() + hourMs),
    };
  }
  return undefined;
}
