import cliProgress from "cli-progress";
import { count } from "./output.ts";

export interface Step {
  done: number;
  /** Unknown while something is still being counted. */
  total?: number | undefined;
  /** What stands behind the bar. */
  words: string;
}

export interface Bar {
  update(step: Step): void;
  stop(): void;
}

const noBar: Bar = { update: () => {}, stop: () => {} };

/** A bar on standard error while something long is at work; nothing at all where nobody watches. */
export function startBar(watched: boolean): Bar {
  if (!watched) return noBar;
  const bar = new cliProgress.SingleBar({
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: true,
    // Our own handler ends the work in order, and that takes the bar away.
    gracefulExit: false,
    emptyOnZero: true,
    format: (options, { progress }, { done, total, words }: Step) => {
      if (total === undefined) return `${count(done)} ${words}`;
      const wide = options.barsize ?? 40;
      const full = Math.round(Math.min(1, progress) * wide);
      return `${"━".repeat(full)}${"╌".repeat(wide - full)} ${count(done)} of ${count(total)} ${words}`;
    },
  });
  let begun = false;
  return {
    update(step) {
      const total = Math.max(step.total ?? 0, step.done, 1);
      if (!begun) bar.start(total, 0, step);
      begun = true;
      bar.setTotal(total);
      bar.update(step.total === undefined ? 0 : step.done, step);
    },
    stop() {
      if (begun) bar.stop();
    },
  };
}
