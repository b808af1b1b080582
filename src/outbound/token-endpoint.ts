/**
 * One request to a token endpoint (RFC 6749 3.2) and what came of it. Tokens leave this room as `Secret`s; nothing of a
 * request or an answer is in a message. It is never tried again here: only the caller knows whether that may be done.
 */
import { AppError } from "#core/errors.ts";
import type { TokenErrorMeaning } from "#core/token-answer.ts";
import type { Secret } from "#vault/reveal.ts";
import type { Outbound, OutboundResponse } from "./client.ts";
import { OutboundError } from "./outbound-error.ts";
import { readText } from "./read.ts";
import { redactor } from "./redact.ts";
import { readRetryAfter } from "./retry.ts";
import { type AnswerRules, errorIn, type Members, parseMembers, readAnswer, type TokenAnswer } from "./token-answer.ts";
import { classify, TokenFailure } from "./token-failure.ts";
import { type ClientAtEndpoint, secretsOf, type TokenParts, toTokenRequest } from "./token-request.ts";

export { readKept, type TokenAnswer } from "./token-answer.ts";
export { TokenFailure } from "./token-failure.ts";

export interface TokenRequest extends TokenParts, AnswerRules {
  /** What the provider means by its error codes. */
  errors?: readonly TokenErrorMeaning[] | undefined;
}

/** Throws TokenFailure; AppError `address_refused` before anything is sent; the signal's reason. */
export async function requestToken(
  outbound: Outbound,
  request: TokenRequest,
  signal?: AbortSignal,
): Promise<TokenAnswer> {
  const reply = await exchange(outbound, request, signal);
  const { status, members } = reply;
  const error = members && errorIn(members, request.places);
  if (members && !error && status >= 200 && status < 300) return readAnswer(members, request);
  throw failureOf(reply, error, request);
}

/**
 * Gives a token back (RFC 7009). `unknown-token`: the provider does not know it (any more), which is as good.
 * Throws as `requestToken`.
 */
export async function revokeToken(
  outbound: Outbound,
  request: {
    url: string;
    token: Secret;
    hint: "refresh_token" | "access_token";
    client?: ClientAtEndpoint;
    body?: "form" | "json" | "query";
  },
  signal?: AbortSignal,
): Promise<"revoked" | "unknown-token"> {
  const { token, hint, ...rest } = request;
  const parts: TokenRequest = { ...rest, params: { token, token_type_hint: hint } };
  const reply = await exchange(outbound, parts, signal);
  if (reply.status >= 200 && reply.status < 300) return "revoked";
  const error = reply.members && errorIn(reply.members);
  if (reply.status === 400 && error?.code !== "invalid_client") return "unknown-token";
  throw failureOf(reply, error, parts);
}

interface Reply {
  status: number;
  members: Members | undefined;
  retryAt: Date | undefined;
}

async function exchange(outbound: Outbound, request: TokenParts, signal: AbortSignal | undefined): Promise<Reply> {
  try {
    const answer = await outbound.send({ ...toTokenRequest(request), ...(signal && { signal }) });
    const mediaType = answer.headers.get("content-type")?.toLowerCase() ?? "";
    const members = parseMembers(await readText(answer), mediaType);
    return { status: answer.status, members, retryAt: retryAtOf(answer) };
  } catch (error) {
    if (error instanceof TokenFailure || error instanceof AppError || !(error instanceof OutboundError)) throw error;
    const { sent, retryAt } = error;
    throw new TokenFailure("temporary", error.message, { sent, answered: false, retryAt, cause: error });
  }
}

function retryAtOf({ headers }: OutboundResponse): Date | undefined {
  const now = new Date();
  const afterMs = readRetryAfter(headers.get("retry-after"), now);
  return afterMs === undefined ? undefined : new Date(now.getTime() + afterMs);
}

function failureOf(
  { status, members, retryAt }: Reply,
  error: { code: string | undefined; description: string | undefined } | undefined,
  request: TokenRequest,
): TokenFailure {
  const code = error?.code;
  const kind = classify(
    { status, code, description: error?.description, readable: members !== undefined },
    request.errors,
  );
  const redact = redactor(secretsOf(request));
  const isLost = status === 502 || status === 504 || (status < 300 && error === undefined);
  return new TokenFailure(kind, code ? `The provider answered ${redact(code)}.` : `The provider answered ${status}.`, {
    code: code && redact(code),
    description: error?.description && redact(error.description),
    retryAt,
    // A gateway's own answer, or one that cannot be read, tells nothing of what the provider has done.
    answered: !isLost,
  });
}
