import { z } from "zod";
import { AppError, type FieldError } from "#core/errors.ts";
import type { Provider } from "#provider-kit/provider.ts";

/**
 * A config as the provider's own schema reads it. What is wrong is an `invalid_request` whose errors point at the
 * fields below `/config`. A provider without a config takes none.
 */
export function validateConfig(provider: Provider, config: unknown): unknown {
  try {
    return (provider.config ?? nothing).parse(config);
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    const errors = error.issues.flatMap((issue) => toFieldErrors(issue, config));
    throw new AppError("invalid_request", errors[0]?.detail ?? "The config is not valid.", { errors });
  }
}

const nothing = z.strictObject({});

function toFieldErrors(issue: z.core.$ZodIssue, config: unknown): FieldError[] {
  const at = ["config", ...issue.path.map(String)];
  if (issue.code !== "unrecognized_keys") {
    return [{ pointer: toPointer(at), code: issue.code, detail: wordsFor(issue, config) }];
  }
  return issue.keys.map((key) => ({
    pointer: toPointer([...at, key]),
    code: "unknown_field",
    detail: "There is no such field.",
  }));
}

/** What the provider says itself is said; the words of the library are not ours (SR-77). */
function wordsFor(issue: z.core.$ZodIssue, config: unknown): string {
  if (issue.code === "custom") return issue.message;
  const value = issue.path.reduce<unknown>((at, name) => (isObject(at) ? at[String(name)] : undefined), config);
  return value === undefined ? "This is missing." : "This is not a value that it can have.";
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

/** RFC 6901. */
const toPointer = (path: string[]): string =>
  path.map((part) => `/${part.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
