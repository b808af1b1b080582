import { RotateCw } from "lucide-react";
import { useState } from "react";
import type { HandoffView } from "../../lib/contract.ts";
import { useForbidden, useWorkspace } from "../../lib/session.ts";
import { Button, IconButton } from "../../ui/button.tsx";
import { toast, toastError } from "../../ui/toast.tsx";
import { useHandoffActions } from "./handoff-api.ts";

export interface ReplayButtonProps {
  handoff: HandoffView;
  /** In a row of a table. */
  small?: boolean | undefined;
}

/** Sends one again, under the id that the receiver may know. */
export function ReplayButton({ handoff, small = false }: ReplayButtonProps) {
  const workspace = useWorkspace();
  const forbidden = useForbidden("member");
  const { replay } = useHandoffActions(workspace.id, handoff.sync_id);
  const [busy, setBusy] = useState(false);
  const again = async () => {
    setBusy(true);
    try {
      await replay([handoff.id]);
      toast(`${handoff.file.name} will be handed over again.`);
    } catch (error) {
      toastError("It could not be sent again", error);
    } finally {
      setBusy(false);
    }
  };
  const common = { disabled: forbidden ?? busy, onClick: () => void again() };
  if (small) {
    return <IconButton {...common} icon={RotateCw} label={`Send ${handoff.file.name} again`} className="-mr-2" />;
  }
  return (
    <Button {...common} busy={busy}>
      Send again
    </Button>
  );
}
