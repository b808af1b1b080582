import { AppError, type FailureKind, ProviderError } from "#core/errors.ts";
import type { ConnectionId } from "#core/ids.ts";
import type { WorkspaceTx } from "#db/database.ts";
import { noteClosed, noteFailure, noteWorking } from "#domain/connections/health/note-health.ts";
import { OutboundError } from "#outbound/outbound-error.ts";
import type { HandoffAnswer } from "#provider-kit/provider.ts";
import type { HandoffDeps, HandoffReply } from "./handoff.ts";
import { nextAttemptIn } from "./next-attempt.ts";
import { type ClaimedHandoff, type Outcome, recordOutcomes } from "./outbox-rows.ts";

/** What an attempt has brought. */
export type Came =
  | HandoffAnswer
  /** No answer. */
  | { kind: "failed"; error: ProviderError | AppError }
  /** This process stops. Whether it arrived is not known. */
  | { kind: "stopped" }
  /** It was taken, and is handed back without having been sent. */
  | { kind: "unsent" };

const MOST_BODY = 2_000;
const REST_MS = 30_000;

/** An attempt that is over. */
export interface Attempted {
  claimed: ClaimedHandoff;
  came: Came;
  /** The connection was noted as not working: what comes well now mends that. */
  mends: boolean;
}

/** The receiver is not to be asked for now, whatever else is due. */
export const isToBeLeftAlone = (came: Came): boolean =>
  closedBy(came) !== undefined || (came.kind === "failed" && isUnsent(came.error));

/** Writes down what came of attempts. */
export async function recordAttempts(
  tx: WorkspaceTx,
  deps: HandoffDeps,
  connection: ConnectionId,
  attempts: readonly Attempted[],
): Promise<void> {
  const now = deps.clock.now();
  let isClosed = false;
  for (const { came } of attempts) {
    const closed = closedBy(came);
    if (!closed) continue;
    isClosed = true;
    const failure = { kind: closed.because, message: closed.reason, at: now.toISOString() };
    if (closed.because === "reauthorize")
      await noteFailure(tx, connection, new ProviderError("reauthorize", ""), failure);
    else await noteClosed(tx, connection, failure);
  }
  const outcomes = attempts.map(({ claimed, came }) => ({ claimed, outcome: outcomeOf(came, claimed, deps, now) }));
  const recorded = await recordOutcomes(tx, outcomes);
  const isMended = attempts.some(
    ({ claimed, came, mends }) => mends && came.kind === "accepted" && recorded.has(claimed.id),
  );
  if (isMended && !isClosed) await noteWorking(tx, connection);
}

function outcomeOf(came: Came, claimed: ClaimedHandoff, deps: HandoffDeps, now: Date): Outcome {
  const closed = closedBy(came);
  // It is sent when the connection is in order again, and this attempt does not count towards giving up.
  if (closed) return { state: "queued", answer: replyOf(came, closed.reason, now) };
  switch (came.kind) {
    case "accepted":
      return { state: "delivered", answer: replyOf(came, undefined, now) };
    case "refused":
      return { state: "rejected", answer: replyOf(came, came.reason, now) };
    case "stopped":
      return { state: "queued" };
    case "unsent":
      return { state: "queued", unsent: true };
    case "later":
      return again(came, came.reason, came.retryAt, claimed, deps, now);
    case "failed": {
      const { error } = came;
      const retryAt = error instanceof ProviderError ? error.retryAt : undefined;
      // Others have failed before it, and the host is left alone for a moment.
      if (isUnsent(error)) return { state: "queued", unsent: true, inMs: msUntil(retryAt, now) ?? REST_MS };
      return again(came, error.message, retryAt, claimed, deps, now);
    }
    case "closed":
      return { state: "queued" };
  }
}

function again(
  came: Came,
  reason: string,
  retryAt: Date | undefined,
  { failures }: ClaimedHandoff,
  { random = Math.random }: HandoffDeps,
  now: Date,
): Outcome {
  const inMs = nextAttemptIn(failures + 1, { askedMs: msUntil(retryAt, now), chance: random() });
  const answer = replyOf(came, reason, now);
  return inMs === undefined
    ? { state: "failed", failed: true, answer }
    : { state: "queued", failed: true, inMs, answer };
}

const msUntil = (time: Date | undefined, now: Date): number | undefined =>
  time && Math.max(0, time.getTime() - now.getTime());

/** What is the connection's fault, so that all others would fare the same. */
function closedBy(came: Came): { because: FailureKind; reason: string } | undefined {
  if (came.kind === "closed") return came;
  if (came.kind !== "failed") return undefined;
  const { error } = came;
  if (error instanceof AppError) {
    const because = error.code === "secret_origin_denied" ? "reauthorize" : "rejected";
    return { because, reason: error.message };
  }
  const isOurs = ["reauthorize", "forbidden", "rejected"].includes(error.kind);
  return isOurs ? { because: error.kind, reason: error.message } : undefined;
}

const isUnsent = (error: unknown): boolean =>
  error instanceof ProviderError && error.cause instanceof OutboundError && error.cause.reason === "host-paused";

function replyOf(came: Came, reason: string | undefined, now: Date): HandoffReply {
  const answered = "status" in came ? { status: came.status, ...bodyOf(came.text) } : {};
  return {
    at: now.toISOString(),
    ...answered,
    ...(reason !== undefined && { reason: reason.slice(0, 500) }),
    ...(came.kind === "accepted" && came.job !== undefined && { job: came.job }),
    ...(came.kind === "accepted" && came.duplicate && { duplicate: true }),
  };
}

/** Control characters apart from those between lines and columns. */
const notShown = /(?![\t\n\r])\p{Cc}/gu;

/** Without what no page shows and no row takes. */
function bodyOf(text: string): { body?: string } {
  const body = text.toWellFormed().replace(notShown, "").trim();
  return body === "" ? {} : { body: body.slice(0, MOST_BODY) };
}
