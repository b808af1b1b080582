import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { History, Plug } from "lucide-react";
import { useState } from "react";
import { ApiError, type FieldError } from "../../lib/api.ts";
import type { CustomProviderView } from "../../lib/contract.ts";
import { formatAmount } from "../../lib/format.ts";
import { useForbidden, useWorkspace } from "../../lib/session.ts";
import { useNameCheck } from "../../lib/use-name-check.ts";
import { Button, ButtonLink } from "../../ui/button.tsx";
import { LeaveGuard } from "../../ui/leave-guard.tsx";
import { Link } from "../../ui/link.tsx";
import { Note } from "../../ui/note.tsx";
import { PageHead } from "../../ui/page-head.tsx";
import { Skeleton } from "../../ui/skeleton.tsx";
import { FailedState } from "../../ui/states.tsx";
import { StatusBadge } from "../../ui/status-badge.tsx";
import { toast } from "../../ui/toast.tsx";
import { providerQuery, useProviderChanges } from "./api.ts";
import { type Draft, newDefinition, slugOf, textAt } from "./draft.ts";
import { Editor } from "./editor.tsx";
import { lackingIn, stillRefused } from "./parts.ts";

/** A custom provider: made here, or changed. */
export function ProviderPage() {
  const workspace = useWorkspace();
  const { provider: id } = useParams({ strict: false });
  const { data, error, refetch } = useQuery({ ...providerQuery(workspace.id, id ?? ""), enabled: id !== undefined });
  if (id === undefined) return <Desk key="new" provider={undefined} />;
  if (data) return <Desk key={data.id} provider={data} />;
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

/** An attempt to save: what was sent, and what of it was refused. */
interface Attempt {
  number: number;
  sent?: unknown;
  errors: readonly FieldError[];
  /** What belongs to no setting. */
  failure?: unknown;
}

function Desk({ provider }: { provider: CustomProviderView | undefined }) {
  const workspace = useWorkspace();
  const navigate = useNavigate();
  const forbidden = useForbidden("admin");
  const changes = useProviderChanges(workspace.id);
  /** The version that is edited. Somebody else may have saved a newer one meanwhile. */
  const [base, setBase] = useState(provider);
  const before = base?.definition ?? newDefinition;
  const [draft, setDraft] = useState<Draft>(before);
  const [typedName, setName] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [attempt, setAttempt] = useState<Attempt>({ number: 0, errors: [] });
  const name = typedName ?? slugOf(textAt(draft, "display_name"));
  const check = useNameCheck(workspace.id, "provider", provider ? "" : name);
  const isChanged = draft !== before || typedName !== undefined;
  const title = textAt(draft, "display_name") || (base ? base.name : "New provider");
  const takeOver = (next: CustomProviderView) => {
    setBase(next);
    setDraft(next.definition);
  };
  const isOutdated = provider !== undefined && base !== undefined && provider.version > base.version;
  if (isOutdated && !isChanged) takeOver(provider);

  const save = async () => {
    const sent = { name: base?.name ?? name, definition: draft };
    const number = attempt.number + 1;
    const lacks = lackingIn(sent);
    if (lacks.length > 0) {
      setAttempt({ number, sent, errors: lacks });
      return;
    }
    setBusy(true);
    try {
      if (base) {
        takeOver(await changes.update(base.id, { definition: draft, version: base.version }));
        toast(`${title} is saved.`);
      } else {
        const made = await changes.create({ ...sent, active: true });
        toast(`${title} is in the catalog.`);
        await navigate({
          to: "/w/$workspace/providers/$provider",
          params: { workspace: workspace.slug, provider: made.id },
        });
      }
      setAttempt({ number, errors: [] });
    } catch (failure) {
      const errors = failure instanceof ApiError ? failure.errors : [];
      setAttempt({ number, sent, errors, ...(errors.length === 0 && { failure }) });
    } finally {
      setBusy(false);
    }
  };

  const isConnected = base !== undefined && base.used_by.connections > 0;
  return (
    <>
      <PageHead
        title={title}
        crumbs={[crumb(workspace.slug)]}
        status={base && !base.active && <StatusBadge status="inactive" label="Switched off" look="pill" />}
        facts={
          base
            ? `${base.key} · ${formatAmount(base.actions, "action")} · ${formatAmount(base.used_by.connections, "connection")} · version ${base.version}`
            : "An API of your own choice, with its sign-in and its actions"
        }
        actions={
          <>
            {base?.active && (
              <ButtonLink
                icon={Plug}
                kind={isConnected || isChanged ? "plain" : "primary"}
                to="/w/$workspace/catalog/$provider"
                params={{ workspace: workspace.slug, provider: base.key }}
              >
                Connect
              </ButtonLink>
            )}
            <Button
              kind={isChanged || !base ? "primary" : "plain"}
              busy={busy}
              disabled={forbidden ?? (!isChanged && base !== undefined && "Nothing is changed.")}
              onClick={() => void save()}
            >
              {base ? "Save" : "Create"}
            </Button>
          </>
        }
      />
      <LeaveGuard when={isChanged && !busy} />
      {isOutdated && isChanged && (
        <Note icon={History} tone="warning">
          {provider.updated_by ?? "Somebody"} saved version {provider.version} meanwhile.{" "}
          <button
            type="button"
            className="min-h-6 rounded-sm font-semibold text-primary underline-offset-2 hover:underline"
            onClick={() => takeOver(provider)}
          >
            Drop your changes and show it
          </button>
        </Note>
      )}
      {attempt.failure !== undefined && <FailedState what="It was not saved" error={attempt.failure} />}
      <Editor
        draft={draft}
        onChange={setDraft}
        errors={stillRefused(attempt.errors, attempt.sent, { name: base?.name ?? name, definition: draft })}
        attempt={attempt.number}
        provider={base}
        naming={base ? undefined : { name, onName: setName, ...check }}
        dirty={isChanged}
      />
    </>
  );
}
