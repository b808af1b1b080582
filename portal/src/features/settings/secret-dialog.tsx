import { useState } from "react";
import { ApiError } from "../../lib/api.ts";
import type { SecretView } from "../../lib/contract.ts";
import { useWorkspace } from "../../lib/session.ts";
import { needed, useForm } from "../../lib/use-form.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Field } from "../../ui/field.tsx";
import { FormFailure } from "../../ui/form-failure.tsx";
import { PasswordInput, TextInput } from "../../ui/input.tsx";
import { toast } from "../../ui/toast.tsx";
import { WordsInput } from "../../ui/words-input.tsx";
import { useCreateSecret, useSetSecret } from "./api.ts";

interface SecretDialogProps {
  /** The one whose value is replaced; a new one when absent. */
  secret: SecretView | undefined;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

/** Enters a value that nobody reads again, and where it may be sent. */
export function SecretDialog({ secret, open, onOpenChange }: SecretDialogProps) {
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={secret ? `Replace the value of “${secret.name}”` : "New secret"}
      description="The value is encrypted and never shown again."
    >
      {open && <SecretForm secret={secret} onDone={() => onOpenChange(false)} />}
    </Dialog>
  );
}

const nameForm = /^[A-Za-z_][A-Za-z0-9_-]{0,62}$/;

function SecretForm({ secret, onDone }: { secret: SecretView | undefined; onDone: () => void }) {
  const workspace = useWorkspace();
  const create = useCreateSecret(workspace.id);
  const set = useSetSecret(workspace.id);
  const [origins, setOrigins] = useState<string[]>([...(secret?.origins ?? [])]);
  const [noOrigin, setNoOrigin] = useState(false);
  const form = useForm({
    initial: { name: secret?.name ?? "", description: secret?.description ?? "", value: "" },
    checks: {
      name: (name) =>
        nameForm.test(name) ? undefined : "Use letters, digits, - and _, beginning with a letter: stripe_key.",
      value: needed("Enter the value."),
    },
    async onSubmit({ name, description, value }) {
      if (origins.length === 0) {
        setNoOrigin(true);
        return;
      }
      if (secret) await set.mutateAsync({ id: secret.id, description, value, origins });
      else await create.mutateAsync({ name, description, value, origins });
      toast(
        secret ? `“${name}” has its new value.` : `“${name}” is kept. Write {{workspace.${name}}} where it belongs.`,
      );
      onDone();
    },
  });
  const refusedOrigin =
    form.failure instanceof ApiError
      ? form.failure.errors.find(({ pointer }) => pointer.startsWith("/origins"))?.detail
      : undefined;
  const originError = refusedOrigin ?? (noOrigin && origins.length === 0 ? "Name at least one address." : undefined);
  return (
    <form {...form.form} className="grid gap-4 pb-2">
      {!refusedOrigin && <FormFailure error={form.failure} />}
      <Field label="Name" error={form.error("name")} hint={secret ? undefined : "How headers and bodies refer to it."}>
        <TextInput {...form.input("name")} mono readOnly={secret !== undefined} maxLength={63} autoComplete="off" />
      </Field>
      <Field label="Value" error={form.error("value")}>
        <PasswordInput {...form.input("value")} autoComplete="new-password" maxLength={65_536} />
      </Field>
      <Field
        label="May be sent to"
        error={originError}
        hint="Whole addresses without a path: https://api.example.com. It is never sent anywhere else."
      >
        <WordsInput values={origins} onChange={setOrigins} mono placeholder="https://api.example.com" />
      </Field>
      <Field label="Description" optional error={form.error("description")}>
        <TextInput {...form.input("description")} maxLength={500} placeholder="Key of the billing account" />
      </Field>
      <Button
        type="submit"
        kind="primary"
        busy={form.busy}
        className="justify-self-end"
        onClick={() => setNoOrigin(origins.length === 0)}
      >
        {secret ? "Replace the value" : "Keep the secret"}
      </Button>
    </form>
  );
}
