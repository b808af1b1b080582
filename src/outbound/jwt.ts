import { createPrivateKey, type KeyObject, randomUUID, sign } from "node:crypto";
import { reveal, type Secret } from "#vault/reveal.ts";
import { TokenFailure } from "./token-failure.ts";

const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

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
): string {
  const issuedAt = Math.floor(about.now.getTime() / 1000);
  const header = base64url({ alg: "RS256", typ: "JWT", ...(about.keyId !== undefined && { kid: about.keyId }) });
  const body = base64url({ ...claims, iat: issuedAt, exp: issuedAt + about.lifeS, jti: randomUUID() });
  const signed = sign("sha256", Buffer.from(`${header}.${body}`), readKey(about.key));
  return `${header}.${body}.${signed.toString("base64url")}`;
}

function readKey(pem: Secret): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey(reveal(pem));
  } catch {
    throw new TokenFailure("app", "The private key cannot be read. Enter the key again.", { sent: false });
  }
  if (key.asymmetricKeyType === "rsa") return key;
  throw new TokenFailure("app", "The private key is not an RSA key.", { sent: false });
}
