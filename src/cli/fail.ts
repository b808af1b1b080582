import { AppError, ProviderError } from "#core/errors.ts";
import { CannotStartDatabase } from "#db/embedded.ts";
import { KeyringError } from "#vault/keyring.ts";
import { ConfigError } from "../config.ts";
import { CommandFailed, Stopped, WrongUsage } from "./outcome.ts";

/** Says on standard error what went wrong, and ends the process: with 2 after wrong usage, 130 when stopped, else 1. */
export function failWith(error: unknown): never {
  console.error(error instanceof Error ? (wordsFor(error) ?? error) : error);
  process.exit(error instanceof WrongUsage ? 2 : error instanceof Stopped ? 130 : 1);
}

/** What a person can put right is said in words; nothing for our own mistakes, which are shown as they are. */
export function wordsFor(error: Error): string | undefined {
  if (error instanceof AppError && error.code === "invalid_request" && error.errors.length > 0) {
    return error.errors.map(({ pointer, detail }) => `${pointer.slice(1)}: ${detail}`).join("\n");
  }
  return isSaid(error) ? error.message : (ofDatabase(error) ?? ofFiles(error));
}

const inWords = [
  AppError,
  ProviderError,
  ConfigError,
  KeyringError,
  CannotStartDatabase,
  WrongUsage,
  CommandFailed,
  Stopped,
];

/** The rooms below say in plain errors what an operator can put right; mistakes have the language's or a driver's own. */
const isSaid = (error: Error): boolean =>
  inWords.some((kind) => error instanceof kind) || (error.constructor === Error && !("code" in error));

const databaseSays: Record<string, (message: string) => string> = {
  ECONNREFUSED: () => "Nothing listens at the address of the database. Is it running, and is DATABASE_URL right?",
  ENOTFOUND: (message) => `The host of the database is not known (${message}). Look at DATABASE_URL.`,
  ETIMEDOUT: () => "The database does not answer in time. Look at DATABASE_URL, and at firewalls on the way.",
  "28P01": (message) => `The database refuses the sign-in: ${message}. Look at DATABASE_URL.`,
  "28000": (message) => `The database refuses the sign-in: ${message}. Look at DATABASE_URL.`,
  "3D000": (message) => `The server has no such database: ${message}. Look at DATABASE_URL.`,
  "42501": (message) => `The database user may not do this: ${message}.`,
  "53300": () => "The database has no connection left. Raise its max_connections, or stop what uses it.",
  "57P03": () => "The database is just starting or stopping. Try again in a moment.",
};

const ofDatabase = (error: Error): string | undefined => databaseSays[codeOf(error) ?? ""]?.(error.message);

const filesSay: Record<string, string> = {
  ENOENT: "there is no such file or folder",
  EACCES: "this user may not read or write there",
  EPERM: "this user may not do that there",
  EROFS: "the disk is read-only",
  ENOSPC: "the disk is full",
  ENOTDIR: "a part of this path is not a folder",
  EISDIR: "this is a folder",
  EEXIST: "something else has this name",
};

function ofFiles(error: Error): string | undefined {
  const said = filesSay[codeOf(error) ?? ""];
  return said && "path" in error ? `${error.path}: ${said}.` : undefined;
}

const codeOf = (error: Error): string | undefined =>
  "code" in error && typeof error.code === "string" ? error.code : undefined;
