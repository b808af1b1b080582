import { useQuery } from "@tanstack/react-query";
import { useParams, useSearch } from "@tanstack/react-router";
import { FolderSync } from "lucide-react";
import { useState } from "react";
import { staysHere, useProviderOf } from "../../lib/catalog.ts";
import type { CheckResult, ConnectionView, ProviderView } from "../../lib/contract.ts";
import { formatAmount } from "../../lib/format.ts";
import { useSearchState } from "../../lib/search-state.ts";
import { useForbidden, useWorkspace } from "../../lib/session.ts";
import { Badge } from "../../ui/badge.tsx";
import { ButtonLink } from "../../ui/button.tsx";
import { Console } from "../../ui/console/console.tsx";
import { Time } from "../../ui/figures.tsx";
import { GuardedLink } from "../../ui/guarded-link.tsx";
import { Link, OutsideLink } from "../../ui/link.tsx";
import { PageHead } from "../../ui/page-head.tsx";
import { Skeleton, SkeletonRows } from "../../ui/skeleton.tsx";
import { FailedState } from "../../ui/states.tsx";
import { StatusBadge } from "../../ui/status-badge.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { toastError } from "../../ui/toast.tsx";
import { AccountCard } from "./account-card.tsx";
import { connectionQuery, useConnectionActions } from "./api.ts";
import { AppSheet } from "./app-sheet.tsx";
import { ConnectionDiagnosis } from "./connection-diagnosis.tsx";
import { ConnectionSettings } from "./connection-settings.tsx";
import { CredentialSheet } from "./credential-sheet.tsx";
import { HealthTab } from "./health-tab.tsx";
import { OutcomeCard, useOutcome } from "./outcome-card.tsx";
import { ResultAddress } from "./result-address.tsx";
import { UsesTab } from "./uses-tab.tsx";
import { connectionStatuses, endsSoon } from "./words.ts";

export function ConnectionPage() {
  const workspace = useWorkspace();
  const { connection: id = "" } = useParams({ strict: false });
  const { data, error, refetch } = useQuery(connectionQuery(workspace.id, id));
  const { provider, sandboxAddress, isPending } = useProviderOf(workspace.id, data);
  // Which tabs there are is known only with the provider.
  if (data && !isPending)
    return <Loaded key={data.id} connection={data} provider={provider} sandboxAddress={sandboxAddress} />;
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

interface LoadedProps {
  connection: ConnectionView;
  provider: ProviderView | undefined;
  /** Where the pretend providers are played. */
  sandboxAddress: string | null;
}

function Loaded({ connection, provider, sandboxAddress }: LoadedProps) {
  const workspace = useWorkspace();
  const actions = useConnectionActions(workspace.id);
  const [outcome, forgetOutcome] = useOutcome();
  const [testing, setTesting] = useState(false);
  const [result, setResult] = useState<CheckResult>();
  const [sheet, setSheet] = useSearchState("sheet");
  const name = provider?.name ?? connection.provider;
  const hasFiles = provider?.parts.includes("files") ?? false;
  const takesDocuments = provider?.parts.includes("handoff") ?? false;
  const inOrder = connection.status === "active" && connection.mend === "none";
  // The outcome of a sign-in says the same as the diagnosis, and says it better.
  const told = outcome !== undefined && !(outcome === "connected" && !inOrder);

  const mendsFirst = !inOrder || endsSoon(connection) || (told && outcome !== "connected");
  // One filled button: the one that mends, else the one that goes on.
  const hasPrimary = mendsFirst || hasFiles;

  const test = async () => {
    setTesting(true);
    forgetOutcome();
    try {
      setResult(await actions.test(connection.id));
    } catch (error) {
      toastError("The test could not be made", error);
    } finally {
      setTesting(false);
    }
  };
  const mending = {
    testing,
    onTest: () => void test(),
    onEnterCredential: () => setSheet("credential"),
    onMendApp: () => setSheet("app"),
  };

  return (
    <>
      <PageHead
        title={connection.name}
        crumbs={[crumb(workspace.slug)]}
        status={
          <>
            <StatusBadge {...connectionStatuses[connection.status]} look="pill" />
            {connection.sandbox && <Badge tone="running">Sandbox</Badge>}
          </>
        }
        facts={
          <>
            {name} · used by {formatAmount(connection.used_by.syncs, "sync")}, last{" "}
            {connection.last_used_at ? <Time at={connection.last_used_at} /> : "never"} · made{" "}
            <Time at={connection.created_at} />
            {connection.created_by && ` by ${connection.created_by}`}
            {connection.sandbox && sandboxAddress && (
              <>
                {" · "}
                <OutsideLink href={sandboxAddress}>Play the provider</OutsideLink>
              </>
            )}
          </>
        }
        actions={hasFiles && <CreateSync connection={connection} primary={!mendsFirst && !told} />}
      />
      {outcome && told ? (
        <OutcomeCard
          outcome={outcome}
          connection={connection}
          providerName={name}
          scopes={provider?.sign_in.find((way) => way.type === connection.auth.type)?.scopes ?? []}
          hasFiles={hasFiles}
          onMendApp={mending.onMendApp}
        />
      ) : (
        <ConnectionDiagnosis connection={connection} providerName={name} {...mending} />
      )}
      <AccountCard
        connection={connection}
        provider={provider}
        result={result}
        testing={testing}
        onTest={isTestedAbove(connection, told) ? undefined : mending.onTest}
      />
      <Tabs
        label="Parts of the connection"
        tabs={[
          // A provider on this machine answers no requests, and one that takes documents takes nothing by hand.
          ...(provider && !staysHere(provider) && !takesDocuments
            ? [
                {
                  key: "try",
                  label: "Try it",
                  content: () => <Console connection={connection.id} quiet={hasPrimary} />,
                },
              ]
            : []),
          {
            key: "uses",
            label: "Uses",
            count: connection.used_by.syncs,
            content: () => <UsesTab connection={connection} />,
          },
          ...(takesDocuments
            ? [{ key: "results", label: "Results", content: () => <ResultAddress connection={connection} /> }]
            : []),
          { key: "health", label: "Health", content: () => <HealthTab connection={connection} /> },
          {
            key: "settings",
            label: "Settings",
            content: () => (
              <ConnectionSettings
                key={connection.updated_at}
                connection={connection}
                provider={provider}
                onEnterCredential={mending.onEnterCredential}
                onMendApp={mending.onMendApp}
              />
            ),
          },
        ]}
      />
      {provider && sheet === "credential" && (
        <CredentialSheet connection={connection} provider={provider} onClose={() => setSheet("")} />
      )}
      {provider && sheet === "app" && (
        <AppSheet connection={connection} provider={provider} onClose={() => setSheet("")} />
      )}
    </>
  );
}

/** The diagnosis has a test button of its own. */
const isTestedAbove = ({ status, mend }: ConnectionView, outcomeTold: boolean) =>
  !outcomeTold && (mend === "test" || mend === "wait" || (mend === "none" && status !== "active"));

function CreateSync({ connection, primary }: { connection: ConnectionView; primary: boolean }) {
  const workspace = useWorkspace();
  const forbidden = useForbidden("member");
  const { tab } = useSearch({ strict: false });
  return (
    <GuardedLink forbidden={forbidden} icon={FolderSync} text="Create a sync">
      <ButtonLink
        icon={FolderSync}
        kind={primary && tab !== "settings" ? "primary" : "plain"}
        to="/w/$workspace/syncs/new"
        params={{ workspace: workspace.slug }}
        search={{ connection: connection.id }}
      >
        Create a sync
      </ButtonLink>
    </GuardedLink>
  );
}
