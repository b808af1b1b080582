import type { AuditEntry } from "../../lib/contract.ts";
import { StatusBadge } from "../../ui/status-badge.tsx";

export function Result({ result }: { result: AuditEntry["result"] }) {
  if (result === "done") return <StatusBadge status="done" tone="idle" />;
  if (result === "refused") return <StatusBadge status="held" label="Refused" />;
  return <StatusBadge status="failed" />;
}
