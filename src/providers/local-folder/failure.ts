import { type FailureKind, ProviderError } from "#core/errors.ts";

/** What the operating system's answers mean. What is not here (EIO, ESTALE, ENOTCONN, EMFILE …) may be over in a while. */
const kinds: Readonly<Record<string, FailureKind>> = {
  ENOENT: "not-found",
  ENOTDIR: "not-found",
  ELOOP: "not-found",
  ENAMETOOLONG: "not-found",
  EACCES: "forbidden",
  EPERM: "forbidden",
};

/**
 * Turns the system's error about `what` (a name people know, never an absolute path) into a `ProviderError`. Errors of
 * another sort are our own mistakes and stay what they are.
 */
export function toFailure(error: unknown, what: string): unknown {
  const code = errorCode(error);
  if (error instanceof ProviderError || code === undefined) return error;
  const kind = kinds[code] ?? "unavailable";
  return new ProviderError(kind, `${what} ${wording[kind] ?? `could not be read (${code})`}`, { cause: error });
}

/** The folder a connection is about cannot be opened. That it is gone says nothing about what was in it. */
export function toTopFailure(error: unknown, what: string): unknown {
  const failure = toFailure(error, what);
  if (!(failure instanceof ProviderError) || failure.kind !== "not-found") return failure;
  return new ProviderError("unavailable", `${what} is not there. Is its disk mounted?`, { cause: error });
}

/** Gone between being named and being looked at, which is no failure of a listing. */
export const isGone = (error: unknown): boolean => {
  const code = errorCode(error);
  return code === "ENOENT" || code === "ENOTDIR";
};

const wording: Partial<Record<FailureKind, string>> = {
  "not-found": "is not there any more",
  forbidden: "may not be read by the user that runs Hawser",
};

function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && "syscall" in error && typeof error.code === "string"
    ? error.code
    : undefined;
}
