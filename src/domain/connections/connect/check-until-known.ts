import { systemTimer, type Timer } from "#outbound/timer.ts";
import type { AuthorizationCode } from "#provider-kit/auth.ts";
import type { CheckResult } from "../check-connection.ts";

const PAUSE_MS = 2_000;

/**
 * Checks with a token that has just been issued. Where the provider takes its time to tell all of its servers, what does
 * not work yet is asked again, for as long as that may take.
 */
export async function checkUntilKnown(
  check: () => Promise<CheckResult>,
  { spreadsInS = 0 }: Pick<AuthorizationCode, "spreadsInS">,
  timer: Timer = systemTimer,
): Promise<CheckResult> {
  const until = timer.now() + spreadsInS * 1000;
  for (;;) {
    const result = await check();
    const mayPass = !result.ok && result.failure.kind === "unavailable";
    if (!mayPass || timer.now() + PAUSE_MS > until) return result;
    await timer.wait(PAUSE_MS);
  }
}
