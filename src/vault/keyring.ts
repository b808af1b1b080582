import { createSecretKey, type KeyObject, randomBytes } from "node:crypto";

/** One master key. A KeyObject shows none of its bytes when it is printed or turned into JSON. */
export interface MasterKey {
  readonly id: string;
  readonly key: KeyObject;
}

/**
 * The master keys of this process: `writing` wraps everything new, every key in `reading` (newest first, `writing`
 * among them) still opens what it once wrapped.
 */
export interface Keyring {
  readonly writing: MasterKey;
  readonly reading: ReadonlyMap<string, MasterKey>;
}

const masterKeysVariable = "HAWSER_MASTER_KEYS";

// Deliberately no key: an example that can be pasted ends up in production (SR-4).
const example = "2026-11:<43 characters of base64url, made from 32 random bytes>";

/** Master keys are missing, malformed or weak. The server does not start with them (SR-1, SR-103). */
export class KeyringError extends Error {
  override readonly name = "KeyringError";
  /** The setting or file that has to be changed. */
  readonly setting: string;
  readonly reason: string;
  readonly example = example;

  constructor(setting: string, reason: string) {
    super(`${setting}: ${reason} Example: ${example}`);
    this.setting = setting;
    this.reason = reason;
  }
}

/**
 * Reads the comma-separated list of `HAWSER_MASTER_KEYS`: `id:key`, newest first. The first key writes; the others only
 * read, until `keys rotate` has made them unnecessary. Throws KeyringError.
 */
export function parseMasterKeys(text: string, setting: string = masterKeysVariable): Keyring {
  return toKeyring(
    text.split(",").map((entry) => entry.trim()),
    setting,
  );
}

/**
 * Reads a key file: the entries of `HAWSER_MASTER_KEYS`, one a line; `#` starts a comment. `mode` is what `stat` says
 * of the file; one that group or others can read is refused. Throws KeyringError.
 */
export function parseKeyFile(file: { path: string; mode: number; text: string }): Keyring {
  if ((file.mode & 0o077) !== 0) {
    const mode = (file.mode & 0o777).toString(8).padStart(3, "0");
    const reason = `the key file can be read or changed by others (mode ${mode}). Run chmod 600 on it.`;
    throw new KeyringError(file.path, reason);
  }
  const lines = file.text.split("\n").map((line) => line.trim());
  return toKeyring(
    lines.filter((line) => line !== "" && !line.startsWith("#")),
    file.path,
  );
}

/** The text of a new key file with one random key. Its writer makes it with mode 600, outside the data folder. */
export function newKeyFileText(now: Date): string {
  const id = now.toISOString().slice(0, 10);
  return [
    "# Master keys of this Hawser installation, newest first. Keep a copy in a safe place:",
    "# without this file every stored credential is lost.",
    `${id}:${randomBytes(32).toString("base64url")}`,
    "",
  ].join("\n");
}

function toKeyring(entries: readonly string[], setting: string): Keyring {
  const reading = new Map<string, MasterKey>();
  for (const entry of entries) {
    const key = parseEntry(entry, setting);
    if (reading.has(key.id)) throw new KeyringError(setting, `the key id "${key.id}" is there twice.`);
    reading.set(key.id, key);
  }
  const [writing] = reading.values();
  if (!writing) throw new KeyringError(setting, "there is no master key.");
  return { writing, reading };
}

// What is wrong is named by the id of the key; the key itself must not reach a log.
function parseEntry(entry: string, setting: string): MasterKey {
  const parts = /^([A-Za-z0-9_-]{1,64}):(.*)$/.exec(entry);
  if (!parts) {
    const reason = "an entry is not of the form id:key, where the id has letters, digits, - and _ (at most 64).";
    throw new KeyringError(setting, entry === "" ? "there is an empty entry." : reason);
  }
  const [, id = "", text = ""] = parts;
  const bytes = Buffer.from(text, "base64url");
  if (bytes.toString("base64url") !== text.replace(/=$/, "")) {
    throw new KeyringError(setting, `the key "${id}" is not base64url.`);
  }
  if (bytes.length !== 32) {
    throw new KeyringError(setting, `the key "${id}" has ${bytes.length} bytes instead of 32.`);
  }
  if (isGuessable(bytes)) throw new KeyringError(setting, `the key "${id}" is not random.`);
  return { id, key: createSecretKey(bytes) };
}

/**
 * True for keys that somebody wrote instead of drawing them: one repeated pattern, bytes that count up or down, or
 * readable text. 32 random bytes fall under one of these less than once in 2^40 draws.
 */
function isGuessable(bytes: Uint8Array): boolean {
  if (new Set(bytes).size <= 8) return true;
  const steps = new Set(bytes.subarray(1).map((byte, index) => byte - (bytes[index] ?? 0)));
  if (steps.size === 1) return true;
  return bytes.every((byte) => byte >= 0x20 && byte < 0x7f);
}
