import { type Clock, systemClock } from "#core/clock.ts";
import type { Outbound, OutboundRequest, OutboundResponse } from "./client.ts";
import type { HostHealth } from "./host-health.ts";
import { OutboundError } from "./outbound-error.ts";
import type { Pace, Rate } from "./pace.ts";
import { type Allowance, createQuotas, type Quota } from "./quota.ts";
import { decideRetry, isHostFailure, type Outcome, readRetryAfter } from "./retry.ts";
import { systemTimer, type Timer } from "./timer.ts";

export interface Patience {
  /** Who shares a host's health: the workspace, so that one cannot pause a host for the others. */
  scope: string;
  /** Sending it twice is harmless: by its method, by a key, or by design. A body that is a stream never is. */
  repeatable: boolean;
  /** How often it is sent at most: fewer where a person waits for the answer. */
  mostTries?: number | undefined;
  /** The turns to wait for: those of one account at the provider. */
  lane?: { key: string; rate: Rate; allowance?: Allowance };
  /** Told of everything that was sent, in order, and of the pause after it where it is sent again. */
  onAttempt?: (attempt: Attempt) => void;
}

export interface Attempt {
  at: Date;
  tookMs: number;
  /** Absent where no answer came, and `failure` says why. */
  status?: number;
  failure?: string;
  /** What is left of the allowance of its lane after it, as far as that is known. */
  quota?: Quota;
  /** How long it will be until the next one. */
  waitMs?: number;
}

export type SendPatiently = (request: OutboundRequest, patience: Patience) => Promise<OutboundResponse>;

/**
 * Sends at the agreed pace and repeats what SR-80 lets be repeated. The answer is the last one, whatever its status; a
 * 429 or 503 whose Retry-After lies more than 15 minutes ahead comes back at once, for the caller to reschedule.
 * Rejects as `send` does, and with OutboundError `host-paused` (and `retryAt`) while the host is left alone.
 */
export function createPatientSender(deps: {
  outbound: Outbound;
  pace: Pace;
  health: HostHealth;
  timer?: Timer;
  clock?: Clock;
  random?: () => number;
}): SendPatiently {
  const { outbound, pace, health, timer = systemTimer, clock = systemClock, random = Math.random } = deps;
  const quotas = createQuotas(clock);

  return async (request, { scope, repeatable, mostTries, lane, onAttempt }) => {
    const host = `${scope} ${new URL(request.url).host}`;
    const isSpent = typeof request.body === "object" && "stream" in request.body;
    for (let tries = 1; ; tries++) {
      const leave = lane ? await pace.enter(lane.key, lane.rate, request.signal) : () => {};
      const at = clock.now();
      const begun = timer.now();
      const attempt = await tryOnce(host, request).catch((error) => {
        leave();
        throw error;
      });
      const quota = lane && "answer" in attempt ? quotas.note(lane.key, attempt.answer, lane.allowance) : undefined;
      const told: Attempt = {
        at,
        tookMs: Math.round(timer.now() - begun),
        ...("answer" in attempt ? { status: attempt.answer.status } : { failure: attempt.error.message }),
        ...(quota && { quota }),
      };
      const { outcome } = attempt;
      const askedMs = outcome.kind === "answered" ? outcome.retryAfterMs : undefined;
      if (lane && askedMs !== undefined) pace.hold(lane.key, askedMs);
      const decision = decideRetry(outcome, {
        tries,
        repeatable: repeatable && !isSpent,
        chance: random(),
        ...(mostTries !== undefined && { most: mostTries }),
      });
      if (decision.next !== "again" || !health.mayRetry(host)) {
        onAttempt?.(told);
        if ("answer" in attempt) return { ...attempt.answer, body: whenEnded(attempt.answer.body, leave) };
        leave();
        throw attempt.error;
      }
      if ("answer" in attempt) await attempt.answer.body.cancel();
      leave();
      onAttempt?.({ ...told, waitMs: decision.inMs });
      await timer.wait(decision.inMs, request.signal);
    }
  };

  async function tryOnce(
    host: string,
    request: OutboundRequest,
  ): Promise<{ outcome: Outcome; answer: OutboundResponse } | { outcome: Outcome; error: OutboundError }> {
    const may = health.mayCall(host);
    if (!may.allowed) {
      const retryAt = new Date(clock.now().getTime() + may.inMs);
      throw new OutboundError("host-paused", "The host failed several times in a row and is left alone for a moment.", {
        sent: false,
        retryAt,
      });
    }
    try {
      const answer = await outbound.send(request);
      const retryAfterMs = readRetryAfter(answer.headers.get("retry-after"), clock.now());
      const outcome: Outcome = { kind: "answered", status: answer.status, ...(retryAfterMs && { retryAfterMs }) };
      health.report(host, isHostFailure(outcome) ? "failed" : "well");
      return { outcome, answer };
    } catch (error) {
      const failed =
        error instanceof OutboundError && ["connect-failed", "timed-out", "cut-off"].includes(error.reason);
      health.report(host, failed ? "failed" : "unclear");
      if (!(error instanceof OutboundError)) throw error;
      return { outcome: { kind: error.sent ? "unknown" : "not-sent" }, error };
    }
  }
}

/** The same body, telling once when it has ended, failed or was cancelled. */
function whenEnded(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  ended: () => void,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const reader = body.getReader();
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (!done) return controller.enqueue(value);
          controller.close();
        } catch (error) {
          controller.error(error);
        }
        ended();
      },
      async cancel(reason) {
        ended();
        await reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}
