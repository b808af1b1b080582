import type { Auth } from "../auth.ts";
import { fillAddress, placeholder, type Values } from "./address.ts";

/** The way to sign in of one connection. What is not known stays as `{name}`. Throws `Error` as `fillAddress` does. */
export function fillAuth(auth: Auth, values: Values): Auth {
  switch (auth.type) {
    case "none":
    case "api_key":
    case "bearer":
    case "basic":
    case "signing_secret":
    case "access_key":
      return auth;
    case "oauth2_authorization_code":
      return {
        ...auth,
        authorizeUrl: fillAddress(auth.authorizeUrl, values),
        tokenUrl: fillAddress(auth.tokenUrl, values),
        ...(auth.refreshUrl !== undefined && { refreshUrl: fillAddress(auth.refreshUrl, values) }),
        ...(auth.revokeUrl !== undefined && { revokeUrl: fillAddress(auth.revokeUrl, values) }),
        ...(auth.authorizeParams && { authorizeParams: fillTexts(auth.authorizeParams, values) }),
        ...(auth.tokenParams && { tokenParams: fillTexts(auth.tokenParams, values) }),
        ...(auth.refreshParams && { refreshParams: fillTexts(auth.refreshParams, values) }),
        ...(auth.tokenHeaders && { tokenHeaders: fillTexts(auth.tokenHeaders, values) }),
      };
    case "oauth2_client_credentials":
    case "service_account":
      return {
        ...auth,
        tokenUrl: fillAddress(auth.tokenUrl, values),
        ...(auth.tokenParams && { tokenParams: fillTexts(auth.tokenParams, values) }),
        ...(auth.tokenHeaders && { tokenHeaders: fillTexts(auth.tokenHeaders, values) }),
        ...("subject" in auth && auth.subject !== undefined && { subject: fillText(auth.subject, values) }),
      };
    case "two_step":
      // What a person enters for the login itself has names of its own, and is filled in where secrets are.
      return {
        ...auth,
        login: {
          ...auth.login,
          url: fillAddress(auth.login.url, values),
          params: fillTexts(auth.login.params, values),
          ...(auth.login.headers && { headers: fillTexts(auth.login.headers, values) }),
        },
      };
  }
}

export const fillText = (text: string, values: Values): string =>
  text.replace(placeholder, (written: string, name: string) => values.get(name) ?? written);

const fillTexts = (texts: Readonly<Record<string, string>>, values: Values): Record<string, string> =>
  Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, fillText(text, values)]));
