import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { fieldErrorOf, hawser } from "../lib/api.ts";
import { keys } from "../lib/query.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Field } from "../ui/field.tsx";
import { TextInput } from "../ui/input.tsx";
import { explainError } from "../ui/states.tsx";

/** Makes a workspace and goes there. */
export function useCreateWorkspace(onDone: () => void = () => {}) {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: (name: string) => hawser.workspaces.create({ name }),
    onSuccess: async (workspace) => {
      await client.refetchQueries({ queryKey: keys.me });
      onDone();
      await navigate({ to: "/w/$workspace", params: { workspace: workspace.slug } });
    },
  });
}

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

export function WorkspaceForm({ onDone }: { onDone?: () => void }) {
  const [name, setName] = useState("");
  const create = useCreateWorkspace(onDone);
  const wrong = fieldErrorOf(create.error, "/name") ?? (create.error ? explainError(create.error).cause : undefined);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim()) create.mutate(name.trim());
  };
  return (
    <form onSubmit={submit} className="grid gap-4 pb-2">
      <Field label="Name" error={wrong} hint="A team, a customer, a ship: whoever must see only their own.">
        <TextInput value={name} onChange={setName} maxLength={255} autoComplete="off" autoFocus />
      </Field>
      <Button type="submit" kind="primary" busy={create.isPending} disabled={!name.trim()} className="justify-self-end">
        Create workspace
      </Button>
    </form>
  );
}
