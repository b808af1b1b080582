import { useQuery } from "@tanstack/react-query";
import type { ConnectionView, ProviderView } from "../../lib/contract.ts";
import { useForbidden, useWorkspace } from "../../lib/session.ts";
import { Sheet } from "../../ui/sheet.tsx";
import { ConsoleSteps } from "../../ui/sign-in/console-steps.tsx";
import { OAuthClientForm } from "../../ui/sign-in/oauth-client-form.tsx";
import { Skeleton } from "../../ui/skeleton.tsx";
import { FailedState } from "../../ui/states.tsx";
import { toast } from "../../ui/toast.tsx";
import { oauthClientQuery } from "./api.ts";

interface AppSheetProps {
  connection: ConnectionView;
  provider: ProviderView;
  onClose: () => void;
}

/** The app that people of this workspace sign in with at a provider: one for all connections to it. */
export function AppSheet({ connection, provider, onClose }: AppSheetProps) {
  const workspace = useWorkspace();
  const forbidden = useForbidden("admin");
  const app = useQuery({ ...oauthClientQuery(workspace.id, connection.provider), enabled: !forbidden });
  const way = provider.sign_in.find((one) => one.type === "oauth2_authorization_code");
  return (
    <Sheet
      open
      onOpenChange={(open) => !open && onClose()}
      title={`The app at ${provider.name}`}
      description="All connections of this workspace to it sign in with this one app. After a change they sign in again."
    >
      <div className="grid grid-cols-1 gap-5">
        {way && <ConsoleSteps provider={provider.name} way={way} open />}
        {app.error && <FailedState what="The app could not be loaded" error={app.error} onRetry={app.refetch} />}
        {app.isPending && !forbidden && <Skeleton className="h-32" />}
        {app.data && (
          <OAuthClientForm
            provider={provider}
            clientId={app.data.source === "workspace" ? (app.data.client_id ?? "") : ""}
            forbidden={forbidden}
            onSaved={() => {
              toast(`The app at ${provider.name} is saved. Sign in with it now.`);
              onClose();
            }}
          />
        )}
        {forbidden && <p className="text-muted">{forbidden}</p>}
      </div>
    </Sheet>
  );
}
