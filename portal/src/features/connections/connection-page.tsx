import { useQuery } from "@tanstack/react-query";
import { useParams, useSearch } from "@tanstack/react-router";
import { FolderSync } from "lucide-react";
import { useState } from "react";
import type { CheckResult, ConnectionView, ProviderView } from "../../lib/contract.ts";
import { formatAmount } from "../../lib/format.ts";
import { useForbidden, useWorkspace } from "../../lib/session.ts";
import { Button, ButtonLink } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { CheckResultLine } from "../../ui/check-result.tsx";
import { DiagnosisCard } from "../../ui/diagnosis-card.tsx";
import { Time } from "../../ui/figures.tsx";
import { GuardedLink } from "../../ui/guarded-link.tsx";
import { Link } from "../../ui/link.tsx";
import { PageHead } from "../../ui/page-head.tsx";
import { Skeleton, SkeletonRows } from "../../ui/skeleton.tsx";
import { EmptyState, FailedState } from "../../ui/states.tsx";
import { StatusBadge } from "../../ui/status-badge.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { toastError } from "../../ui/toast.tsx";
import { catalogQuery, connectionQuery, useConnectionActions, usedByQuery } from "./api.ts";
import { ConnectionSettings } from "./connection-settings.tsx";
import { connectionStatuses } from "./words.ts";

export function ConnectionPage() {
  const workspace = useWorkspace();
  const { connection: id = "" } = useParams({ strict: false });
  const { data, error, refetch } = useQuery(connectionQuery(workspace.id, id));
  const catalog = useQuery(catalogQuery(workspace.id));
  const provider = catalog.data?.items.find((one) => one.key === data?.provider);
  if (data) return <Loaded connection={data} provider={provider} />;
  return (
    <>
      <PageHead title="Connection" crumbs={[crumb(workspace.slug)]} />
      {error ? (
        <FailedState what="The connection could not be loaded" error={error} onRetry={refetch} />
      ) : (
        <div role="status" aria-label="Loading the connection" className="grid gap-4">
          <Skeleton className="h-32" />
          <SkeletonRows rows={4} />
        </div>
      )}
    </>
  );
}

const crumb = (slug: string) => (
  <Link key="connections" kind="quiet" to="/w/$workspace/connections" params={{ workspace: slug }}>
    Connections
  </Link>
);

function Loaded({ connection, provider }: { connection: ConnectionView; provider: ProviderView | undefined }) {
  const workspace = useWorkspace();
  const forbidden = useForbidden("member");
  const actions = useConnectionActions(workspace.id);
  const [busy, setBusy] = useState(false);
  const [result, setResult] = useState<CheckResult>();
  const { tab } = useSearch({ strict: false });
  const broken = connection.status === "error" || connection.status === "needs_authorization";

  const test = async () => {
    setBusy(true);
    try {
      setResult(await actions.test(connection.id));
    } catch (error) {
      toastError("The test could not be made", error);
    } finally {
      setBusy(false);
    }
  };

  return (
    <>
      <PageHead
        title={connection.name}
        crumbs={[crumb(workspace.slug)]}
        status={<StatusBadge {...connectionStatuses[connection.status]} look="pill" />}
        facts={
          <>
            {provider?.name ?? connection.provider} · used by {formatAmount(connection.used_by.syncs, "sync")}, last{" "}
            {connection.last_used_at ? <Time at={connection.last_used_at} /> : "never"} · connected{" "}
            <Time at={connection.created_at} />
            {connection.created_by && ` by ${connection.created_by}`}
          </>
        }
        actions={
          <GuardedLink forbidden={forbidden} icon={FolderSync} text="Create a sync">
            <ButtonLink
              icon={FolderSync}
              kind={broken || tab === "settings" ? "plain" : "primary"}
              to="/w/$workspace/syncs/new"
              params={{ workspace: workspace.slug }}
              search={{ connection: connection.id }}
            >
              Create a sync
            </ButtonLink>
          </GuardedLink>
        }
      />
      {broken && (
        <DiagnosisCard
          status={connection.status === "error" ? "failed" : "needs_authorization"}
          what={connection.failure?.message ?? "The last check of this connection failed."}
          effect={
            <>
              {connection.failure?.at && (
                <>
                  Since <Time at={connection.failure.at} as="clock" />.{" "}
                </>
              )}
              {connection.used_by.syncs === 0
                ? "Nothing uses it yet."
                : `${formatAmount(connection.used_by.syncs, "sync")} ${connection.used_by.syncs === 1 ? "waits" : "wait"}; nothing is lost.`}{" "}
              It is your turn: put it right, then test it.
            </>
          }
          action={
            <Button kind="primary" busy={busy} disabled={forbidden} onClick={() => void test()}>
              Test again
            </Button>
          }
        />
      )}
      <Card title="Account" action={<TestButton broken={broken} busy={busy} forbidden={forbidden} onTest={test} />}>
        <div className="grid gap-3 px-4 py-3">
          <dl className="grid grid-cols-[140px_1fr] gap-x-4 gap-y-1.5 max-md:grid-cols-1 max-md:gap-y-0.5">
            <dt className="text-muted">Account</dt>
            <dd className="wrap-anywhere">{connection.account?.label ?? "not known until a test passes"}</dd>
            <dt className="text-muted">Checked</dt>
            <dd>{connection.checked_at ? <Time at={connection.checked_at} /> : "never"}</dd>
            <dt className="text-muted">Data goes to</dt>
            <dd className="wrap-anywhere">{receiversOf(provider)}</dd>
          </dl>
          {result && (
            <CheckResultLine ok={result.ok} tookMs={result.took_ms}>
              {result.ok
                ? `It works${result.account ? `: ${result.account.label}` : ""}.`
                : (result.failure?.message ?? "It does not work, and the provider did not say why.")}
            </CheckResultLine>
          )}
        </div>
      </Card>
      <Tabs
        label="Parts of the connection"
        tabs={[
          {
            key: "uses",
            label: "Uses",
            count: connection.used_by.syncs,
            content: () => <Uses connection={connection} />,
          },
          {
            key: "settings",
            label: "Settings",
            content: () => (
              <ConnectionSettings key={connection.updated_at} connection={connection} provider={provider} />
            ),
          },
        ]}
      />
    </>
  );
}

const receiversOf = (provider: ProviderView | undefined) => {
  if (!provider) return "—";
  return provider.addresses.length === 0
    ? "no other host; everything stays on this machine"
    : provider.addresses.join(", ");
};

interface TestButtonProps {
  broken: boolean;
  busy: boolean;
  forbidden: string | undefined;
  onTest: () => Promise<void>;
}

/** Left out where the diagnosis above has the same button. */
function TestButton({ broken, busy, forbidden, onTest }: TestButtonProps) {
  if (broken) return null;
  return (
    <Button busy={busy} disabled={forbidden} onClick={() => void onTest()}>
      Test
    </Button>
  );
}

function Uses({ connection }: { connection: ConnectionView }) {
  const workspace = useWorkspace();
  const { data, error, refetch } = useQuery(usedByQuery(workspace.id, connection.id));
  if (error && !data)
    return <FailedState what="The syncs of this connection could not be loaded" error={error} onRetry={refetch} />;
  if (!data) return <SkeletonRows rows={3} label="Loading the syncs" />;
  if (data.items.length === 0) {
    return (
      <EmptyState title="Nothing uses this connection yet">
        A sync keeps chosen folders of it the same here as at the source.
      </EmptyState>
    );
  }
  return (
    <ul className="rounded-lg border border-border bg-card">
      {data.items.map((sync) => (
        <li
          key={sync.id}
          className="grid min-h-9 grid-cols-[minmax(0,1fr)_auto_160px] items-center gap-x-4 max-md:grid-cols-[minmax(0,1fr)_auto] border-b border-border px-4 py-1.5 last:border-b-0"
        >
          <Link
            kind="thing"
            className="truncate"
            to="/w/$workspace/syncs/$sync"
            params={{ workspace: workspace.slug, sync: sync.id }}
          >
            {sync.name}
          </Link>
          <span className="text-muted max-md:hidden">{formatAmount(sync.totals.files, "file")}</span>
          <StatusBadge status={sync.status} {...(sync.status === "active" ? { label: "In order" } : {})} />
        </li>
      ))}
    </ul>
  );
}
