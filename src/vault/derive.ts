/**
 * Keys for what is only signed or handed to a library (list cursors, the sign-in library's secret): derived from the
 * master keys by HKDF-SHA256, so that there is one secret to keep and no two purposes share a key.
 */
import { hkdfSync } from "node:crypto";
import type { Keyring, MasterKey } from "./keyring.ts";

/** What a derived key may be for. A new purpose is a new line here, never a reuse of an old one. */
export type KeyPurpose = "cursor" | "better-auth" | "fingerprint" | "request";

/**
 * The 32-byte key for a purpose that can use only one: made from the oldest (last listed) master key.
 *
 * Adding a new master key at the front therefore changes nothing, and `keys rotate` changes nothing either. It changes
 * once, when the oldest key is taken off the list: what was signed with it (open cursors, sessions) stops being valid
 * at that moment. A key derived from the newest one would do that already when the new key is added, and again nothing
 * would be won when the old one goes. What can check several keys uses `deriveKeys` and never notices either step.
 */
export function deriveKey(keyring: Keyring, purpose: KeyPurpose): Uint8Array<ArrayBuffer> {
  const oldest = [...keyring.reading.values()].at(-1) ?? keyring.writing;
  return expand(oldest, purpose);
}

/**
 * The 32-byte keys for a purpose that can check several: sign with the first, accept any. A signature outlives the
 * rotation for as long as the key that made it is still listed.
 */
export function deriveKeys(
  keyring: Keyring,
  purpose: KeyPurpose,
): [Uint8Array<ArrayBuffer>, ...Uint8Array<ArrayBuffer>[]] {
  const older = [...keyring.reading.values()].filter((key) => key.id !== keyring.writing.id);
  return [expand(keyring.writing, purpose), ...older.map((key) => expand(key, purpose))];
}

/** The key that wraps data keys. Apart from the master key itself, so that no key serves two algorithms. */
export function wrappingKey(master: MasterKey): Uint8Array<ArrayBuffer> {
  return expand(master, "wrap-data-key");
}

function expand(master: MasterKey, purpose: KeyPurpose | "wrap-data-key"): Uint8Array<ArrayBuffer> {
  return new Uint8Array(hkdfSync("sha256", master.key, new Uint8Array(), `hawser/${purpose}/v1`, 32));
}
