import type { Auth } from "./auth.ts";

/** The addresses that a way to sign in goes through, in the order they are used. */
export const signInUrls = (auth: Auth): string[] =>
  auth.type === "oauth2_authorization_code" ? [auth.authorizeUrl, ...secretUrls(auth)] : secretUrls(auth);

/** Those among them that a secret is sent to. The page for a person's consent is none of them. */
export function secretUrls(auth: Auth): string[] {
  switch (auth.type) {
    case "none":
    case "api_key":
    case "bearer":
    case "basic":
    case "signing_secret":
    case "access_key":
      return [];
    case "oauth2_authorization_code":
      return [auth.tokenUrl, auth.refreshUrl, auth.revokeUrl].filter((url) => url !== undefined);
    case "oauth2_client_credentials":
    case "service_account":
      return [auth.tokenUrl];
    case "two_step":
      return [auth.login.url];
  }
}
