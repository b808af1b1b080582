import type { Attempt, SendPatiently } from "#outbound/send-patiently.ts";

/** The source has said “not so fast”. */
export interface Slowed {
  at: Date;
  /** It asked to be left alone until then, or that is when we ask again. */
  until: Date | undefined;
}

const APART_MS = 1_000;

/**
 * Tells of every answer that means “not so fast”, also where it is got over without anybody's doing, once a second at
 * most. A note that fails is no reason to stop: whatever is wrong shows elsewhere.
 */
export function watchPace(send: SendPatiently, note: (slowed: Slowed) => Promise<unknown>): SendPatiently {
  let notedAt = Number.NEGATIVE_INFINITY;
  return (request, patience) =>
    send(request, {
      ...patience,
      onAttempt(attempt) {
        patience.onAttempt?.(attempt);
        const slowed = slowedBy(attempt);
        if (!slowed || attempt.at.getTime() - notedAt < APART_MS) return;
        notedAt = attempt.at.getTime();
        note(slowed).catch(() => {});
      },
    });
}

function slowedBy({ status, at, tookMs, waitMs }: Attempt): Slowed | undefined {
  if (status !== 429 && status !== 503) return undefined;
  return { at, until: waitMs === undefined ? undefined : new Date(at.getTime() + tookMs + waitMs) };
}
