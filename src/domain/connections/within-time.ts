import { ProviderError } from "#core/errors.ts";

/**
 * Work that nobody waits for longer than `ms`, or than the caller does: some systems cannot be interrupted, such as a
 * network share that hangs. Out of time is `unavailable`; the caller's own going away passes as it is.
 */
export async function withinTime<T>(
  limits: { name: string; ms: number; signal: AbortSignal },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const timeout = AbortSignal.timeout(limits.ms);
  const signal = AbortSignal.any([limits.signal, timeout]);
  try {
    return await untilAborted(work(signal), signal);
  } catch (cause) {
    limits.signal.throwIfAborted();
    if (!timeout.aborted) throw cause;
    throw new ProviderError("unavailable", `${limits.name} did not answer within ${limits.ms / 1000} seconds`, {
      cause,
    });
  }
}

/** What comes of the work, unless nobody waits for it any more by then; the work itself goes on. */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const leave = () => reject(signal.reason);
    if (signal.aborted) leave();
    signal.addEventListener("abort", leave, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", leave));
  });
}
