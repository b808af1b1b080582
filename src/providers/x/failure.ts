import type { HttpFailure } from "#provider-kit/http.ts";
import type { Provider } from "#provider-kit/provider.ts";
import { problemIn } from "./api.ts";

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

type Explanation = ReturnType<NonNullable<Provider["explain"]>>;

/** What X means by a failure of a call. What it does not name is left to the status. */
export function explain({ status, headers, body }: HttpFailure): Explanation {
  const { name, detail, code } = problemIn(body);
  if (status === 402 || name === "credits") {
    // It stops the app for everybody who uses it; nobody's sign-in is broken by it.
    return {
      kind: "unavailable",
      message: "The X app behind this connection has no credits left. Whoever runs the app has to buy some.",
      retryAt: inMs(60 * minuteMs),
    };
  }
  if (name === "usage-capped") {
    return {
      kind: "rate-limited",
      message: "The X app behind this connection has used up what it may do in this billing period.",
      retryAt: inMs(dayMs),
    };
  }
  if (status === 429 || code === 88) {
    return { kind: "rate-limited", message: "X takes no more requests for now.", retryAt: whenLimitsEnd(headers) };
  }
  switch (name) {
    case "unsupported-authentication":
      // X now and then forgets what a good token is, and then calls its kind unknown.
      return detail?.includes("Unknown")
        ? { kind: "unavailable", message: "X did not recognise the sign-in for a moment." }
        : { kind: "forbidden", message: "X wants a person's sign-in for this, and not the app's own." };
    case "client-forbidden":
      return {
        kind: "forbidden",
        message:
          "The X app behind this connection is not enrolled for this. Add it to a project in X's developer portal.",
      };
  }
  return status === 401 ? { kind: "reauthorize", message: "X no longer accepts this sign-in." } : undefined;
}

// The daily limits are announced only sometimes, and may be the ones that hold while the others are far from used up.
const limits = ["x-rate-limit", "x-app-limit-24hour", "x-user-limit-24hour"];

/** When the last of the used-up limits starts anew: at least a minute ahead, at most a day; in 15 minutes where X tells none. */
function whenLimitsEnd(headers: Headers): Date {
  const ends = limits
    .filter((limit) => headers.get(`${limit}-remaining`) === "0")
    .map((limit) => headers.get(`${limit}-reset`) ?? "")
    .filter((seconds) => /^\d{1,11}$/.test(seconds))
    .map((seconds) => Number(seconds) * 1000);
  if (ends.length === 0) return inMs(15 * minuteMs);
  const last = Math.max(...ends);
  return new Date(Math.min(Math.max(last, Date.now() + minuteMs), Date.now() + dayMs));
}

const inMs = (ms: number): Date => new Date(Date.now() + ms);
