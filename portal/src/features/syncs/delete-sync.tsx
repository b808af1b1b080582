import { useNavigate } from "@tanstack/react-router";
import type { SyncView } from "../../lib/contract.ts";
import { formatAmount } from "../../lib/format.ts";
import { useWorkspace } from "../../lib/session.ts";
import { ConfirmDialog } from "../../ui/dialog.tsx";
import { toast } from "../../ui/toast.tsx";
import { useSyncActions } from "./api.ts";

export interface DeleteSyncDialogProps {
  sync: SyncView;
  open: boolean;
  onOpenChange: (open: boolean) => void;
  /** Before the page is left: nothing on it is worth saving any more. */
  onDeleted?: () => void;
}

export function DeleteSyncDialog({ sync, open, onOpenChange, onDeleted }: DeleteSyncDialogProps) {
  const workspace = useWorkspace();
  const navigate = useNavigate();
  const actions = useSyncActions(workspace.id);
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={onOpenChange}
      title={`Delete “${sync.name}”?`}
      verb="Delete sync"
      onConfirm={async () => {
        await actions.remove(sync.id);
        onDeleted?.();
        await navigate({ to: "/w/$workspace/syncs", params: { workspace: workspace.slug } });
        toast(`${sync.name} is deleted.`);
      }}
    >
      Its runs and its index of {formatAmount(sync.totals.files, "file")} go.{" "}
      {sync.destination.kind === "none"
        ? "Nothing changes at the source."
        : `${formatAmount(sync.totals.stored, "stored file")} ${sync.totals.stored === 1 ? "stays" : "stay"} at the destination; nothing changes at the source.`}
    </ConfirmDialog>
  );
}
