import type { SyncOverview } from "../read-syncs.ts";
import { type PushMeans, webhooksOf, whyUnreachable } from "./notice-address.ts";

/** How soon a sync hears of changes: at once, or when its schedule says so. */
export interface PushState {
  /** `failing` and `pending`: until it is live, the schedule is what starts runs. */
  state: "live" | "pending" | "schedule_only" | "failing";
  since?: Date | undefined;
  expiresAt?: Date | undefined;
  lastNoticeAt?: Date | undefined;
  /** For a person. */
  reason?: string | undefined;
}

export function describePush(
  means: PushMeans,
  sync: Pick<SyncOverview, "push" | "connection" | "schedule" | "enabled">,
): PushState {
  const { sandbox, live, making } = sync.push;
  const { connection } = sync;
  const only = (reason: string): PushState => ({ state: "schedule_only", reason });
  const known = (sandbox ? means.sandbox?.providers : means.providers)?.get(connection.provider);
  if (!webhooksOf(means, { provider: connection.provider, sandbox })) {
    return only(`${known?.name ?? "The provider"} sends no notices of changes.`);
  }
  const unreachable = whyUnreachable(means, sandbox);
  if (unreachable !== undefined) return only(unreachable);
  if (sync.schedule.kind === "manual") return only("It runs by hand only, and is not started by notices either.");
  if (!sync.enabled) return only("It is paused.");
  if (live) {
    const { failure, ...rest } = live;
    return { state: "live", ...rest, ...(failure && { reason: `It could not be renewed yet: ${failure.message}` }) };
  }
  if (making?.failure) return { state: "failing", since: making.failingSince, reason: making.failure.message };
  if (connection.status !== "active")
    return { state: "pending", reason: `"${connection.name}" does not work just now.` };
  return { state: "pending", since: making?.since };
}
