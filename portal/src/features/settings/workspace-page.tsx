import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { hawser } from "../../lib/api.ts";
import { formatAmount } from "../../lib/format.ts";
import { keys, queryClient } from "../../lib/query.ts";
import { useForbidden, useMe, useWorkspace } from "../../lib/session.ts";
import { needed, useForm } from "../../lib/use-form.ts";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { ConfirmDialog } from "../../ui/dialog.tsx";
import { Field } from "../../ui/field.tsx";
import { FormFailure } from "../../ui/form-failure.tsx";
import { TextInput } from "../../ui/input.tsx";
import { LeaveGuard } from "../../ui/leave-guard.tsx";
import { toast } from "../../ui/toast.tsx";
import { useDeleteWorkspace, useRenameWorkspace } from "./api.ts";
import { SettingsFrame } from "./settings-frame.tsx";
import { strings } from "./strings.ts";

export function WorkspacePage() {
  const workspace = useWorkspace();
  return (
    <SettingsFrame title={strings.workspace.title} facts={`You are its ${workspace.role}.`}>
      <div className="grid max-w-160 grid-cols-1 gap-4">
        <Rename key={workspace.id} />
        <Delete />
      </div>
    </SettingsFrame>
  );
}

function Rename() {
  const workspace = useWorkspace();
  const rename = useRenameWorkspace(workspace.id);
  const forbidden = useForbidden("admin");
  const form = useForm({
    initial: { name: workspace.name },
    checks: { name: needed("Give it a name.") },
    onSubmit: async ({ name }) => {
      await rename.mutateAsync(name.trim());
      toast("Saved. Addresses stay as they are.");
    },
  });
  return (
    <Card title="Name">
      <form {...form.form} className="grid gap-4 p-4">
        <LeaveGuard when={form.dirty} />
        <FormFailure error={form.failure} />
        <Field label="Name of the workspace" error={form.error("name")}>
          <TextInput {...form.input("name")} maxLength={255} readOnly={Boolean(forbidden)} autoComplete="off" />
        </Field>
        <Button
          type="submit"
          kind="primary"
          className="justify-self-start"
          busy={form.busy}
          disabled={forbidden ?? (form.values.name.trim() === workspace.name ? "Nothing was changed." : undefined)}
        >
          Save
        </Button>
      </form>
    </Card>
  );
}

function Delete() {
  const me = useMe();
  const workspace = useWorkspace();
  const navigate = useNavigate();
  const forbidden = useForbidden("owner");
  const remove = useDeleteWorkspace(workspace.id);
  const [open, setOpen] = useState(false);
  const home = useQuery({
    queryKey: keys.home(workspace.id),
    queryFn: ({ signal }) => hawser.workspaces.home({ workspace: workspace.id }, { signal }),
  });
  const confirm = async () => {
    await remove.mutateAsync(workspace.name);
    const next = me.workspaces.find((one) => one.id !== workspace.id);
    if (next) await navigate({ to: "/w/$workspace", params: { workspace: next.slug } });
    // Pages of the deleted workspace ask for it until they are left; then it can be forgotten.
    queryClient.removeQueries({ queryKey: keys.workspace(workspace.id) });
    await queryClient.refetchQueries({ queryKey: keys.me });
    if (!next) await navigate({ to: "/" });
    toast(`“${workspace.name}” was deleted.`);
  };
  return (
    <Card title="Delete">
      <div className="flex flex-wrap items-center gap-3 p-4">
        <p className="min-w-60 flex-1 text-muted">
          Connections, syncs and their history go. Files that were stored at a destination stay where they are.
        </p>
        <Button kind="danger" disabled={forbidden} onClick={() => setOpen(true)}>
          Delete workspace
        </Button>
      </div>
      <ConfirmDialog
        open={open}
        onOpenChange={setOpen}
        title={`Delete “${workspace.name}”?`}
        verb="Delete workspace"
        typeToConfirm={workspace.name}
        onConfirm={confirm}
      >
        {home.data
          ? `${formatAmount(home.data.connections.total, "connection")} and all syncs go, for every member. ${formatAmount(home.data.files.total, "file")} stay at their destinations. `
          : "All connections and syncs go, for every member. Stored files stay at their destinations. "}
        This cannot be undone.
      </ConfirmDialog>
    </Card>
  );
}
