/** Values that are only ever compared: API keys, invitations, sessions, path tokens. Kept as their SHA-256 (SR-9). */
import { createHash, randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";

export interface NewToken {
  /** Shown once to whom it belongs, never stored. */
  text: string;
  /** What is stored and looked up. */
  hash: string;
}

/**
 * 256 random bits as `<prefix>_<43 characters><6 characters of checksum>`. The prefix and the checksum let scanners
 * find a leaked token, and let us turn away a mistyped one without asking the database.
 */
export function newToken(prefix: string): NewToken {
  const body = `${prefix}_${randomBytes(32).toString("base64url")}`;
  const text = `${body}${checksum(body)}`;
  return { text, hash: hashToken(text) };
}

/** Whether a text has the form of a token with this prefix. Says nothing about whether there is such a token. */
export function isToken(prefix: string, text: string): boolean {
  const body = text.slice(0, -6);
  return (
    body.startsWith(`${prefix}_`) &&
    body.length === prefix.length + 44 &&
    /^[\w-]+$/.test(text) &&
    text === `${body}${checksum(body)}`
  );
}

/** SHA-256 as 64 hex digits. Enough for random values; a password needs a slow hash. */
export function hashToken(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}

function checksum(body: string): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(body));
  return bytes.toString("base64url");
}
