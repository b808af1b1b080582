import { useQuery } from "@tanstack/react-query";
import { KeyRound, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import type { ApiKey } from "../../lib/contract.ts";
import { useSearchState } from "../../lib/search-state.ts";
import { useForbidden, useWorkspace } from "../../lib/session.ts";
import { Button, IconButton } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { ConfirmDialog } from "../../ui/dialog.tsx";
import { Time } from "../../ui/figures.tsx";
import { SkeletonRows } from "../../ui/skeleton.tsx";
import { EmptyState, FailedState } from "../../ui/states.tsx";
import { toast } from "../../ui/toast.tsx";
import { apiKeysQuery, useRevokeApiKey } from "./api.ts";
import { NewApiKeyDialog } from "./new-api-key-dialog.tsx";
import { SettingsFrame } from "./settings-frame.tsx";
import { strings } from "./strings.ts";

const words = strings.apiKeys;

export function ApiKeysPage() {
  const forbidden = useForbidden("admin");
  const [creating, setCreating] = useSearchState("create");
  const create = (
    <Button icon={Plus} kind="primary" disabled={forbidden} data-new="" onClick={() => setCreating("open")}>
      New key
    </Button>
  );
  return (
    <SettingsFrame title={words.title} facts="For programs that use the API of this workspace." actions={create}>
      {forbidden ? (
        <Card>
          <EmptyState icon={KeyRound} title="API keys are for admins">
            {forbidden}
          </EmptyState>
        </Card>
      ) : (
        <Keys onCreate={() => setCreating("open")} />
      )}
      <NewApiKeyDialog
        open={creating === "open" && !forbidden}
        onOpenChange={(open) => setCreating(open ? "open" : "")}
      />
    </SettingsFrame>
  );
}

function Keys({ onCreate }: { onCreate: () => void }) {
  const workspace = useWorkspace();
  const { data, error, refetch } = useQuery(apiKeysQuery(workspace.id));
  const [revoking, setRevoking] = useState<ApiKey>();
  if (error) return <FailedState what="The API keys could not be loaded" error={error} onRetry={refetch} />;
  if (!data) return <SkeletonRows rows={3} label="Loading API keys" />;
  if (data.items.length === 0) {
    return (
      <Card>
        <EmptyState icon={KeyRound} title="No API keys yet" action={<Button onClick={onCreate}>New key</Button>}>
          {words.empty}
        </EmptyState>
      </Card>
    );
  }
  const columns: Column<ApiKey>[] = [
    {
      id: "name",
      head: "Name",
      narrow: "title",
      tip: (key) => key.name,
      cell: (key) => <span className="font-medium">{key.name}</span>,
    },
    {
      id: "hint",
      head: "Begins with",
      width: "160px",
      narrow: "line",
      cell: (key) => <code className="text-xs">{key.hint}…</code>,
    },
    { id: "role", head: "Role", width: "96px", narrow: "line", cell: (key) => key.role },
    { id: "by", head: "Made by", className: "text-muted", tip: (key) => key.created_by, cell: (key) => key.created_by },
    {
      id: "used",
      head: "Last used",
      width: "128px",
      align: "right",
      narrow: "line",
      cell: (key) => (
        <span className={key.last_used_at ? undefined : "text-muted"}>
          <span className="md:hidden">used </span>
          {key.last_used_at ? <Time at={key.last_used_at} /> : "never"}
        </span>
      ),
    },
    {
      id: "ends",
      head: "Ends",
      width: "160px",
      align: "right",
      className: "text-muted",
      cell: (key) => (key.expires_at ? <Time at={key.expires_at} /> : "never"),
    },
    {
      id: "revoke",
      head: "Actions",
      headHidden: true,
      width: "52px",
      align: "right",
      narrow: "end",
      cell: (key) => (
        <IconButton icon={Trash2} label={`Revoke ${key.name}`} className="-mr-2" onClick={() => setRevoking(key)} />
      ),
    },
  ];
  return (
    <>
      <DataTable label="API keys" columns={columns} rows={data.items} rowKey={(key) => key.id} />
      {revoking && <RevokeDialog apiKey={revoking} onClose={() => setRevoking(undefined)} />}
    </>
  );
}

function RevokeDialog({ apiKey, onClose }: { apiKey: ApiKey; onClose: () => void }) {
  const workspace = useWorkspace();
  const revoke = useRevokeApiKey(workspace.id);
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={`Revoke “${apiKey.name}”?`}
      verb="Revoke key"
      onConfirm={async () => {
        await revoke.mutateAsync(apiKey.id);
        toast(`“${apiKey.name}” no longer works.`);
      }}
    >
      Programs that use it are refused from now on. {apiKey.last_used_at ? "It was last used " : "It was never used."}
      {apiKey.last_used_at && (
        <>
          <Time at={apiKey.last_used_at} />.
        </>
      )}
    </ConfirmDialog>
  );
}
