import { hawser } from "../../lib/api.ts";
import { emailCheck, needed, newPasswordCheck, useForm } from "../../lib/use-form.ts";
import { Button } from "../../ui/button.tsx";
import { Field } from "../../ui/field.tsx";
import { FormFailure } from "../../ui/form-failure.tsx";
import { PasswordInput, TextInput } from "../../ui/input.tsx";
import { useEnter } from "./after-sign-in.ts";
import { strings } from "./strings.ts";

export interface SignUpFormProps {
  next?: string | undefined;
  /** The token of an invitation, and the address it was written for. */
  invitation?: string | undefined;
  email?: string | undefined;
}

/** Name, e-mail, password: three fields and the person is in, with a workspace to begin in. */
export function SignUpForm({ next, invitation, email = "" }: SignUpFormProps) {
  const enter = useEnter();
  const form = useForm({
    initial: { name: "", email, password: "" },
    checks: { name: needed("Give your name."), email: emailCheck, password: newPasswordCheck },
    onSubmit: async (values) => {
      const me = await hawser.identity.signUp({
        name: values.name.trim(),
        email: values.email.trim(),
        password: values.password,
        ...(invitation ? { invitation } : {}),
      });
      enter(me.workspaces.length > 0 ? me : await withWorkspace(me.name), next);
    },
  });
  return (
    <form {...form.form} className="grid gap-4">
      <FormFailure error={form.failure} />
      <Field label="Name" error={form.error("name")}>
        <TextInput {...form.input("name")} autoComplete="name" maxLength={255} autoFocus />
      </Field>
      <Field label="E-mail" error={form.error("email")}>
        <TextInput {...form.input("email")} type="email" autoComplete="username" maxLength={255} />
      </Field>
      <Field label="Password" hint={strings.signUp.passwordHint} error={form.error("password")}>
        <PasswordInput {...form.input("password")} autoComplete="new-password" maxLength={1024} />
      </Field>
      <Button type="submit" kind="primary" wide busy={form.busy}>
        {strings.signUp.submit}
      </Button>
    </form>
  );
}

/** A person without an invitation begins in a workspace of their own; its name can be changed in its settings. */
async function withWorkspace(person: string) {
  await hawser.workspaces.create({ name: `${person}’s workspace` });
  return await hawser.identity.me();
}
