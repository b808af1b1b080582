/** The text form of everything that is encrypted: `v1.<key id>.<nonce>.<ciphertext+tag>`, base64url (SR-1). */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { lengthPrefixed } from "./length-prefixed.ts";

const version = "v1";
const nonceBytes = 12;
const tagBytes = 16;
const form = /^v1\.([A-Za-z0-9_-]{1,64})\.([A-Za-z0-9_-]{16})\.([A-Za-z0-9_-]{22,})$/;

export interface Envelope {
  keyId: string;
  nonce: Uint8Array;
  /** Ciphertext with the 128-bit tag at its end. */
  body: Uint8Array;
}

/** Encrypts with AES-256-GCM under a fresh random nonce. `context` is what the text is bound to, in a fixed order. */
export function encrypt(key: Uint8Array, keyId: string, context: readonly string[], plain: Uint8Array): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: tagBytes });
  cipher.setAAD(boundTo(keyId, context));
  const body = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  return [version, keyId, nonce.toString("base64url"), body.toString("base64url")].join(".");
}

/** Takes the text apart; `undefined` when it is not exactly of this form. */
export function parseEnvelope(text: string): Envelope | undefined {
  const [, keyId, nonceText, bodyText] = form.exec(text) ?? [];
  if (keyId === undefined || nonceText === undefined || bodyText === undefined) return undefined;
  const nonce = Buffer.from(nonceText, "base64url");
  const body = Buffer.from(bodyText, "base64url");
  // base64url has several spellings of the same bytes; only the one we write is ours.
  if (nonce.toString("base64url") !== nonceText || body.toString("base64url") !== bodyText) return undefined;
  return { keyId, nonce, body };
}

/** The plain bytes; `undefined` when key, context or text are not those it was encrypted with. */
export function decrypt(key: Uint8Array, context: readonly string[], envelope: Envelope): Uint8Array | undefined {
  const end = envelope.body.length - tagBytes;
  const decipher = createDecipheriv("aes-256-gcm", key, envelope.nonce, { authTagLength: tagBytes });
  decipher.setAAD(boundTo(envelope.keyId, context));
  decipher.setAuthTag(envelope.body.subarray(end));
  const start = decipher.update(envelope.body.subarray(0, end));
  try {
    return Buffer.concat([start, decipher.final()]);
  } catch {
    // final() has one way to fail: the tag does not fit.
    return undefined;
  }
}

const boundTo = (keyId: string, context: readonly string[]) => lengthPrefixed([version, keyId, ...context]);
