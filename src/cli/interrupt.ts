import { Stopped } from "./outcome.ts";

let signal: AbortSignal | undefined;

/**
 * Aborted, with a Stopped as its reason, at the first SIGINT or SIGTERM; whoever works then ends in order. A second one
 * ends the process at once.
 */
export function untilInterrupted(): AbortSignal {
  if (signal) return signal;
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort(new Stopped("Stopped."));
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  signal = controller.signal;
  return signal;
}
