import { type FormEvent, useState } from "react";
import { fieldErrorOf } from "../../lib/api.ts";
import type { Role } from "../../lib/contract.ts";
import { roleList } from "../../lib/roles.ts";
import { hasRole, useWorkspace } from "../../lib/session.ts";
import { Button } from "../../ui/button.tsx";
import { CopyField } from "../../ui/copy-field.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Field } from "../../ui/field.tsx";
import { Time } from "../../ui/figures.tsx";
import { FormFailure } from "../../ui/form-failure.tsx";
import { Select, TextInput } from "../../ui/input.tsx";
import { useInvite } from "./api.ts";
import { strings } from "./strings.ts";

/** Makes an invitation; its link is shown once, here. */
export function InviteDialog({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title="Invite somebody" description={strings.members.inviteText}>
      {open && <InviteForm onDone={() => onOpenChange(false)} />}
    </Dialog>
  );
}

function InviteForm({ onDone }: { onDone: () => void }) {
  const workspace = useWorkspace();
  const invite = useInvite(workspace.id);
  const [role, setRole] = useState<Role>("member");
  const [email, setEmail] = useState("");
  const refused = fieldErrorOf(invite.error, "/email");

  if (invite.data) {
    return (
      <div className="grid gap-4 pb-2">
        <CopyField label="Invitation link" value={invite.data.url} copied={strings.members.linkOnce} />
        <p className="text-muted">
          It ends <Time at={invite.data.expires_at} />. Until it is used it stands in the list of invitations, where it
          can be taken back.
        </p>
        <Button kind="primary" className="justify-self-end" onClick={onDone}>
          Done
        </Button>
      </div>
    );
  }
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!invite.isPending) invite.mutate({ role, ...(email.trim() ? { email: email.trim() } : {}) });
  };
  return (
    <form onSubmit={submit} className="grid gap-4 pb-2" noValidate>
      {!refused && <FormFailure error={invite.error} />}
      <Field label="Role" hint={`May: ${roleList.find((one) => one.value === role)?.may}.`}>
        <Select
          value={role}
          onChange={setRole}
          options={roleList.filter((one) => hasRole(workspace.role, one.value))}
        />
      </Field>
      <Field label="E-mail" optional error={refused} hint="With it, only this address can accept.">
        <TextInput type="email" value={email} onChange={setEmail} autoComplete="off" maxLength={255} />
      </Field>
      <Button type="submit" kind="primary" busy={invite.isPending} className="justify-self-end">
        Make the link
      </Button>
    </form>
  );
}
