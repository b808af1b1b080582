import type { Provider } from "#provider-kit/provider.ts";
import { codeIn } from "./api.ts";

export const explain: NonNullable<Provider["explain"]> = ({ status, headers, body }) => {
  const code = codeIn(body);
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
  if (status === 403 && (code === "accessdenied" || code === "authorization_requestdenied")) {
    return {
      kind: "forbidden",
      message: "Microsoft denies access: the app lacks a permission, or an administrator has not consented to it yet.",
    };
  }
  if (status === 404 && code !== undefined) {
    return {
      kind: "not-found",
      message: "Microsoft finds no such user, site or drive, or it has not been set up yet.",
    };
  }
  if (status === 423) return { kind: "unavailable", message: "The site is locked at the moment." };
  if (status === 509) return { kind: "rate-limited", message: "Microsoft asked us to slow down." };
  return undefined;
};
