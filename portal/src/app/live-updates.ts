import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import type { Home, LiveEvent, SyncRun, SyncView } from "../lib/contract.ts";
import { connectLive } from "../lib/live.ts";
import { keys } from "../lib/query.ts";

/** How often lists that an event outdated are fetched again at most. */
const settleMs = 1000;
/** The totals of a sync that runs are counted on the server: asked for less often than its run tells of itself. */
const totalsMs = 3000;

/** Keeps everything on the page in step with the server while the workspace is open. */
export function useLiveUpdates(workspace: string): void {
  const client = useQueryClient();
  useEffect(() => {
    const outdate = collect(client, settleMs);
    const totals = collect(client, totalsMs, { exact: true });
    const disconnect = connectLive(workspace, (event) => {
      apply(client, workspace, event, outdate.add);
      if (event.type === "sync_run") totals.add(keys.sync(workspace, event.sync_id));
    });
    return () => {
      disconnect();
      outdate.stop();
      totals.stop();
    };
  }, [client, workspace]);
}

export function apply(
  client: QueryClient,
  workspace: string,
  event: LiveEvent,
  outdate: (key: readonly unknown[]) => void,
): void {
  if (event.type === "resync") {
    outdate(keys.workspace(workspace));
    return;
  }
  if (event.type === "changed") {
    if (event.what === "files" && event.sync_id) outdate(keys.files(workspace, event.sync_id));
    else outdate(["w", workspace, event.what]);
    // A sync shows how the connections that it reads from and hands over to are.
    if (event.what === "connections") outdate(keys.syncs(workspace));
    if (event.what === "handoffs" && event.sync_id) outdate([...keys.files(workspace, event.sync_id), "one"]);
    outdate(keys.home(workspace));
    outdate(["w", workspace, "activity"]);
    return;
  }
  patchRun(client, workspace, event.sync_id, event.run);
  if (event.run.finished_at) {
    outdate(keys.syncs(workspace));
    // A run says how many files it has dealt with, not which: the page of one of them may have to say something else.
    outdate(keys.files(workspace, event.sync_id));
    outdate(keys.home(workspace));
    outdate(["w", workspace, "activity"]);
  }
}

/** Puts the figures of a run wherever it is shown, without asking for anything. */
function patchRun(client: QueryClient, workspace: string, syncId: string, run: SyncRun): void {
  client.setQueryData<SyncRun>(keys.run(workspace, run.id), (before) => (before ? run : before));
  const known = client.getQueryData<SyncView>(keys.sync(workspace, syncId));
  client.setQueryData<SyncView>(keys.sync(workspace, syncId), (sync) => sync && withRun(sync, run));
  const home = client.getQueryData<Home>(keys.home(workspace));
  client.setQueryData<Home>(
    keys.home(workspace),
    (before) =>
      before && {
        ...before,
        running: before.running.map((one) => (one.run.id === run.id ? { ...one, run } : one)),
      },
  );
  const began = !run.finished_at && home && !home.running.some((one) => one.run.id === run.id);
  if (began) void client.invalidateQueries({ queryKey: keys.home(workspace) });
  if (!run.finished_at && known && known.open_run?.id !== run.id) {
    void client.invalidateQueries({ queryKey: keys.syncs(workspace) });
  }
}

function withRun(sync: SyncView, run: SyncRun): SyncView {
  return run.finished_at ? { ...sync, open_run: null, last_run: run } : { ...sync, open_run: run };
}

/** Gathers what is outdated and fetches it again at once: a run of 10,000 files must not mean 10,000 fetches. */
function collect(client: QueryClient, pauseMs: number, { exact = false } = {}) {
  const waiting = new Map<string, readonly unknown[]>();
  let timer = 0;
  const flush = () => {
    timer = 0;
    for (const queryKey of waiting.values()) void client.invalidateQueries({ queryKey, exact });
    waiting.clear();
  };
  return {
    add: (key: readonly unknown[]) => {
      waiting.set(JSON.stringify(key), key);
      if (timer === 0) timer = window.setTimeout(flush, pauseMs);
    },
    stop: () => window.clearTimeout(timer),
  };
}
