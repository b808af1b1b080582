import { useQuery } from "@tanstack/react-query";
import type { SyncView } from "../../lib/contract.ts";
import { useForbidden, useWorkspace } from "../../lib/session.ts";
import { Button, ButtonLink } from "../../ui/button.tsx";
import { useAuthorize } from "../../ui/sign-in/use-authorize.ts";
import { toastError } from "../../ui/toast.tsx";
import { connectionQuery, useSyncActions } from "./api.ts";
import { remedyOf } from "./remedies.ts";

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

/** For a run that rests: it goes on by itself, and at once for whoever has mended what it waits for. */
export function ResumeNow({ sync, kind = "plain" }: { sync: Pick<SyncView, "id">; kind?: "primary" | "plain" }) {
  const workspace = useWorkspace();
  const forbidden = useForbidden("member");
  const actions = useSyncActions(workspace.id);
  return (
    <Button
      kind={kind}
      disabled={forbidden}
      onClick={() =>
        actions.resume(sync.id).catch((error: unknown) => toastError("The run could not be resumed", error))
      }
    >
      Resume now
    </Button>
  );
}

export interface MendRunProps {
  sync: Pick<SyncView, "id" | "connection" | "destination">;
  /** The kind of what went wrong. */
  failure: string | undefined;
  kind?: "primary" | "plain" | undefined;
}

/** Where the source works, it is the bucket whose connection is not in order. */
const brokenConnection = ({ connection, destination }: MendRunProps["sync"]): string =>
  connection.status === "active" && destination.kind === "store" ? destination.connection_id : connection.id;

/** The button for a run that failed: what its cause asks for, by the table of remedies. */
export function MendRun({ sync, failure, kind = "plain" }: MendRunProps) {
  const workspace = useWorkspace();
  const forbidden = useForbidden("member");
  const actions = useSyncActions(workspace.id);
  const { act } = remedyOf(failure);
  if (act === "mend_connection") return <MendConnection connection={brokenConnection(sync)} kind={kind} />;
  if (act === "open_settings") {
    return (
      <ButtonLink
        kind={kind}
        to="/w/$workspace/syncs/$sync"
        params={{ workspace: workspace.slug, sync: sync.id }}
        search={{ tab: "settings" }}
      >
        Open the settings
      </ButtonLink>
    );
  }
  return (
    <Button
      kind={kind}
      disabled={forbidden}
      onClick={() => actions.run(sync.id).catch((error: unknown) => toastError("The run could not be started", error))}
    >
      Run now
    </Button>
  );
}
