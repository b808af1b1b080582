import { AppError } from "#core/errors.ts";
import { CannotStartDatabase } from "#db/embedded.ts";
import { KeyringError } from "#vault/keyring.ts";
import { ConfigError } from "../config.ts";

/** Says what went wrong: one that the caller can put right in words, anything else as it is. Ends the process with 1. */
export function failWith(error: unknown): never {
  const expected =
    error instanceof ConfigError ||
    error instanceof KeyringError ||
    error instanceof CannotStartDatabase ||
    error instanceof AppError;
  console.error(expected ? error.message : error);
  process.exit(1);
}
