/**
 * One request to a token endpoint (RFC 6749 3.2) and what came of it. Tokens leave this room as `Secret`s; nothing of a
 * request or an answer is in a message. It is never tried again here: only the caller knows whether that may be done.
 */
import { AppError } from "#core/errors.ts";
import type { TokenErrorMeaning } from "#core/token-answer.ts";
import type { Secret } from "#vault/reveal.ts";
import type { Outbound, OutboundRequest } from "./client.ts";
import { OutboundError } from "./outbound-error.ts";
import { readText } from "./read.ts";
import { redactor } from "./redact.ts";
import { readRetryAfter } from "./retry.ts";
import {
  type AnswerRules,
  describe,
  type Members,
  parseMembers,
  type Refusal,
  readAnswer,
  refusalIn,
  type TokenAnswer,
} from "./token-answer.ts";
import { classify, cleanText, TokenFailure, type TokenRefusal, tellsOutcome } from "./token-failure.ts";
import { buildTokenRequest, type ClientAtEndpoint, type TokenParts } from "./token-request.ts";

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
  const { request: toSend, secrets } = buildTokenRequest(request);
  const reply = await exchange(outbound, toSend, signal);
  const { status, members, at: now } = reply;
  const refusal = members && refusalIn(members, request.places);
  if (members && !refusal && status >= 200 && status < 300) {
    return readAnswer(members, request, { now, isRefresh: request.params.grant_type === "refresh_token" });
  }
  const description = refusal?.description ?? (members && describe(members, request.places));
  throw failureOf(reply, { code: refusal?.code, description }, { errors: request.errors, secrets });
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
  const { request: toSend, secrets } = buildTokenRequest({ ...rest, params: { token, token_type_hint: hint } });
  const reply = await exchange(outbound, toSend, signal);
  const { status, members } = reply;
  const refusal = (members && refusalIn(members)) ?? {};
  // The body of a success is not looked at: RFC 7009 gives it no meaning.
  if (status >= 200 && status < 300) return "revoked";
  const isKnown = status !== 400 || !(refusal.code === undefined || unknownToken.has(refusal.code));
  if (!isKnown && !reply.isPage) return "unknown-token";
  throw failureOf(reply, refusal, { secrets });
}

/** RFC 7009 wants 200 for those; Google and others say so. Of the last kind the endpoint revokes none. */
const unknownToken = new Set(["invalid_token", "invalid_grant", "unsupported_token_type"]);

interface Reply {
  status: number;
  at: Date;
  /** Absent where it is neither JSON nor a form. */
  members: Members | undefined;
  isPage: boolean;
  retryAt: Date | undefined;
}

async function exchange(outbound: Outbound, request: OutboundRequest, signal: AbortSignal | undefined): Promise<Reply> {
  try {
    const answer = await outbound.send({ ...request, ...(signal && { signal }) });
    const text = await readText(answer);
    const at = new Date();
    const mediaType = answer.headers.get("content-type")?.toLowerCase() ?? "";
    return {
      status: answer.status,
      at,
      members: parseMembers(text, mediaType),
      isPage: mediaType.includes("html") || text.trimStart().startsWith("<"),
      retryAt: retryAtOf(answer.headers.get("retry-after"), at),
    };
  } catch (error) {
    if (error instanceof AppError && error.code === "invalid_request") {
      // A header of the description's that no header can be.
      throw new TokenFailure("app", error.message, { sent: false, cause: error });
    }
    if (!(error instanceof OutboundError)) throw error;
    const { sent, retryAt } = error;
    throw new TokenFailure("temporary", error.message, { sent, answered: false, retryAt, cause: error });
  }
}

const LONGEST_PAUSE_MS = 24 * 60 * 60_000;

/** Nobody puts a connection off for longer than a day. */
function retryAtOf(header: string | null, now: Date): Date | undefined {
  const afterMs = readRetryAfter(header, now);
  return afterMs === undefined ? undefined : new Date(now.getTime() + Math.min(afterMs, LONGEST_PAUSE_MS));
}

function failureOf(
  { status, isPage, retryAt }: Reply,
  { code, description }: Refusal,
  { errors, secrets }: { errors?: readonly TokenErrorMeaning[] | undefined; secrets: readonly Secret[] },
): TokenFailure {
  const refusal: TokenRefusal = { status, code, description, isPage };
  const redact = redactor(secrets);
  const shown = code === undefined ? undefined : cleanText(code, redact);
  return new TokenFailure(classify(refusal, errors), `The provider answered ${shown ?? status}.`, {
    code: shown,
    description: description === undefined ? undefined : cleanText(description, redact),
    retryAt,
    answered: tellsOutcome(refusal),
  });
}
