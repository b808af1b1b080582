import { createPrivateKey, type KeyObject, randomUUID, sign } from "node:crypto";
import { reveal, Secret } from "#vault/reveal.ts";
import { TokenFailure } from "./token-failure.ts";

/**
 * A JWT signed with RS256 (RFC 7515, 7518). `key` is a private RSA key as PEM. It lives `lifeS` seconds from `now` on.
 * Throws TokenFailure `app` for a key that cannot sign; nothing of it is in the message.
 */
export function signedJwt(
  claims: Readonly<Record<string, string>>,
  about: {
    key: Secret;
    keyId?: string | undefined;
    now: Date;
    lifeS: number;
  },
): Secret {
  const issuedAt = Math.floor(about.now.getTime() / 1000);
  const header = base64url({ alg: "RS256", typ: "JWT", ...(about.keyId !== undefined && { kid: about.keyId }) });
  const body = base64url({ ...claims, iat: issuedAt, exp: issuedAt + about.lifeS, jti: randomUUID() });
  const signed = sign("sha256", Buffer.from(`${header}.${body}`), readKey(about.key));
  return new Secret(`${header}.${body}.${signed.toString("base64url")}`);
}

const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

function readKey(pem: Secret): KeyObject {
  let key: KeyObject;
  try {
    // Copied out of a JSON file, the ends of its lines are still written as in there.
    key = createPrivateKey(reveal(pem).replaceAll("\\n", "\n"));
  } catch {
    throw unusable("The private key cannot be read. It is a PEM of the type PRIVATE KEY, and has no password.");
  }
  if (key.asymmetricKeyType !== "rsa") throw unusable("The private key is not an RSA key.");
  // RFC 7518 3.3
  if ((key.asymmetricKeyDetails?.modulusLength ?? 0) < 2048)
    throw unusable("The private key has less than 2,048 bits.");
  return key;
}

// The library's own errors may quote what they could not read.
const unusable = (message: string) => new TokenFailure("app", message, { sent: false });
