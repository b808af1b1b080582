import type { TokenErrorMeaning, TokenFailureKind } from "#core/token-answer.ts";

/** A token endpoint gave no token. The message is for people; `description` is the other side's text, made harmless. */
export class TokenFailure extends Error {
  override readonly name = "TokenFailure";
  readonly kind: TokenFailureKind;
  /** The error code of RFC 6749 5.2, or the provider's own. */
  readonly code?: string;
  /** At most 300 characters of one line, without anything secret. */
  readonly description?: string;
  /** False only when it is certain that the provider got nothing. */
  readonly sent: boolean;
  /** Whether an answer tells what the provider has done. Without one it may have replaced the refresh token. */
  readonly answered: boolean;
  readonly retryAt?: Date;

  constructor(
    kind: TokenFailureKind,
    message: string,
    more: {
      code?: string | undefined;
      description?: string | undefined;
      sent?: boolean;
      answered?: boolean;
      retryAt?: Date | undefined;
      cause?: unknown;
    } = {},
  ) {
    super(message, { cause: more.cause });
    this.kind = kind;
    this.sent = more.sent ?? true;
    this.answered = more.answered ?? true;
    if (more.code !== undefined) this.code = more.code;
    if (more.description !== undefined) this.description = more.description;
    if (more.retryAt) this.retryAt = more.retryAt;
  }
}

/** What the codes of RFC 6749, OpenID Connect and of large providers mean for a grant that is stored. */
const meanings: Readonly<Record<string, TokenFailureKind>> = {
  invalid_grant: "grant-dead",
  interaction_required: "grant-dead",
  consent_required: "grant-dead",
  login_required: "grant-dead",
  account_selection_required: "grant-dead",
  bad_refresh_token: "grant-dead",
  invalid_refresh_token: "grant-dead",
  token_revoked: "grant-dead",
  token_expired: "grant-dead",
  bad_verification_code: "grant-dead",
  invalid_code: "grant-dead",
  invalid_client: "app",
  unauthorized_client: "app",
  incorrect_client_credentials: "app",
  invalid_client_id: "app",
  bad_client_secret: "app",
  redirect_uri_mismatch: "app",
  bad_redirect_uri: "app",
  invalid_scope: "app",
  invalid_target: "app",
  unsupported_grant_type: "app",
  invalid_request: "app",
  temporarily_unavailable: "temporary",
  server_error: "temporary",
  slow_down: "temporary",
  ratelimited: "temporary",
};

/**
 * What an answer that is no token means. `own` is what the provider's description says of its codes; it comes first,
 * because some mean other things by the RFC's words.
 */
export function classify(
  answer: { status: number; code: string | undefined; description: string | undefined; readable: boolean },
  own: readonly TokenErrorMeaning[] = [],
): TokenFailureKind {
  const { status, code, description, readable } = answer;
  if (status === 429 || status === 408 || status === 425 || status >= 500) return "temporary";
  const text = description?.toLowerCase() ?? "";
  const told = own.find(
    (one) => one.code === code && (one.text === undefined || text.includes(one.text.toLowerCase())),
  );
  if (told) return told.means;
  const known = code !== undefined && Object.hasOwn(meanings, code) ? meanings[code] : undefined;
  if (known) return known;
  // A page in HTML comes from something in between, which knows nothing of the grant.
  if (!readable) return "temporary";
  if (status === 401 || status === 404 || status === 405) return "app";
  if (status >= 200 && status < 300 && code === undefined) return "temporary";
  if (status >= 300 && status < 400) return "app";
  return "unknown";
}

const LONGEST = 300;

/** The other side's words as one harmless line. */
export function cleanText(text: unknown): string | undefined {
  if (typeof text !== "string") return undefined;
  const line = text
    .slice(0, 4 * LONGEST)
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ")
    .trim();
  if (line === "") return undefined;
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line;
}
