import type { HttpFailure } from "#provider-kit/http.ts";
import type { Provider } from "#provider-kit/provider.ts";
import { codeIn } from "./api.ts";

type Explanation = ReturnType<NonNullable<Provider["explain"]>>;

/** Codes by which WordPress says that a user name or password is wrong, where a plugin asks early who it is. */
const wrongCredential = new Set([
  "incorrect_password",
  "invalid_username",
  "invalid_email",
  "invalid_application_password",
]);

/** Codes of the API itself with status 500 that are nevertheless the request's fault. */
const notTheSitesFault = new Set(["rest_upload_sideload_error", "db_insert_error", "rest_upload_unknown_error"]);

/** Codes by which WordPress itself says that a right is missing. Plugins have their own. */
const coresOwn = /^rest_(?:cannot_|forbidden|user_cannot_)/;

/** What a site means by a failure of a call. Messages are translated and may be anything; only status and code count. */
export function explain({ status, headers, body }: HttpFailure): Explanation {
  const code = codeIn(body);
  if (status >= 300 && status < 400) {
    return { kind: "rejected", message: "The site sends us on to another address. Enter the address that it ends at." };
  }
  if (status === 401) return explainSignIn(code, headers);
  if (status === 403) return explainRefusal(code);
  if (status >= 500 && code !== undefined && notTheSitesFault.has(code)) {
    return { kind: "rejected", message: "The site does not accept what was sent." };
  }
  if (status === 503)
    return { kind: "unavailable", message: "The site is closed for the moment, for maintenance perhaps." };
  return undefined;
}

function explainRefusal(code: string | undefined): Explanation {
  if (code === undefined) {
    return {
      kind: "unavailable",
      message: "Something in front of WordPress, such as a firewall, turned the request away.",
    };
  }
  return coresOwn.test(code)
    ? { kind: "forbidden", message: "This user may not do that on the site." }
    : { kind: "forbidden", message: "A plugin of the site closes its REST API. It has to be open for this user." };
}

function explainSignIn(code: string | undefined, headers: Headers): Explanation {
  if (code !== undefined && wrongCredential.has(code)) {
    return { kind: "reauthorize", message: "The site does not accept this user name and application password." };
  }
  if (code === "application_passwords_disabled" || code === "application_passwords_disabled_for_user") {
    return { kind: "reauthorize", message: "Application passwords are switched off on the site, or for this user." };
  }
  if (code === undefined && headers.get("www-authenticate")?.toLowerCase().startsWith("basic")) {
    return {
      kind: "reauthorize",
      message:
        "The web server asks for a password of its own before WordPress is reached. It has to leave /wp-json open.",
    };
  }
  // WordPress takes wrong credentials, and those that never reached it, for a visitor's request.
  return {
    kind: "reauthorize",
    message:
      "The site took us for a visitor. Either user name or application password is wrong or revoked, or its web server " +
      "drops the Authorization header before WordPress sees it, as Apache with CGI does.",
  };
}
