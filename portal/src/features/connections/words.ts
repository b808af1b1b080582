import type { ConnectionView } from "../../lib/contract.ts";
import { formatAmount } from "../../lib/format.ts";
import type { Status } from "../../ui/status-badge.tsx";

type ConnectionStatus = ConnectionView["status"];

export const connectionStatuses: Record<ConnectionStatus, { status: Status; label: string }> = {
  active: { status: "active", label: "In order" },
  error: { status: "failed", label: "Does not work" },
  needs_authorization: { status: "needs_authorization", label: "Needs authorization" },
  inactive: { status: "inactive", label: "Not connected" },
};

export const isConnectionStatus = (text: string): text is ConnectionStatus => text in connectionStatuses;

/** "3 syncs wait; nothing is lost." */
export function waitingWords(connection: ConnectionView): string {
  const { syncs } = connection.used_by;
  if (syncs === 0) return "Nothing uses it yet.";
  return `${formatAmount(syncs, "sync")} ${syncs === 1 ? "waits" : "wait"}; nothing is lost.`;
}

/** Why a sign-in ends on a day that is known before. */
export function endReason(because: NonNullable<ConnectionView["life"]>["ends_because"], provider: string): string {
  switch (because) {
    case "access":
      return `${provider} gives nothing to renew it with`;
    case "refresh_life":
      return `${provider} ends each sign-in after a fixed time`;
    case "idle":
      return `${provider} ends a sign-in that is not used for so long`;
    case null:
      return "that is all the provider tells";
  }
}

const soonMs = 7 * 86_400_000;

/** The sign-in ends within a week and only a person can begin a new one. */
export function endsSoon({ life }: ConnectionView, now: number = Date.now()): boolean {
  return life?.ends_at != null && life.ends_because !== "idle" && Date.parse(life.ends_at) - now < soonMs;
}
