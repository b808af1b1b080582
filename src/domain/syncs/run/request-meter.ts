import type { Quota } from "#outbound/quota.ts";
import type { SendPatiently } from "#outbound/send-patiently.ts";

/** What a run has asked of its source. It goes into the row of the run with figures that are written anyway. */
export interface RequestMeter {
  requests: number;
  /** What was left after the last answer. */
  quota: Quota | undefined;
}

export const newMeter = (requests: number): RequestMeter => ({ requests, quota: undefined });

/** Counts everything that is sent, again or for the first time. */
export function metered(send: SendPatiently, meter: RequestMeter): SendPatiently {
  return (request, patience) =>
    send(request, {
      ...patience,
      onAttempt(attempt) {
        patience.onAttempt?.(attempt);
        meter.requests += 1;
        if (attempt.status !== undefined) meter.quota = attempt.quota;
      },
    });
}

/** What was left, unless it has been renewed since. */
export function quotaNow({ quota }: RequestMeter, now: Date): Quota | undefined {
  return quota?.resetsAt && quota.resetsAt <= now ? undefined : quota;
}
