import { TriangleAlert } from "lucide-react";
import type { ProviderView, SignIn } from "../../lib/contract.ts";
import { Note } from "../../ui/note.tsx";
import { ConsoleSteps } from "../../ui/sign-in/console-steps.tsx";
import { OAuthClientForm } from "../../ui/sign-in/oauth-client-form.tsx";

interface PreparationProps {
  provider: ProviderView;
  way: SignIn;
  forbidden: string | undefined;
}

/** What has to be done at the provider first; where the app that people sign in with is missing, its id and secret. */
export function Preparation({ provider, way, forbidden }: PreparationProps) {
  const missing = way.oauth_client === "missing";
  return (
    <>
      {missing && (
        <Note icon={TriangleAlert} tone="warning">
          {provider.name} lets people in only through an app that is registered there. Register one as below, then enter
          its ID and secret. It is done once for the whole workspace.
        </Note>
      )}
      {way.oauth_client !== "sandbox" && (
        <ConsoleSteps provider={provider.name} way={way} open={missing || way.oauth_client === null} />
      )}
      {missing && <OAuthClientForm provider={provider} forbidden={forbidden} />}
    </>
  );
}
