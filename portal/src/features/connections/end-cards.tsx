import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import type { ConnectionView } from "../../lib/contract.ts";
import { formatAmount, formatCount } from "../../lib/format.ts";
import { useForbidden, useWorkspace } from "../../lib/session.ts";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { ConfirmDialog } from "../../ui/dialog.tsx";
import { toast } from "../../ui/toast.tsx";
import { useConnectionActions, usedByQuery } from "./api.ts";

interface EndCardsProps {
  connection: ConnectionView;
  providerName: string;
  /** Before the page is left: nothing on it is worth saving any more. */
  onDeleted: () => void;
}

/** The two ways to end a connection: forget the sign-in and keep the rest, or delete all of it. */
export function EndCards(props: EndCardsProps) {
  return (
    <Card title="End">
      {props.connection.auth.type !== "none" && <Disconnect {...props} />}
      <Delete {...props} />
    </Card>
  );
}

const rowLook = "flex flex-wrap items-center gap-3 border-t border-border px-4 py-3 first:border-t-0";

function Disconnect({ connection, providerName }: EndCardsProps) {
  const workspace = useWorkspace();
  const forbidden = useForbidden("admin");
  const actions = useConnectionActions(workspace.id);
  const [open, setOpen] = useState(false);
  const used = useQuery({ ...usedByQuery(workspace.id, connection.id), enabled: open });
  const stored = used.data?.items.reduce((sum, { totals }) => sum + totals.stored, 0);
  const { syncs } = connection.used_by;
  return (
    <div className={rowLook}>
      <p className="min-w-0 flex-1 basis-60 text-muted">
        Disconnecting erases what Hawser signs in with and revokes it at {providerName}, where that is possible. The
        connection and its syncs stay and go on once somebody signs in again.
      </p>
      <Button
        kind="danger"
        disabled={forbidden ?? (!connection.auth.set && "It is not signed in.")}
        onClick={() => setOpen(true)}
      >
        Disconnect
      </Button>
      <ConfirmDialog
        open={open}
        onOpenChange={setOpen}
        title={`Disconnect “${connection.name}”?`}
        verb="Disconnect"
        onConfirm={async () => {
          await actions.disconnect(connection.id);
          toast(`${connection.name} is disconnected.`);
        }}
      >
        {syncs === 0
          ? "No sync stops: none uses it."
          : `${formatAmount(syncs, "sync")} ${syncs === 1 ? "stops" : "stop"}, ${formatCount(stored)} stored ${stored === 1 ? "file stays" : "files stay"}.`}{" "}
        To go on, somebody has to sign in again.
      </ConfirmDialog>
    </div>
  );
}

function Delete({ connection, onDeleted }: EndCardsProps) {
  const workspace = useWorkspace();
  const navigate = useNavigate();
  const forbidden = useForbidden("admin");
  const actions = useConnectionActions(workspace.id);
  const [open, setOpen] = useState(false);
  const uses = connection.used_by.syncs;
  const inUse =
    uses > 0
      ? `${formatAmount(uses, "sync")} ${uses === 1 ? "uses" : "use"} it. Delete ${uses === 1 ? "it" : "them"} first.`
      : undefined;
  return (
    <div className={rowLook}>
      <p className="min-w-0 flex-1 basis-60 text-muted">
        {inUse ?? "Nothing uses this connection. Deleting it forgets its settings; nothing changes at the source."}
      </p>
      <Button kind="danger" disabled={forbidden ?? inUse} onClick={() => setOpen(true)}>
        Delete connection
      </Button>
      <ConfirmDialog
        open={open}
        onOpenChange={setOpen}
        title={`Delete “${connection.name}”?`}
        verb="Delete connection"
        onConfirm={async () => {
          await actions.remove(connection.id);
          onDeleted();
          await navigate({ to: "/w/$workspace/connections", params: { workspace: workspace.slug } });
          toast(`${connection.name} is deleted.`);
        }}
      >
        No sync stops: none uses it. Its settings and its sign-in go, nothing changes at the source.
      </ConfirmDialog>
    </div>
  );
}
