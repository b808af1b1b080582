/** Puts a credential on a request: the only place where one leaves the vault's wrapping. */
import { AppError } from "#core/errors.ts";
import { reveal, type Secret } from "#vault/reveal.ts";

/** A secret, where in a request it stands, and where it may be sent (SR-6). */
export interface Credential {
  secret: Secret;
  /** Exact origins: scheme, host and port, as `URL.origin` writes them. */
  origins: readonly string[];
  place: CredentialPlace;
}

export type CredentialPlace =
  | { kind: "bearer" }
  /** The secret is the password. Where the key is the user name, that is a secret as well. */
  | { kind: "basic"; userName: string | Secret }
  /** `prefix` stands before the value, with a space between them when it has one at its end. */
  | { kind: "header"; name: string; prefix?: string }
  | { kind: "query"; name: string };

/**
 * The request with its credential. Throws AppError `secret_origin_denied` for an origin that is not on the
 * credential's list; nothing has been sent or resolved by then.
 */
export function signRequest(
  request: { url: URL; headers: Readonly<Record<string, string>> },
  { secret, origins, place }: Credential,
): { url: URL; headers: Record<string, string> } {
  if (!origins.includes(request.url.origin)) {
    throw new AppError("secret_origin_denied", "This credential may not be sent to this address.");
  }
  const url = new URL(request.url);
  const value = reveal(secret);
  switch (place.kind) {
    case "bearer":
      return { url, headers: withHeader(request.headers, "authorization", `Bearer ${value}`) };
    case "basic": {
      const userName = typeof place.userName === "string" ? place.userName : reveal(place.userName);
      if (userName.includes(":")) throw unusable("A user name must not contain a colon.");
      const pair = new TextEncoder().encode(`${userName}:${value}`).toBase64();
      return { url, headers: withHeader(request.headers, "authorization", `Basic ${pair}`) };
    }
    case "header":
      return { url, headers: withHeader(request.headers, place.name, `${place.prefix ?? ""}${value}`) };
    case "query":
      url.searchParams.set(place.name, value);
      return { url, headers: { ...request.headers } };
  }
}

/** Replaces the header in whatever case it was written: two of one name would leave it to the server which counts. */
function withHeader(headers: Readonly<Record<string, string>>, name: string, value: string): Record<string, string> {
  // Anything else would be refused later, by an error that has the value in it.
  if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value))
    throw unusable("The credential has characters that no header can carry.");
  const others = Object.entries(headers).filter(([other]) => other.toLowerCase() !== name.toLowerCase());
  return { ...Object.fromEntries(others), [name]: value };
}

const unusable = (message: string) => new AppError("invalid_request", message);
