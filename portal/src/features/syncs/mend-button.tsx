import { useQuery } from "@tanstack/react-query";
import { useForbidden, useWorkspace } from "../../lib/session.ts";
import { Button, ButtonLink } from "../../ui/button.tsx";
import { useAuthorize } from "../../ui/sign-in/use-authorize.ts";
import { connectionQuery } from "./api.ts";

export interface MendConnectionProps {
  connection: string;
  /** Filled where it is the one button of the page. */
  kind?: "primary" | "plain" | undefined;
}

/** What puts a connection right: signing in at once where that is all it takes, else its page, which says what to do. */
export function MendConnection({ connection, kind = "plain" }: MendConnectionProps) {
  const workspace = useWorkspace();
  const forbidden = useForbidden("admin");
  const { data } = useQuery(connectionQuery(workspace.id, connection));
  const { busy, authorize } = useAuthorize(connection);
  if (data?.mend === "authorize") {
    return (
      <Button kind={kind} busy={busy} disabled={forbidden} onClick={() => void authorize()}>
        {data.auth.set || data.account ? "Authorize again" : "Sign in"}
      </Button>
    );
  }
  return (
    <ButtonLink
      kind={kind}
      to="/w/$workspace/connections/$connection"
      params={{ workspace: workspace.slug, connection }}
    >
      Open the connection
    </ButtonLink>
  );
}
