import type { HandoffView } from "../../lib/contract.ts";
import { formatAmount } from "../../lib/format.ts";
import type { Status } from "../../ui/status-badge.tsx";

export const handoffStates: Record<HandoffView["state"], { status: Status; label: string }> = {
  queued: { status: "queued", label: "Waiting" },
  sending: { status: "running", label: "Being sent" },
  delivered: { status: "done", label: "Delivered" },
  rejected: { status: "failed", label: "Rejected" },
  failed: { status: "failed", label: "Given up" },
  outdated: { status: "inactive", label: "Outdated" },
  cancelled: { status: "cancelled", label: "Cancelled" },
};

/** Whether it came to nothing, so that somebody may want it to be sent again. */
export const mayReplay = ({ state }: Pick<HandoffView, "state">): boolean =>
  state === "failed" || state === "rejected" || state === "cancelled";

/** What became of it, in a sentence. */
export function handoffWords({ state, attempts, answer }: HandoffView): string {
  const tried = attempts === 0 ? "" : ` after ${formatAmount(attempts, "attempt")}`;
  switch (state) {
    case "queued":
      return answer?.reason ?? "It is told of this version in a moment.";
    case "sending":
      return "It is being told of this version.";
    case "delivered":
      return answer?.duplicate ? "It had this version already: an earlier answer was lost." : "It has this version.";
    case "rejected":
      return answer?.reason ?? "It does not take this document.";
    case "failed":
      return `Given up${tried}. ${answer?.reason ?? ""}`.trim();
    case "outdated":
      return "The file had another version, or was gone, before it was told.";
    case "cancelled":
      return "The sync handed nothing over any more before it was told.";
  }
}
