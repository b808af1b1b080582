/** Every way a call to a provider can fail, as far as we ever act on it. */
export type FailureKind =
  | "reauthorize"
  | "forbidden"
  | "not-found"
  | "rejected"
  | "rate-limited"
  | "unavailable"
  | "uncertain"
  | "cursor-lost"
  | "unexpected-reply";

export type NextMove = "retry" | "look-first" | "list-again" | "ask-person" | "give-up";

/** The only place that decides what happens after a failure. */
export const nextMove = {
  "rate-limited": "retry",
  unavailable: "retry",
  uncertain: "look-first",
  "cursor-lost": "list-again",
  reauthorize: "ask-person",
  forbidden: "give-up",
  "not-found": "give-up",
  rejected: "give-up",
  "unexpected-reply": "give-up",
} as const satisfies Record<FailureKind, NextMove>;

/** Why a store takes no bytes: its room is used up, nobody may write just now, or this object is too large for it. */
export type StorageRefusal = "full" | "read-only" | "too-large";

/** A call to something outside failed. The message is shown to people: it holds no secret and no whole reply. */
export class ProviderError extends Error {
  override readonly name = "ProviderError";
  readonly kind: FailureKind;
  /** Not before this moment, when the provider said so. */
  readonly retryAt?: Date;
  readonly storage?: StorageRefusal;
  /** The provider's own word for it. */
  readonly code?: string;

  constructor(
    kind: FailureKind,
    message: string,
    options: { retryAt?: Date; cause?: unknown; storage?: StorageRefusal; code?: string } = {},
  ) {
    super(message, { cause: options.cause });
    this.kind = kind;
    if (options.retryAt) this.retryAt = options.retryAt;
    if (options.storage) this.storage = options.storage;
    if (options.code !== undefined) this.code = options.code;
  }
}

/** One code, one HTTP status. Codes are part of the API: stable, lower-case, documented in docs/errors.md. */
export const appErrorStatus = {
  invalid_request: 422,
  invalid_json: 400,
  unsupported_media_type: 415,
  body_too_large: 413,
  header_too_large: 431,
  not_signed_in: 401,
  sign_in_failed: 401,
  origin_refused: 403,
  role_too_low: 403,
  recent_sign_in_needed: 403,
  not_found: 404,
  method_not_allowed: 405,
  name_taken: 409,
  conflict: 409,
  last_owner: 409,
  sync_already_running: 409,
  sync_not_running: 409,
  sync_paused: 409,
  connection_in_use: 409,
  connection_not_active: 409,
  connection_needs_authorization: 409,
  oauth_client_missing: 409,
  sandbox_off: 409,
  provider_in_use: 409,
  secret_in_use: 409,
  destination_in_use: 409,
  invitation_not_valid: 410,
  idempotency_key_reused: 422,
  idempotency_in_progress: 409,
  cursor_not_valid: 400,
  provider_failed: 502,
  queue_full: 429,
  too_many_requests: 429,
  secret_origin_denied: 403,
  address_refused: 422,
  unavailable: 503,
  internal: 500,
} as const satisfies Record<string, number>;

export type AppErrorCode = keyof typeof appErrorStatus;

/** What is wrong with one field: where (JSON Pointer, RFC 6901), which rule, and what to do. */
export interface FieldError {
  pointer: string;
  code: string;
  detail: string;
}

/** Something the caller can put right. The code is part of the API; the wording is not. */
export class AppError extends Error {
  override readonly name = "AppError";
  readonly code: AppErrorCode;
  readonly errors: readonly FieldError[];
  /** Seconds until a repeat makes sense (429, 409, 503). */
  readonly retryAfterS?: number;

  constructor(
    code: AppErrorCode,
    message: string,
    more: { errors?: readonly FieldError[]; retryAfterS?: number } = {},
  ) {
    super(message);
    this.code = code;
    this.errors = more.errors ?? [];
    if (more.retryAfterS !== undefined) this.retryAfterS = more.retryAfterS;
  }
}

/** The same answer for what does not exist and for what belongs to somebody else (SR-56). */
export const notFound = () => new AppError("not_found", "There is nothing here, or you have no access to it.");

/** A single wrong field. `pointer` is a JSON Pointer such as `/name`. */
export const invalidField = (pointer: string, detail: string, code = "invalid") =>
  new AppError("invalid_request", detail, { errors: [{ pointer, code, detail }] });
