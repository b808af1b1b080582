import type { Auth } from "#provider-kit/auth.ts";
import type { Means } from "./decide.ts";
import type { TokenDeps } from "./deps.ts";

/** Outbound ends a request sooner; the rest is for what the provider goes on doing with it. */
const LONGEST_REQUEST_MS = 35_000;

export const meansOf = (deps: Pick<TokenDeps, "longestTokenRequestMs">, auth: Auth): Means => ({
  needsPerson: auth.type === "oauth2_authorization_code",
  refreshes: auth.type === "oauth2_authorization_code" && auth.refresh !== "none",
  longestMs: deps.longestTokenRequestMs ?? LONGEST_REQUEST_MS,
});
