import type { ConnectionView } from "../../lib/contract.ts";
import type { Status } from "../../ui/status-badge.tsx";

type ConnectionStatus = ConnectionView["status"];

export const connectionStatuses: Record<ConnectionStatus, { status: Status; label: string }> = {
  active: { status: "active", label: "In order" },
  error: { status: "failed", label: "Does not work" },
  needs_authorization: { status: "needs_authorization", label: "Needs authorization" },
  inactive: { status: "inactive", label: "Inactive" },
};

export const isConnectionStatus = (text: string): text is ConnectionStatus => text in connectionStatuses;
