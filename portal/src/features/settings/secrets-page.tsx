import { useQuery } from "@tanstack/react-query";
import { Lock, Pencil, Plus, Trash2 } from "lucide-react";
import { Fragment, useState } from "react";
import type { SecretView } from "../../lib/contract.ts";
import { useSearchState } from "../../lib/search-state.ts";
import { useForbidden, useWorkspace } from "../../lib/session.ts";
import { Button, IconButton } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { ConfirmDialog } from "../../ui/dialog.tsx";
import { Time } from "../../ui/figures.tsx";
import { Link } from "../../ui/link.tsx";
import { SkeletonRows } from "../../ui/skeleton.tsx";
import { EmptyState, FailedState } from "../../ui/states.tsx";
import { toast } from "../../ui/toast.tsx";
import { secretsQuery, useDeleteSecret } from "./api.ts";
import { SecretDialog } from "./secret-dialog.tsx";
import { SettingsFrame } from "./settings-frame.tsx";
import { strings } from "./strings.ts";

const words = strings.secrets;

/** Named values that custom providers refer to and nobody reads again. */
export function SecretsPage() {
  const forbidden = useForbidden("admin");
  const hidden = useForbidden("member");
  const [editing, setEditing] = useSearchState("secret");
  const workspace = useWorkspace();
  const { data, error, refetch } = useQuery({ ...secretsQuery(workspace.id), enabled: !hidden });
  const edited = data?.items.find((secret) => secret.id === editing);
  return (
    <SettingsFrame
      title={words.title}
      facts={words.facts}
      actions={
        <Button icon={Plus} kind="primary" disabled={forbidden} data-new="" onClick={() => setEditing("new")}>
          New secret
        </Button>
      }
    >
      {error && !data && <FailedState what="The secrets could not be loaded" error={error} onRetry={refetch} />}
      {hidden && (
        <Card>
          <EmptyState icon={Lock} title="Secrets are for members">
            {hidden}
          </EmptyState>
        </Card>
      )}
      {!error && !data && !hidden && <SkeletonRows rows={3} label="Loading the secrets" />}
      {data?.items.length === 0 && (
        <Card>
          <EmptyState
            icon={Lock}
            title="No secrets yet"
            action={
              <Button disabled={forbidden} onClick={() => setEditing("new")}>
                New secret
              </Button>
            }
          >
            {words.empty}
          </EmptyState>
        </Card>
      )}
      {data && data.items.length > 0 && (
        <Secrets secrets={data.items} forbidden={forbidden} onChange={(secret) => setEditing(secret.id)} />
      )}
      {!forbidden && (
        <SecretDialog
          secret={edited}
          open={editing === "new" || edited !== undefined}
          onOpenChange={(open) => !open && setEditing("")}
        />
      )}
    </SettingsFrame>
  );
}

interface SecretsProps {
  secrets: readonly SecretView[];
  forbidden: string | undefined;
  onChange: (secret: SecretView) => void;
}

function Secrets({ secrets, forbidden, onChange }: SecretsProps) {
  const [deleting, setDeleting] = useState<SecretView>();
  const columns: Column<SecretView>[] = [
    {
      id: "name",
      head: "Name",
      narrow: "title",
      width: "30%",
      tip: (secret) => [secret.name, secret.description].filter(Boolean).join(": "),
      cell: (secret) => (
        <>
          <code className="text-xs font-medium">{secret.name}</code>{" "}
          <span className="text-muted">{secret.description}</span>
        </>
      ),
    },
    {
      id: "origins",
      head: "May be sent to",
      narrow: "line",
      tip: (secret) => secret.origins.join(", "),
      cell: (secret) => <span className="truncate font-mono text-xs">{secret.origins.map(hostOf).join(", ")}</span>,
    },
    {
      id: "used_in",
      head: "Used in",
      className: "text-muted",
      tip: (secret) => secret.used_in.map(({ name }) => name).join(", "),
      cell: (secret) => <UsedIn secret={secret} />,
    },
    {
      id: "set",
      head: "Set",
      width: "180px",
      narrow: "line",
      tip: (secret) => secret.set_by ?? "",
      cell: (secret) => (
        <>
          <Time at={secret.set_at} />
          {secret.set_by && <span className="text-muted"> by {secret.set_by}</span>}
        </>
      ),
    },
    {
      id: "used",
      head: "Last used",
      width: "128px",
      align: "right",
      cell: (secret) => (secret.last_used_at ? <Time at={secret.last_used_at} /> : "never"),
    },
    {
      id: "actions",
      head: "Actions",
      headHidden: true,
      width: "84px",
      align: "right",
      narrow: "end",
      cell: (secret) => (
        <span className="-mr-2 inline-flex">
          <IconButton
            icon={Pencil}
            label={`Change ${secret.name}`}
            disabled={forbidden}
            onClick={() => onChange(secret)}
          />
          <IconButton
            icon={Trash2}
            label={`Delete ${secret.name}`}
            disabled={forbidden}
            onClick={() => setDeleting(secret)}
          />
        </span>
      ),
    },
  ];
  return (
    <>
      <DataTable label="Workspace secrets" columns={columns} rows={secrets} rowKey={(secret) => secret.id} />
      {deleting && <DeleteDialog secret={deleting} onClose={() => setDeleting(undefined)} />}
    </>
  );
}

function UsedIn({ secret: { used_in } }: { secret: SecretView }) {
  const { slug } = useWorkspace();
  if (used_in.length === 0) return "nothing";
  return used_in.map(({ id, name }, place) => (
    <Fragment key={id}>
      {place > 0 && ", "}
      <Link kind="thing" to="/w/$workspace/providers/$provider" params={{ workspace: slug, provider: id }}>
        {name}
      </Link>
    </Fragment>
  ));
}

const hostOf = (origin: string): string => origin.replace(/^https:\/\//, "");

function DeleteDialog({ secret, onClose }: { secret: SecretView; onClose: () => void }) {
  const workspace = useWorkspace();
  const remove = useDeleteSecret(workspace.id);
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Delete the secret “${secret.name}”?`}
      verb="Delete secret"
      onConfirm={async () => {
        await remove.mutateAsync(secret.id);
        toast(`“${secret.name}” is deleted.`);
      }}
    >
      Its value is erased and cannot be brought back.{" "}
      {secret.used_in.length > 0
        ? `${secret.used_in.map(({ name }) => `“${name}”`).join(", ")} still refers to it: take that out first.`
        : "Nothing refers to it."}
    </ConfirmDialog>
  );
}
