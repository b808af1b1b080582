import type { Auth } from "./auth.ts";

/** The addresses that a way to sign in goes through, in the order they are used. */
export function signInUrls(auth: Auth): string[] {
  switch (auth.type) {
    case "none":
    case "api_key":
    case "bearer":
    case "basic":
      return [];
    case "oauth2_authorization_code":
      return [auth.authorizeUrl, auth.tokenUrl, auth.refreshUrl, auth.revokeUrl].filter((url) => url !== undefined);
    case "oauth2_client_credentials":
    case "service_account":
      return [auth.tokenUrl];
    case "two_step":
      return [auth.login.url];
  }
}
