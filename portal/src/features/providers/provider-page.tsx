import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { Plug } from "lucide-react";
import { useState } from "react";
import { ApiError } from "../../lib/api.ts";
import type { CustomProviderView } from "../../lib/contract.ts";
import { formatAmount } from "../../lib/format.ts";
import { useForbidden, useWorkspace } from "../../lib/session.ts";
import { Button, ButtonLink } from "../../ui/button.tsx";
import { LeaveGuard } from "../../ui/leave-guard.tsx";
import { Link } from "../../ui/link.tsx";
import { PageHead } from "../../ui/page-head.tsx";
import { Skeleton } from "../../ui/skeleton.tsx";
import { FailedState } from "../../ui/states.tsx";
import { StatusBadge } from "../../ui/status-badge.tsx";
import { toast } from "../../ui/toast.tsx";
import { providerQuery, useProviderChanges } from "./api.ts";
import { type Draft, newDefinition, slugOf, textAt } from "./draft.ts";
import { Editor } from "./editor.tsx";

/** A custom provider: made here, or changed. */
export function ProviderPage() {
  const workspace = useWorkspace();
  const { provider: id } = useParams({ strict: false });
  const { data, error, refetch } = useQuery({ ...providerQuery(workspace.id, id ?? ""), enabled: id !== undefined });
  if (id === undefined) return <Desk key="new" provider={undefined} />;
  if (data) return <Desk key={data.version} provider={data} />;
  return (
    <>
      <PageHead title="Provider" crumbs={[crumb(workspace.slug)]} />
      {error ? (
        <FailedState what="The provider could not be loaded" error={error} onRetry={refetch} />
      ) : (
        <div role="status" aria-label="Loading the provider">
          <Skeleton className="h-96" />
        </div>
      )}
    </>
  );
}

const crumb = (slug: string) => (
  <Link key="catalog" kind="quiet" to="/w/$workspace/catalog" params={{ workspace: slug }}>
    Catalog
  </Link>
);

function Desk({ provider }: { provider: CustomProviderView | undefined }) {
  const workspace = useWorkspace();
  const navigate = useNavigate();
  const forbidden = useForbidden("admin");
  const changes = useProviderChanges(workspace.id);
  const before = provider?.definition ?? newDefinition;
  const [draft, setDraft] = useState<Draft>(before);
  const [name, setName] = useState("");
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>();
  const dirty = draft !== before && !busy;
  const title = textAt(draft, "display_name") || (provider ? provider.name : "New provider");

  const save = async () => {
    setBusy(true);
    setFailure(undefined);
    try {
      if (provider) {
        await changes.update(provider.id, { definition: draft, version: provider.version });
        toast(`${title} is saved.`);
      } else {
        const made = await changes.create({
          name: name || slugOf(textAt(draft, "display_name")),
          definition: draft,
          active: true,
        });
        toast(`${title} is in the catalog.`);
        await navigate({
          to: "/w/$workspace/providers/$provider",
          params: { workspace: workspace.slug, provider: made.id },
        });
      }
    } catch (refusal) {
      setFailure(refusal);
    } finally {
      setBusy(false);
    }
  };

  const errors = failure instanceof ApiError ? failure.errors : [];
  return (
    <>
      <PageHead
        title={title}
        crumbs={[crumb(workspace.slug)]}
        status={provider && !provider.active && <StatusBadge status="inactive" label="Switched off" look="pill" />}
        facts={
          provider
            ? `${provider.key} · ${formatAmount(provider.actions, "action")} · ${formatAmount(provider.used_by.connections, "connection")} · version ${provider.version}`
            : "An API of your own choice, with its sign-in and its actions"
        }
        actions={
          <>
            {provider && (
              <ButtonLink
                icon={Plug}
                to="/w/$workspace/catalog/$provider"
                params={{ workspace: workspace.slug, provider: provider.key }}
              >
                Connect
              </ButtonLink>
            )}
            <Button
              kind="primary"
              busy={busy}
              disabled={forbidden ?? (!dirty && provider !== undefined && "Nothing is changed.")}
              onClick={() => void save()}
            >
              {provider ? "Save" : "Create"}
            </Button>
          </>
        }
      />
      <LeaveGuard when={dirty} />
      {failure !== undefined && (
        <FailedState
          what={
            errors.length > 0
              ? `${formatAmount(errors.length, "setting is", "settings are")} not right yet`
              : "It was not saved"
          }
          error={failure}
        />
      )}
      <Editor
        draft={draft}
        onChange={setDraft}
        errors={errors}
        provider={provider}
        naming={provider ? undefined : { name, onName: setName }}
      />
    </>
  );
}
