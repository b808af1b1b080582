import { useState } from "react";
import { ApiError } from "../../lib/api.ts";
import type { SecretView } from "../../lib/contract.ts";
import { useWorkspace } from "../../lib/session.ts";
import { useForm } from "../../lib/use-form.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Field } from "../../ui/field.tsx";
import { Time } from "../../ui/figures.tsx";
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
      title={secret ? `Change “${secret.name}”` : "New secret"}
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
  const [origins, setOrigins] = useState<readonly string[]>(secret?.origins ?? []);
  const [asked, setAsked] = useState(false);
  const isMoved = secret !== undefined && origins.join() !== secret.origins.join();
  const form = useForm({
    initial: { name: secret?.name ?? "", description: secret?.description ?? "", value: "" },
    checks: {
      name: (name) =>
        nameForm.test(name) ? undefined : "Use letters, digits, - and _, beginning with a letter: stripe_key.",
      value(value) {
        if (value.length >= 4 || (value === "" && secret && !isMoved)) return undefined;
        if (value !== "") return "A secret has at least 4 characters.";
        return secret ? "Enter the value again: other addresses may not get the old one." : "Enter the value.";
      },
    },
    async onSubmit({ name, description, value }) {
      if (wrongOrigin(origins)) return;
      const entered = { description, value, origins: [...origins] };
      if (!secret) await create.mutateAsync({ name, ...entered });
      else await set.mutateAsync({ id: secret.id, ...(value === "" ? { description } : entered) });
      toast(
        !secret
          ? `“${name}” is kept. Write {{workspace.${name}}} where it belongs.`
          : value === ""
            ? `“${name}” is changed.`
            : `“${name}” has its new value.`,
      );
      onDone();
    },
  });
  const refusedOrigin =
    form.failure instanceof ApiError
      ? form.failure.errors.find(({ pointer }) => pointer.startsWith("/origins"))?.detail
      : undefined;
  const originError = (asked || origins.length > 0 ? wrongOrigin(origins) : undefined) ?? refusedOrigin;
  return (
    <form {...form.form} className="grid gap-4 pb-2">
      {!refusedOrigin && <FormFailure error={form.failure} />}
      <Field
        label="Name"
        error={form.error("name")}
        hint={
          secret ? undefined : (
            <>
              Headers and bodies write{" "}
              <code className="wrap-anywhere">{`{{workspace.${form.values.name || "stripe_key"}}}`}</code>
            </>
          )
        }
      >
        <TextInput {...form.input("name")} mono readOnly={secret !== undefined} maxLength={63} autoComplete="off" />
      </Field>
      <Field
        label={secret ? "New value" : "Value"}
        optional={secret !== undefined && !isMoved}
        error={form.error("value")}
        hint={
          secret && (
            <>
              Set <Time at={secret.set_at} />
              {secret.set_by && ` by ${secret.set_by}`}. Left empty, it stays.
            </>
          )
        }
      >
        <PasswordInput {...form.input("value")} autoComplete="new-password" maxLength={65_536} />
      </Field>
      <Field
        label="May be sent to"
        error={originError}
        hint="Scheme and host, without a path. Enter or a comma adds one. It is never sent anywhere else."
      >
        <WordsInput
          values={origins}
          onChange={setOrigins}
          mono
          clean={toOrigin}
          placeholder="https://api.example.com"
        />
      </Field>
      <Field label="Description" optional error={form.error("description")}>
        <TextInput {...form.input("description")} maxLength={500} placeholder="Key of the billing account" />
      </Field>
      <Button type="submit" kind="primary" busy={form.busy} className="justify-self-end" onClick={() => setAsked(true)}>
        {secret ? "Save" : "Keep the secret"}
      </Button>
    </form>
  );
}

/** An address that was copied loses its path; what is none stays as it was typed. */
function toOrigin(text: string): string {
  const address = text.includes("://") ? text : `https://${text}`;
  return isAddress(address) && !text.includes("*") ? new URL(address).origin : text;
}

const isAddress = (text: string): boolean => /^https?:/.test(text) && URL.canParse(text);

function wrongOrigin(origins: readonly string[]): string | undefined {
  if (origins.length === 0) return "Name at least one address.";
  const wrong = origins.find((origin) => !isAddress(origin));
  return wrong && `“${wrong}” is no address that something can be sent to. Write it like https://api.example.com.`;
}
