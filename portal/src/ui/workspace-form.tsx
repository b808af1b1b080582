import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { fieldErrorOf, hawser } from "../lib/api.ts";
import { keys } from "../lib/query.ts";
import { Button } from "./button.tsx";
import { Field } from "./field.tsx";
import { TextInput } from "./input.tsx";
import { explainError } from "./states.tsx";

/** Makes a workspace and goes there. */
export function WorkspaceForm({ onDone }: { onDone?: () => void }) {
  const [name, setName] = useState("");
  const client = useQueryClient();
  const navigate = useNavigate();
  const create = useMutation({
    mutationFn: () => hawser.workspaces.create({ name: name.trim() }),
    onSuccess: async (workspace) => {
      await client.refetchQueries({ queryKey: keys.me });
      onDone?.();
      await navigate({ to: "/w/$workspace", params: { workspace: workspace.slug } });
    },
  });
  const wrong = fieldErrorOf(create.error, "/name") ?? (create.error ? explainError(create.error).cause : undefined);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() && !create.isPending) create.mutate();
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
