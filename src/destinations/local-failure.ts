import { DestinationError, type DestinationFailure } from "./destination.ts";

/** What the operating system's answers mean. What is not here (EIO, ESTALE, ENOTCONN, EMFILE …) may be over in a while. */
const kinds: Readonly<Record<string, DestinationFailure>> = {
  ENOSPC: "full",
  EDQUOT: "full",
  EROFS: "read-only",
  EACCES: "forbidden",
  EPERM: "forbidden",
  ELOOP: "obstructed",
  ENOTDIR: "obstructed",
  EISDIR: "obstructed",
  EEXIST: "obstructed",
};

const wording: Readonly<Record<DestinationFailure, string>> = {
  full: "has no space left",
  "read-only": "can only be read",
  forbidden: "may not be written by the user that runs Hawser",
  unavailable: "does not answer",
  obstructed: "has a link, file or folder in the way that is not ours",
  mismatch: "got other bytes than announced",
  missing: "does not have the object",
};

/** Turns the system's error into one of the destination's. Errors of another sort stay what they are. */
export function toDestinationError(error: unknown, destination: string): unknown {
  const code = codeOf(error);
  if (code === undefined) return error;
  const kind = kinds[code] ?? "unavailable";
  return new DestinationError(kind, `${destination} ${wording[kind]} (${code})`, { cause: error });
}

export const isCode = (error: unknown, ...codes: string[]): boolean => codes.includes(codeOf(error) ?? "");

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && "syscall" in error && typeof error.code === "string"
    ? error.code
    : undefined;
}
