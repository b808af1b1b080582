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

/** An answer that is no token. */
export interface TokenRefusal {
  status: number;
  code: string | undefined;
  description: string | undefined;
  /** A page of something in between, which knows nothing of the grant. */
  isPage: boolean;
}

/** Answers of what stands in front of the provider, or that only say "not now". */
const passing = new Set([408, 425, 429, 502, 503, 504]);

/**
 * What it means. `own` is what the provider's description says of its codes; it comes first, because some mean other
 * things by the RFC's words.
 */
export function classify(refusal: TokenRefusal, own: readonly TokenErrorMeaning[] = []): TokenFailureKind {
  const { status, code, description, isPage } = refusal;
  if (passing.has(status) || status > 504) return "temporary";
  const text = description?.toLowerCase() ?? "";
  const told = own.find((one) => one.code === code && text.includes(one.text?.toLowerCase() ?? ""));
  if (told) return told.means;
  if (status >= 500) return "temporary";
  const known = code !== undefined && Object.hasOwn(meanings, code) ? meanings[code] : undefined;
  if (known) return known;
  if (isPage) return "temporary";
  if (code === undefined && status < 300) return "temporary";
  if (status === 401 || status === 404 || status === 405 || (status >= 300 && status < 400)) return "app";
  return "unknown";
}

/** Whether it tells what the provider has done: a gateway's own answer does not, nor one that cannot be read. */
export const tellsOutcome = ({ status, code, description }: TokenRefusal): boolean =>
  status !== 502 &&
  status !== 504 &&
  status < 520 &&
  (status >= 300 || code !== undefined || description !== undefined);

const LONGEST = 300;

/** The other side's words as one harmless line of at most 300 characters. */
export function cleanText(text: string, redact: (text: string) => string): string | undefined {
  const line = text
    .toWellFormed()
    .replace(/\p{Cf}+/gu, "")
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ")
    .trim();
  // Before the cut, which could leave half of a secret.
  const clean = redact(line);
  if (clean === "") return undefined;
  return clean.length > LONGEST ? `${clean.slice(0, LONGEST - 1).toWellFormed()}…` : clean;
}
