import { closeSync, existsSync, fsyncSync, openSync, readFileSync, statSync, writeSync } from "node:fs";
import { type Keyring, newKeyFileText, parseKeyFile, parseMasterKeys } from "#vault/keyring.ts";
import type { Config } from "../config.ts";

/**
 * The master keys of this installation. Outside of production the first start makes a key file; `made` says so.
 * @throws KeyringError
 */
export function loadKeyring(config: Config, now: Date): { keyring: Keyring; made?: string } {
  const missing = config.masterKeys === undefined && !existsSync(config.keyFile);
  const made = missing && !config.production ? makeKeyFile(config.keyFile, now) : undefined;
  return { keyring: readKeyring(config), ...(made && { made }) };
}

/**
 * The master keys as they are; none are made.
 * @throws KeyringError
 */
export function readKeyring({ masterKeys, keyFile }: Config): Keyring {
  if (masterKeys !== undefined) return parseMasterKeys(masterKeys);
  return parseKeyFile({ path: keyFile, mode: statSync(keyFile).mode, text: readFileSync(keyFile, "utf8") });
}

/** Never over an existing file: two first starts at once use the same one. */
function makeKeyFile(path: string, now: Date): string | undefined {
  let file: number;
  try {
    file = openSync(path, "wx", 0o600);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return undefined;
    throw error;
  }
  try {
    writeSync(file, newKeyFileText(now));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  return path;
}
