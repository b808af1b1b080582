import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { hawser } from "../../lib/api.ts";
import { setupQuery } from "../../lib/session.ts";
import { emailCheck, needed, useForm } from "../../lib/use-form.ts";
import { Button } from "../../ui/button.tsx";
import { Field } from "../../ui/field.tsx";
import { FormFailure } from "../../ui/form-failure.tsx";
import { PasswordInput, TextInput } from "../../ui/input.tsx";
import { Link } from "../../ui/link.tsx";
import { useEnter } from "./after-sign-in.ts";
import { Frame } from "./frame.tsx";
import { strings } from "./strings.ts";

const words = strings.signIn;

export function SignInPage() {
  const { next } = useSearch({ strict: false });
  const { data: setup } = useQuery(setupQuery);
  const enter = useEnter();
  const form = useForm({
    initial: { email: "", password: "" },
    checks: { email: emailCheck, password: needed("Give your password.") },
    onSubmit: async ({ email, password }) =>
      enter(await hawser.identity.signIn({ email: email.trim(), password }), next),
  });
  const foot =
    setup?.sign_up === "invited" ? (
      words.invitedOnly
    ) : (
      <>
        {words.noAccount} <Link to="/sign-up">{words.signUp}</Link>
      </>
    );
  return (
    <Frame title={words.title} foot={foot}>
      <form {...form.form} className="grid gap-4">
        <FormFailure error={form.failure} />
        <Field label="E-mail" error={form.error("email")}>
          <TextInput {...form.input("email")} type="email" autoComplete="username" autoFocus />
        </Field>
        <Field label="Password" error={form.error("password")}>
          <PasswordInput {...form.input("password")} autoComplete="current-password" />
        </Field>
        <Button type="submit" kind="primary" wide busy={form.busy}>
          {words.submit}
        </Button>
      </form>
    </Frame>
  );
}
