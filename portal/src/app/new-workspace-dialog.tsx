import { Dialog } from "../ui/dialog.tsx";
import { WorkspaceForm } from "../ui/workspace-form.tsx";

export function NewWorkspaceDialog({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="New workspace"
      description="A workspace has members, connections and syncs of its own; nothing is shared between two."
    >
      <WorkspaceForm onDone={() => onOpenChange(false)} />
    </Dialog>
  );
}
