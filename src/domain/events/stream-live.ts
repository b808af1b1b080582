import type { WorkspaceId } from "#core/ids.ts";
import type { Live, LiveEvent } from "./live.ts";

/** A reader that is further behind than this is told to fetch everything again instead. */
const MOST_WAITING = 1000;

/** What happens in a workspace, one by one, until `signal` is aborted. */
export async function* streamLive<Run>(
  live: Live<Run>,
  workspace: WorkspaceId,
  signal: AbortSignal,
): AsyncGenerator<LiveEvent<Run>> {
  let waiting: LiveEvent<Run>[] = [];
  let wake = () => {};
  const stop = await live.subscribe(workspace, (event) => {
    if (waiting.length >= MOST_WAITING) waiting = [{ type: "resync" }];
    else waiting.push(event);
    wake();
  });
  const leave = () => wake();
  signal.addEventListener("abort", leave);
  try {
    while (!signal.aborted) {
      const next = waiting.shift();
      if (next) yield next;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    signal.removeEventListener("abort", leave);
    stop();
  }
}
