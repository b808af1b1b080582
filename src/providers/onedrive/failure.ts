import type { Provider } from "#provider-kit/provider.ts";
import { codesIn } from "./api.ts";

/** What a change feed says when it has forgotten where we were. Which of them it says differs from tenant to tenant. */
const resync = new Set([
  "resyncrequired",
  "resyncchangesapplydifferences",
  "resyncchangesuploaddifferences",
  "resyncapplydifferences",
  "resyncuploaddifferences",
  "syncstatenotfound",
  "syncstateinvalid",
]);
const malware = new Set(["malwaredetected", "virussuspicious"]);
const noConsent = new Set(["accessdenied", "authorization_requestdenied"]);

export const explain: NonNullable<Provider["explain"]> = ({ status, headers, body }) => {
  const codes = codesIn(body);
  const says = (known: ReadonlySet<string>) => codes.some((code) => known.has(code));
  if (status === 410 || says(resync)) {
    return { kind: "cursor-lost", message: "Microsoft no longer knows where we left off, and wants a new listing." };
  }
  if (says(malware) || headers.has("x-virus-infected")) {
    return { kind: "rejected", message: "Microsoft takes this file for malware and does not hand it out." };
  }
  if (status === 401) {
    // Continuous access evaluation: no token will do until a person has signed in again.
    const wantsClaims = /insufficient_claims/.test(headers.get("www-authenticate") ?? "");
    return {
      kind: "reauthorize",
      message: wantsClaims
        ? "Microsoft asks for a new sign-in, because something about the account has changed."
        : "Microsoft no longer accepts this sign-in.",
    };
  }
  if (codes.includes("activitylimitreached")) return { kind: "rate-limited", message: SLOWER };
  if (status === 403 && says(noConsent)) {
    return {
      kind: "forbidden",
      message: "Microsoft denies access: the app lacks a permission, or an administrator has not consented to it yet.",
    };
  }
  if (status === 404 && codes.length > 0) {
    return {
      kind: "not-found",
      message: "Microsoft finds nothing there: it is gone, was never set up, or is not shared with this account.",
    };
  }
  if (status === 416) return { kind: "unavailable", message: "The file has become shorter than what was read of it." };
  if (status === 423) return { kind: "unavailable", message: "The site is locked at the moment." };
  if (status === 509) return { kind: "rate-limited", message: SLOWER };
  // The feed could not be put together this time.
  if (codes.includes("cannotsnapshottree")) return { kind: "unavailable" };
  return undefined;
};

const SLOWER = "Microsoft asked us to slow down.";
