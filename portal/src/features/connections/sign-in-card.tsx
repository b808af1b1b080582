import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { ConnectionView, OAuthClient, ProviderView } from "../../lib/contract.ts";
import { formatDay } from "../../lib/format.ts";
import { useForbidden, useWorkspace } from "../../lib/session.ts";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { ConfirmDialog } from "../../ui/dialog.tsx";
import { useAuthorize } from "../../ui/sign-in/use-authorize.ts";
import { Skeleton } from "../../ui/skeleton.tsx";
import { FailedState } from "../../ui/states.tsx";
import { toast } from "../../ui/toast.tsx";
import { oauthClientQuery, useConnectionActions } from "./api.ts";

interface SignInCardProps {
  connection: ConnectionView;
  provider: ProviderView | undefined;
  onEnterCredential: () => void;
  onMendApp: () => void;
}

/** What a connection signs in with: set when and by whom, and how to replace it. The value itself is never shown. */
export function SignInCard({ connection, provider, onEnterCredential, onMendApp }: SignInCardProps) {
  const forbidden = useForbidden("admin");
  const { busy, authorize } = useAuthorize(connection.id);
  const away = connection.auth.type === "oauth2_authorization_code";
  const { set, set_at, set_by } = connection.auth;
  const told = set
    ? `Set${set_at ? ` ${formatDay(set_at)}` : ""}${set_by ? ` by ${set_by}` : ""}. It is encrypted and never shown.`
    : "Nothing is kept: nobody has signed in, or it was disconnected.";
  return (
    <Card title="Sign-in">
      <div className="flex flex-wrap items-center gap-3 px-4 py-3">
        <p className="min-w-0 flex-1 basis-60 text-muted">{told}</p>
        {away ? (
          <Button busy={busy} disabled={forbidden} onClick={() => void authorize()}>
            {set ? "Authorize again" : "Sign in"}
          </Button>
        ) : (
          <Button disabled={forbidden} onClick={onEnterCredential}>
            {set ? "Replace" : "Enter it"}
          </Button>
        )}
      </div>
      {away && !connection.sandbox && provider && !forbidden && (
        <App connection={connection} provider={provider} onChange={onMendApp} />
      )}
    </Card>
  );
}

interface AppProps {
  connection: ConnectionView;
  provider: ProviderView;
  onChange: () => void;
}

function App({ connection, provider, onChange }: AppProps) {
  const workspace = useWorkspace();
  const actions = useConnectionActions(workspace.id);
  const { data, error, refetch } = useQuery(oauthClientQuery(workspace.id, connection.provider));
  const [open, setOpen] = useState(false);
  return (
    <div className="flex flex-wrap items-center gap-3 border-t border-border px-4 py-3">
      {error && !data && <FailedState what="The app could not be loaded" error={error} onRetry={refetch} />}
      {!error && !data && <Skeleton className="w-64" />}
      {data && (
        <>
          <p className="min-w-0 flex-1 basis-60 text-muted wrap-anywhere">{appWords(data, provider.name)}</p>
          {data.source === "workspace" && <Button onClick={() => setOpen(true)}>Forget it</Button>}
          <Button onClick={onChange}>
            {data.source === "workspace" ? "Change the app" : "Use an app of your own"}
          </Button>
        </>
      )}
      <ConfirmDialog
        open={open}
        onOpenChange={setOpen}
        title={`Forget the app at ${provider.name}?`}
        verb="Forget the app"
        onConfirm={async () => {
          await actions.forgetOAuthClient(connection.provider);
          toast(`The app at ${provider.name} is forgotten.`);
        }}
      >
        Its ID and secret are erased. All connections of this workspace to {provider.name} have to be signed in again,
        with the operator’s app where there is one.
      </ConfirmDialog>
    </div>
  );
}

function appWords({ source, client_id, set_at, set_by }: OAuthClient, provider: string): string {
  switch (source) {
    case "operator":
      return `People sign in through the app that whoever runs Hawser has registered at ${provider}.`;
    case "workspace":
      return `People sign in through this workspace’s own app, ${client_id}${set_at ? `, set ${formatDay(set_at)}` : ""}${set_by ? ` by ${set_by}` : ""}.`;
    case "missing":
      return `There is no app to sign in through at ${provider} yet.`;
  }
}
