import { createHmac } from "node:crypto";
import { deriveKey } from "./derive.ts";
import type { Keyring } from "./keyring.ts";

/** Stands for a text by which it is told from others. */
export type KeyedHash = (text: string) => Uint8Array;

/**
 * HMAC-SHA256 for texts that may hold a password: from a plain hash somebody who has the database could find it by
 * guessing (SR-1).
 */
export function createKeyedHash(keyring: Keyring): KeyedHash {
  const key = deriveKey(keyring, "request");
  return (text) => createHmac("sha256", key).update(text).digest();
}
