import { OutboundError, readFailure } from "./outbound-error.ts";

/** The time a request may take as a whole, together with the caller's own wish to stop. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** The time runs from here, unless it runs already. */
  start(): void;
  /** The time no longer counts; the caller's signal still does. */
  end(): void;
  /** What to throw: the reason of the signal where that was the cause. */
  explain(error: unknown): unknown;
}

export function createDeadline(wholeMs: number, caller: AbortSignal | undefined): Deadline {
  const timeout = new AbortController();
  const signal = caller ? AbortSignal.any([caller, timeout.signal]) : timeout.signal;
  let timer: NodeJS.Timeout | undefined;
  return {
    signal,
    start() {
      const late = () => timeout.abort(new OutboundError("timed-out", "The host took too long to answer."));
      timer ??= setTimeout(late, wholeMs).unref();
    },
    end: () => clearTimeout(timer),
    explain: (error) => (signal.aborted ? signal.reason : readFailure(error)),
  };
}
