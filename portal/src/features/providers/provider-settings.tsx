import { useNavigate } from "@tanstack/react-router";
import { Trash2 } from "lucide-react";
import { useState } from "react";
import type { CustomProviderView } from "../../lib/contract.ts";
import { formatAmount } from "../../lib/format.ts";
import { useForbidden, useWorkspace } from "../../lib/session.ts";
import { Button } from "../../ui/button.tsx";
import { ConfirmDialog } from "../../ui/dialog.tsx";
import { Time } from "../../ui/figures.tsx";
import { toast, toastError } from "../../ui/toast.tsx";
import { useProviderChanges } from "./api.ts";

/** Whether it is in use at all, and its end. */
export function ProviderSettings({ provider }: { provider: CustomProviderView }) {
  const workspace = useWorkspace();
  const navigate = useNavigate();
  const forbidden = useForbidden("admin");
  const changes = useProviderChanges(workspace.id);
  const [deleting, setDeleting] = useState(false);
  const { connections } = provider.used_by;
  const toggle = async () => {
    try {
      const { active } = await changes.update(provider.id, { active: !provider.active });
      toast(active ? "It is in the catalog again." : "It is switched off.");
    } catch (error) {
      toastError("It could not be changed", error);
    }
  };
  const used =
    connections > 0 ? `It is used by ${formatAmount(connections, "connection")}: delete those first.` : undefined;
  return (
    <div className="grid gap-6">
      <section className="grid justify-items-start gap-2">
        <h2 className="font-semibold">{provider.active ? "In the catalog" : "Switched off"}</h2>
        <p className="text-muted">
          Made <Time at={provider.created_at} />
          {provider.created_by && ` by ${provider.created_by}`}, changed <Time at={provider.updated_at} />
          {provider.updated_by && ` by ${provider.updated_by}`}. One that is switched off is not in the catalog, and its
          connections make no calls.
        </p>
        <Button disabled={forbidden} onClick={() => void toggle()}>
          {provider.active ? "Switch off" : "Switch on"}
        </Button>
      </section>
      <section className="grid justify-items-start gap-2">
        <h2 className="font-semibold">Delete</h2>
        <p className="text-muted">{used ?? "It leaves the catalog with all of its actions. No connection uses it."}</p>
        <Button kind="danger" icon={Trash2} disabled={forbidden ?? used} onClick={() => setDeleting(true)}>
          Delete provider
        </Button>
      </section>
      <ConfirmDialog
        open={deleting}
        onOpenChange={setDeleting}
        title={`Delete “${provider.display_name}”?`}
        verb="Delete provider"
        onConfirm={async () => {
          await changes.remove(provider.id);
          toast(`${provider.display_name} is deleted.`);
          await navigate({ to: "/w/$workspace/catalog", params: { workspace: workspace.slug } });
        }}
      >
        It leaves the catalog with all of its actions. No connection uses it.
      </ConfirmDialog>
    </div>
  );
}
