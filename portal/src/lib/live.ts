import type { LiveEvent } from "@hawser/sdk";
import { useSyncExternalStore } from "react";
import { hawser } from "./api.ts";

/**
 * One stream of events per browser and workspace. HTTP/1.1 allows six connections to a host, so the tabs elect a leader
 * (Web Locks) that holds the stream and passes every event on (BroadcastChannel). When the leader's tab closes, the
 * next one takes over and everybody fetches again, because the gap may have swallowed something.
 */

export type LiveState = { connected: true } | { connected: false; since: Date };

type Message = { kind: "event"; event: LiveEvent } | { kind: "state"; lostAt: number | null } | { kind: "hello" };

/** Listens to a workspace until the returned function is called. */
export function connectLive(workspace: string, onEvent: (event: LiveEvent) => void): () => void {
  const name = `hawser-live-${workspace}`;
  const channel = "BroadcastChannel" in window ? new BroadcastChannel(name) : undefined;
  const stop = new AbortController();
  let leading = false;
  let lostAt: number | null = null;

  const tell = (message: Message) => {
    if (!stop.signal.aborted) channel?.postMessage(message);
  };
  const note = (at: number | null) => {
    lostAt = at === null ? null : (lostAt ?? at);
    if (leading) tell({ kind: "state", lostAt });
    setState(lostAt === null ? { connected: true } : { connected: false, since: new Date(lostAt) });
  };

  const lead = async (takenOver: boolean) => {
    leading = true;
    const deliver = (event: LiveEvent) => {
      tell({ kind: "event", event });
      onEvent(event);
    };
    const onState = (state: "connected" | "lost") => note(state === "connected" ? null : Date.now());
    try {
      if (takenOver) deliver({ type: "resync" });
      for await (const event of hawser.live({ workspace }, { signal: stop.signal, onState })) deliver(event);
    } catch {
      // Refused: signed out or no longer a member. The next ordinary request says so where it can be acted on.
      note(Date.now());
    }
  };

  channel?.addEventListener("message", ({ data }: MessageEvent<Message>) => {
    if (data.kind === "event") onEvent(data.event);
    else if (data.kind === "state") note(data.lostAt);
    else if (leading) tell({ kind: "state", lostAt });
  });

  // Web Locks exist only on https and localhost; elsewhere every tab has a stream of its own.
  if (channel && "locks" in navigator) {
    const askedAt = performance.now();
    navigator.locks
      // A lock that had to be waited for was another tab's: what happened between the two is not known.
      .request(name, { signal: stop.signal }, () => lead(performance.now() - askedAt > 1000))
      .catch(() => {
        // Only the signal ends the wait for a lock.
      });
  } else {
    void lead(false);
  }
  tell({ kind: "hello" });

  return () => {
    stop.abort();
    channel?.close();
    setState({ connected: true });
  };
}

let state: LiveState = { connected: true };
const listeners = new Set<() => void>();

function setState(next: LiveState): void {
  if (state.connected === next.connected) return;
  state = next;
  for (const changed of listeners) changed();
}

function subscribe(changed: () => void): () => void {
  listeners.add(changed);
  return () => listeners.delete(changed);
}

/** Whether figures are live, and since when they are not. */
export const useLiveState = (): LiveState => useSyncExternalStore(subscribe, () => state);
