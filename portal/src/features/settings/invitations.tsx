import { useQuery } from "@tanstack/react-query";
import { X } from "lucide-react";
import type { Invitation } from "../../lib/contract.ts";
import { useWorkspace } from "../../lib/session.ts";
import { IconButton } from "../../ui/button.tsx";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { Time } from "../../ui/figures.tsx";
import { FailedState } from "../../ui/states.tsx";
import { toast, toastError } from "../../ui/toast.tsx";
import { invitationsQuery, useRevokeInvitation } from "./api.ts";

/** Invitations that nobody has accepted yet; nothing at all while there are none. */
export function Invitations() {
  const workspace = useWorkspace();
  const { data, error, refetch } = useQuery(invitationsQuery(workspace.id));
  const revoke = useRevokeInvitation(workspace.id);
  if (error) return <FailedState what="The invitations could not be loaded" error={error} onRetry={refetch} />;
  if (!data || data.items.length === 0) return null;

  const columns: Column<Invitation>[] = [
    {
      id: "for",
      head: "For",
      narrow: "title",
      cell: (one) => <span className="font-medium">{one.email ?? "whoever has the link"}</span>,
    },
    { id: "role", head: "Role", width: "120px", narrow: "line", cell: (one) => one.role },
    { id: "by", head: "Invited by", narrow: "line", className: "text-muted", cell: (one) => one.created_by },
    {
      id: "ends",
      head: "Ends",
      width: "124px",
      align: "right",
      narrow: "line",
      className: "text-muted",
      cell: (one) => <Time at={one.expires_at} />,
    },
    {
      id: "revoke",
      head: "Actions",
      headHidden: true,
      width: "52px",
      align: "right",
      narrow: "end",
      cell: (one) => (
        <IconButton
          icon={X}
          label={`Take back the invitation for ${one.email ?? "whoever has the link"}`}
          className="-mr-2"
          onClick={() =>
            revoke.mutate(one.id, {
              onSuccess: () => toast("The invitation was taken back; its link no longer works."),
              onError: (failure) => toastError("The invitation was not taken back", failure),
            })
          }
        />
      ),
    },
  ];
  return (
    <section className="grid grid-cols-1 gap-2">
      <h2 className="text-base font-semibold">Waiting invitations</h2>
      <DataTable label="Waiting invitations" columns={columns} rows={data.items} rowKey={(one) => one.id} />
    </section>
  );
}
