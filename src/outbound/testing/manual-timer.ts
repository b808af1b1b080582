import type { Timer } from "../timer.ts";

export interface ManualTimer extends Timer {
  /** Lets time pass, waking everybody whose time comes, in order. */
  pass(ms: number): Promise<void>;
}

export function manualTimer(): ManualTimer {
  let now = 0;
  let sleepers: { at: number; wake(): void }[] = [];
  // Lets promises that hang on one another run to the point where only time can move them.
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  return {
    now: () => now,
    wait(ms, signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const sleeper = { at: now + ms, wake: resolve };
        sleepers.push(sleeper);
        signal?.addEventListener("abort", () => {
          sleepers = sleepers.filter((other) => other !== sleeper);
          reject(signal.reason);
        });
      });
    },
    async pass(ms) {
      const end = now + ms;
      await settle();
      while (true) {
        const next = sleepers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
        if (!next) break;
        sleepers = sleepers.filter((other) => other !== next);
        now = Math.max(now, next.at);
        next.wake();
        await settle();
      }
      now = end;
    },
  };
}
