import { setImmediate } from "node:timers/promises";

const LONGEST_MS = 20;

/**
 * Lets others have their turn in long work over many paths: what one person's globs and rules cost must not make
 * everybody wait (SR-72). The answer is called between two pieces of the work.
 */
export function breather(): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < LONGEST_MS) return;
    await setImmediate();
    since = performance.now();
  };
}
