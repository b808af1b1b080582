import type { Problem } from "../../src/api/contract/route.ts";

/** What is wrong with one field: where (JSON Pointer such as `/name`), which rule, and what to do. */
export type FieldError = NonNullable<Problem["errors"]>[number];

/** A request that did not succeed, as the server explained it (RFC 9457). */
export class HawserError extends Error {
  override readonly name = "HawserError";
  /** The HTTP status; 0 when no answer came at all. */
  readonly status: number;
  /** Part of the API: stable, lower-case. `offline` when no answer came, `unexpected_answer` when it was not ours. */
  readonly code: string;
  readonly detail: string;
  readonly errors: readonly FieldError[];
  /** What support asks for. */
  readonly requestId: string | undefined;
  /** Seconds until a repeat makes sense. */
  readonly retryAfterS: number | undefined;

  constructor(
    facts: {
      status: number;
      code: string;
      detail: string;
      errors?: readonly FieldError[] | undefined;
      requestId?: string | undefined;
      retryAfterS?: number | undefined;
    },
    options?: ErrorOptions,
  ) {
    super(facts.detail, options);
    this.status = facts.status;
    this.code = facts.code;
    this.detail = facts.detail;
    this.errors = facts.errors ?? [];
    this.requestId = facts.requestId;
    this.retryAfterS = facts.retryAfterS;
  }

  /** What is wrong with one field, by its pointer: `/name`. */
  at(pointer: string): string | undefined {
    return this.errors.find((error) => error.pointer === pointer)?.detail;
  }
}

/** Reads why an answer is not the one that was hoped for. Never throws: whatever came is turned into an error. */
export async function errorOf(answer: Response): Promise<HawserError> {
  const retryAfter = Number(answer.headers.get("retry-after") ?? Number.NaN);
  const retryAfterS = Number.isFinite(retryAfter) ? retryAfter : undefined;
  const problem: unknown = await answer.json().catch(() => undefined);
  if (!isProblem(problem)) {
    return new HawserError({
      status: answer.status,
      code: "unexpected_answer",
      detail: `The server answered ${answer.status} without saying why.`,
      requestId: answer.headers.get("x-request-id") ?? undefined,
      retryAfterS,
    });
  }
  return new HawserError({
    status: answer.status,
    code: problem.code,
    detail: problem.detail,
    errors: problem.errors,
    requestId: problem.request_id,
    retryAfterS,
  });
}

/** An answer from something in between (a proxy's error page) has none of these. */
const isProblem = (value: unknown): value is Problem =>
  typeof value === "object" && value !== null && "code" in value && "detail" in value && "request_id" in value;
