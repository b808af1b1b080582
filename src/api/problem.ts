import type { z } from "zod";
import { AppError, type AppErrorCode, appErrorStatus, type FieldError, ProviderError } from "#core/errors.ts";
import { isPassing } from "#core/passing.ts";
import type { Problem } from "./contract/route.ts";

/**
 * The answer to a failure (RFC 9457). What we did not foresee becomes `internal`: nothing of it reaches the client
 * (SR-77).
 */
export function toProblem(failure: unknown, requestId: string): { problem: Problem; headers: Record<string, string> } {
  const { code, message, errors, retryAfterS } = explain(failure);
  const problem: Problem = {
    type: `urn:hawser:problem:${code}`,
    title: titleOf(code),
    status: appErrorStatus[code],
    code,
    detail: message,
    request_id: requestId,
    ...(errors.length > 0 && { errors: [...errors] }),
  };
  return { problem, headers: retryAfterS === undefined ? {} : { "retry-after": String(retryAfterS) } };
}

/** Whether a failure is our own mistake, to be logged with everything that is known about it. */
export const isUnforeseen = (failure: unknown): boolean =>
  !(failure instanceof AppError || failure instanceof ProviderError);

function explain(failure: unknown): AppError {
  if (failure instanceof AppError) return failure;
  if (failure instanceof ProviderError) {
    const waitMs = failure.retryAt && failure.retryAt.getTime() - Date.now();
    return new AppError(
      "provider_failed",
      failure.message,
      waitMs === undefined ? {} : { retryAfterS: Math.max(1, Math.ceil(waitMs / 1000)) },
    );
  }
  if (isPassing(failure) || codeOf(failure) === tookTooLong) {
    return /^(40|55)/.test(codeOf(failure))
      ? new AppError("unavailable", "Something else was changing the same at this moment. Try again.", {
          retryAfterS: 1,
        })
      : new AppError("unavailable", "Hawser cannot reach its database. Try again soon.", { retryAfterS: 5 });
  }
  return new AppError("internal", "Something went wrong on our side. Tell support the request id.");
}

/** The state in which PostgreSQL ends a statement at its time limit. */
const tookTooLong = "57014";

const codeOf = (failure: unknown): string =>
  failure instanceof Error && "code" in failure && typeof failure.code === "string" ? failure.code : "";

const titleOf = (code: AppErrorCode) => {
  const words = code.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
};

const mostErrors = 20;

/**
 * Reads what the client sent.
 *
 * @throws AppError `invalid_request` with what is wrong with each field, at most 20 of them
 */
export function parseInput<S extends z.ZodType>(schema: S, value: unknown, what: string): z.output<S> {
  const result = schema.safeParse(value, { error: (issue) => describe(issue as z.core.$ZodRawIssue) });
  if (result.success) return result.data;
  const errors = result.error.issues.flatMap(toFieldErrors).slice(0, mostErrors);
  const [only] = errors;
  const detail = errors.length === 1 && only ? only.detail : `${errors.length} fields of the ${what} are not right.`;
  throw new AppError("invalid_request", detail, { errors });
}

function toFieldErrors(issue: z.core.$ZodIssue): FieldError[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      pointer: toPointer([...issue.path, key]),
      code: "unknown",
      detail: "There is no such field.",
    }));
  }
  return [{ pointer: toPointer(issue.path), code: codes[issue.code] ?? "invalid", detail: issue.message }];
}

const codes: Partial<Record<z.core.$ZodIssue["code"], string>> = {
  invalid_type: "wrong_type",
  too_small: "too_small",
  too_big: "too_big",
  invalid_format: "wrong_format",
  invalid_value: "not_allowed",
  invalid_union: "not_allowed",
};

/** RFC 6901. */
const toPointer = (path: readonly PropertyKey[]) =>
  path.map((part) => `/${String(part).slice(0, 255).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");

// Our own words: what the library says may repeat what was sent, and changes with its versions.
function describe(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return issue.input === undefined ? "This is missing." : `This has to be ${withArticle(issue.expected)}.`;
    case "too_small":
      return `This has to be at least ${issue.minimum}${unitOf(issue.origin)}.`;
    case "too_big":
      return `This may be at most ${issue.maximum}${unitOf(issue.origin)}.`;
    case "invalid_format":
      return issue.format === "datetime"
        ? "This has to be a time such as 2026-01-31T08:00:00Z."
        : "This has the wrong form.";
    case "invalid_value":
      return `This has to be ${issue.values
        .map(String)
        .join(", ")
        .replace(/, ([^,]*)$/, " or $1")}.`;
    default:
      return "This is not right.";
  }
}

const withArticle = (expected: string) => {
  const words: Record<string, string> = { int: "whole number", record: "object" };
  const word = words[expected] ?? expected;
  return `${/^[aeiou]/.test(word) ? "an" : "a"} ${word}`;
};
const unitOf = (origin: string) =>
  origin === "string" ? " characters long" : origin === "array" || origin === "set" ? " items" : "";
