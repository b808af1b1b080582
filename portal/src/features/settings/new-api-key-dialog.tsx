import { useState } from "react";
import type { Role } from "../../lib/contract.ts";
import { roleList } from "../../lib/roles.ts";
import { hasRole, useWorkspace } from "../../lib/session.ts";
import { needed, useForm } from "../../lib/use-form.ts";
import { Button } from "../../ui/button.tsx";
import { CopyField } from "../../ui/copy-field.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Field } from "../../ui/field.tsx";
import { FormFailure } from "../../ui/form-failure.tsx";
import { Select, TextInput } from "../../ui/input.tsx";
import { useCreateApiKey } from "./api.ts";
import { strings } from "./strings.ts";

const lifetimes = [
  { value: "90", label: "90 days" },
  { value: "365", label: "One year" },
  { value: "", label: "Never" },
] as const;
type Lifetime = (typeof lifetimes)[number]["value"];

const dayMs = 86_400_000;

/** Makes a key; it is shown once, here. */
export function NewApiKeyDialog({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title="New API key">
      {open && <NewApiKeyForm onDone={() => onOpenChange(false)} />}
    </Dialog>
  );
}

function NewApiKeyForm({ onDone }: { onDone: () => void }) {
  const workspace = useWorkspace();
  const create = useCreateApiKey(workspace.id);
  const [role, setRole] = useState<Role>("member");
  const [lifetime, setLifetime] = useState<Lifetime>("90");
  const form = useForm({
    initial: { name: "" },
    checks: { name: needed("Give it a name that says which program uses it.") },
    onSubmit: ({ name }) =>
      create.mutateAsync({
        name: name.trim(),
        role,
        ...(lifetime ? { expires_at: new Date(Date.now() + Number(lifetime) * dayMs).toISOString() } : {}),
      }),
  });
  if (create.data) {
    return (
      <div className="grid gap-4 pb-2">
        <p>{strings.apiKeys.once}</p>
        <CopyField label="API key" value={create.data.key} copied={strings.apiKeys.copied} />
        <Button kind="primary" className="justify-self-end" onClick={onDone}>
          Done
        </Button>
      </div>
    );
  }
  return (
    <form {...form.form} className="grid gap-4 pb-2">
      <FormFailure error={form.failure} />
      <Field label="Name" error={form.error("name")}>
        <TextInput {...form.input("name")} placeholder="ERP import" maxLength={255} autoComplete="off" autoFocus />
      </Field>
      <Field label="Role" hint={`May: ${roleList.find((one) => one.value === role)?.may}.`}>
        <Select
          value={role}
          onChange={setRole}
          options={roleList.filter((one) => hasRole(workspace.role, one.value))}
        />
      </Field>
      <Field label="Ends" hint="A key that ends by itself cannot be forgotten.">
        <Select value={lifetime} onChange={setLifetime} options={lifetimes} />
      </Field>
      <Button type="submit" kind="primary" busy={form.busy} className="justify-self-end">
        Make the key
      </Button>
    </form>
  );
}
