import type { Outcome, ReturnTo } from "./flow.ts";
import type { Place } from "./take-callback.ts";

/** The page for a callback that is nobody's: it tells nothing. */
export const unknownPage = "/connect-failed?outcome=unknown";
/** The page for one that could not be worked on. */
export const failedPage = "/connect-failed?outcome=failed";

/** The page of the portal that tells how a sign-in has ended; all of them are in this list (SR-36). */
export function outcomePage({ slug, connection }: Place, outcome: Outcome, returnTo: ReturnTo = "connection"): string {
  const workspace = `/w/${encodeURIComponent(slug)}`;
  return outcome === "connected" && returnTo === "sync_wizard"
    ? `${workspace}/syncs/new?connection=${connection}&outcome=${outcome}`
    : `${workspace}/connections/${connection}?outcome=${outcome}`;
}
