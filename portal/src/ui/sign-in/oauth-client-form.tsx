import { useQueryClient } from "@tanstack/react-query";
import { hawser } from "../../lib/api.ts";
import { keys } from "../../lib/query.ts";
import { useWorkspace } from "../../lib/session.ts";
import { needed, useForm } from "../../lib/use-form.ts";
import { Button } from "../button.tsx";
import { Field } from "../field.tsx";
import { FormFailure } from "../form-failure.tsx";
import { PasswordInput, TextInput } from "../input.tsx";

interface OAuthClientFormProps {
  provider: { key: string; name: string };
  /** The client id that is in use now. */
  clientId?: string | undefined;
  forbidden: string | undefined;
  onSaved?: (() => void) | undefined;
}

/** Id and secret of an app of the workspace's own at a provider; the secret is never shown again. */
export function OAuthClientForm({ provider, clientId = "", forbidden, onSaved }: OAuthClientFormProps) {
  const workspace = useWorkspace();
  const client = useQueryClient();
  const form = useForm({
    initial: { client_id: clientId, client_secret: "" },
    checks: { client_id: needed("Enter the client ID of the app.") },
    async onSubmit({ client_id, client_secret }) {
      await hawser.oauthClients.set(
        { workspace: workspace.id, provider: provider.key },
        { client_id, ...(client_secret && { client_secret }) },
      );
      form.reset({ client_id, client_secret: "" });
      await Promise.all([
        client.invalidateQueries({ queryKey: keys.catalog(workspace.id) }),
        client.invalidateQueries({ queryKey: keys.oauthClient(workspace.id, provider.key) }),
        client.invalidateQueries({ queryKey: keys.connections(workspace.id) }),
      ]);
      onSaved?.();
    },
  });
  return (
    <form {...form.form} className="grid gap-4">
      <FormFailure error={form.failure} />
      <Field label="Client ID" error={form.error("client_id")} hint={`Of the app at ${provider.name}.`}>
        <TextInput
          {...form.input("client_id")}
          mono
          maxLength={1024}
          autoComplete="off"
          spellCheck={false}
          readOnly={Boolean(forbidden)}
        />
      </Field>
      <Field
        label="Client secret"
        optional
        error={form.error("client_secret")}
        hint="Encrypted and never shown again. Leave it empty only for an app that has none."
      >
        <PasswordInput
          {...form.input("client_secret")}
          autoComplete="new-password"
          maxLength={65_536}
          readOnly={Boolean(forbidden)}
        />
      </Field>
      <Button type="submit" busy={form.busy} disabled={forbidden} className="justify-self-start">
        Save the app
      </Button>
    </form>
  );
}
