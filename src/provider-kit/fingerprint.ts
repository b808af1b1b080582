import { createHash } from "node:crypto";

/** A short stand-in for a long text, where two texts must never get the same one: SHA-256 in 43 URL-safe characters. */
export const fingerprint = (text: string): string => createHash("sha256").update(text).digest("base64url");
