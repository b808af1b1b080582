import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { LogOut, UserRoundMinus, UserRoundPlus } from "lucide-react";
import { useState } from "react";
import type { Member } from "../../lib/contract.ts";
import { formatAmount } from "../../lib/format.ts";
import { keys, queryClient } from "../../lib/query.ts";
import { roleList } from "../../lib/roles.ts";
import { useSearchState } from "../../lib/search-state.ts";
import { hasRole, useForbidden, useMe, useWorkspace } from "../../lib/session.ts";
import { Badge } from "../../ui/badge.tsx";
import { Button, IconButton } from "../../ui/button.tsx";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { ConfirmDialog } from "../../ui/dialog.tsx";
import { Time } from "../../ui/figures.tsx";
import { Select } from "../../ui/input.tsx";
import { ProviderGlyph } from "../../ui/provider-glyph.tsx";
import { SkeletonRows } from "../../ui/skeleton.tsx";
import { FailedState } from "../../ui/states.tsx";
import { toast, toastError } from "../../ui/toast.tsx";
import { membersQuery, useChangeRole, useLeave, useRemoveMember } from "./api.ts";
import { Invitations } from "./invitations.tsx";
import { InviteDialog } from "./invite-dialog.tsx";
import { SettingsFrame } from "./settings-frame.tsx";
import { strings } from "./strings.ts";

export function MembersPage() {
  const workspace = useWorkspace();
  const { data, error, refetch } = useQuery(membersQuery(workspace.id));
  const [inviting, setInviting] = useSearchState("invite");
  const forbidden = useForbidden("admin");
  return (
    <SettingsFrame
      title={strings.members.title}
      facts={data ? `${formatAmount(data.items.length, "person", "people")} in ${workspace.name}` : undefined}
      actions={
        <Button
          icon={UserRoundPlus}
          kind="primary"
          disabled={forbidden}
          data-new=""
          onClick={() => setInviting("open")}
        >
          Invite
        </Button>
      }
    >
      {error && <FailedState what="The members could not be loaded" error={error} onRetry={refetch} />}
      {!data && !error && <SkeletonRows rows={4} label="Loading members" />}
      {data && <MemberTable members={data.items} />}
      {!forbidden && <Invitations />}
      <InviteDialog open={inviting === "open" && !forbidden} onOpenChange={(open) => setInviting(open ? "open" : "")} />
    </SettingsFrame>
  );
}

function MemberTable({ members }: { members: Member[] }) {
  const me = useMe();
  const workspace = useWorkspace();
  const [removing, setRemoving] = useState<Member>();
  const forbidden = useForbidden("admin");
  const lastOwner = members.filter((member) => member.role === "owner").length === 1;

  /** Why this member's role cannot be changed, or the member not be removed. */
  const fixed = (member: Member): string | undefined => {
    if (member.role === "owner" && lastOwner) return strings.members.lastOwner;
    if (member.role === "owner" && workspace.role !== "owner") return strings.members.ownerOnly;
    return undefined;
  };

  const columns: Column<Member>[] = [
    {
      id: "name",
      head: "Name",
      narrow: "title",
      tip: (member) => member.name,
      cell: (member) => (
        <span className="flex items-center gap-2.5">
          <ProviderGlyph id={member.user_id} name={member.name} size="small" />
          <span className="truncate font-medium">{member.name}</span>
          {member.user_id === me.id && <Badge>you</Badge>}
        </span>
      ),
    },
    {
      id: "email",
      head: "E-mail",
      narrow: "line",
      tip: (member) => member.email,
      className: "text-muted",
      cell: (member) => member.email,
    },
    {
      id: "role",
      head: "Role",
      width: "136px",
      narrow: "line",
      cell: (member) => <RoleOf member={member} fixed={forbidden ?? fixed(member)} />,
    },
    {
      id: "since",
      head: "Member since",
      width: "124px",
      align: "right",
      className: "text-muted",
      cell: (member) => <Time at={member.created_at} as="clock" />,
    },
    {
      id: "remove",
      head: "Actions",
      headHidden: true,
      width: "52px",
      align: "right",
      narrow: "end",
      cell: (member) => {
        const self = member.user_id === me.id;
        return (
          <IconButton
            icon={self ? LogOut : UserRoundMinus}
            label={self ? "Leave the workspace" : `Remove ${member.name}`}
            className="-mr-2"
            disabled={(self ? undefined : forbidden) ?? fixed(member)}
            onClick={() => setRemoving(member)}
          />
        );
      },
    },
  ];
  return (
    <>
      <DataTable label="Members" columns={columns} rows={members} rowKey={(member) => member.user_id} />
      {removing && <RemoveDialog member={removing} onClose={() => setRemoving(undefined)} />}
    </>
  );
}

function RoleOf({ member, fixed }: { member: Member; fixed: string | undefined }) {
  const workspace = useWorkspace();
  const change = useChangeRole(workspace.id);
  if (fixed) return <span title={fixed}>{roleList.find((one) => one.value === member.role)?.label}</span>;
  const set = (role: Member["role"]) => {
    change.mutate(
      { id: member.user_id, role },
      {
        onSuccess: () =>
          toast(`${member.name} is now ${role}.`, {
            undo: () => change.mutate({ id: member.user_id, role: member.role }),
          }),
        onError: (error) => toastError("The role was not changed", error),
      },
    );
  };
  return (
    <Select
      aria-label={`Role of ${member.name}`}
      value={change.isPending ? (change.variables.role ?? member.role) : member.role}
      onChange={set}
      options={roleList.filter((one) => hasRole(workspace.role, one.value))}
      className="-ml-2.75 max-w-30 [&_select]:min-h-7 [&_select]:border-transparent [&_select]:bg-transparent [&_select]:py-0.5 [&_select]:hover:border-control"
    />
  );
}

function RemoveDialog({ member, onClose }: { member: Member; onClose: () => void }) {
  const me = useMe();
  const workspace = useWorkspace();
  const navigate = useNavigate();
  const remove = useRemoveMember(workspace.id);
  const leave = useLeave(workspace.id);
  const self = member.user_id === me.id;
  const confirm = async () => {
    if (!self) {
      await remove.mutateAsync(member.user_id);
      toast(`${member.name} was removed.`);
      return;
    }
    await leave.mutateAsync(undefined);
    await queryClient.refetchQueries({ queryKey: keys.me });
    await navigate({ to: "/" });
  };
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={self ? `Leave “${workspace.name}”?` : `Remove ${member.name}?`}
      verb={self ? "Leave workspace" : "Remove member"}
      onConfirm={confirm}
    >
      {self
        ? "You lose access at once and come back only by invitation. What you made stays."
        : "Their access ends at once, in every browser. What they made stays, and so do the API keys they made."}
    </ConfirmDialog>
  );
}
