import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { ExternalLink } from "lucide-react";
import { useState } from "react";
import type { FileDetail } from "../../lib/contract.ts";
import { formatBytes, formatCount } from "../../lib/format.ts";
import { pageAddress } from "../../lib/page-address.ts";
import { useForbidden, useWorkspace } from "../../lib/session.ts";
import { Button, ButtonHref, ButtonLink } from "../../ui/button.tsx";
import { DiagnosisCard } from "../../ui/diagnosis-card.tsx";
import { Time } from "../../ui/figures.tsx";
import { Link } from "../../ui/link.tsx";
import { PageHead } from "../../ui/page-head.tsx";
import { Skeleton } from "../../ui/skeleton.tsx";
import { FailedState } from "../../ui/states.tsx";
import { StatusBadge } from "../../ui/status-badge.tsx";
import { toast, toastError } from "../../ui/toast.tsx";
import { fileQuery, syncQuery, useSyncActions } from "./api.ts";
import { CopyCard, MetadataCard, SourceCard } from "./file-cards.tsx";
import { FileHistory } from "./file-history.tsx";
import { HandoffCard } from "./handoff-card.tsx";
import { MendConnection } from "./mend-button.tsx";
import { remedyOf } from "./remedies.ts";
import { SyncsCrumb } from "./sync-page.tsx";
import { stateOf } from "./words.ts";

export function FilePage() {
  const workspace = useWorkspace();
  const { sync: syncId = "", file: id = "" } = useParams({ strict: false });
  const { data, error, refetch } = useQuery(fileQuery(workspace.id, syncId, id));
  const sync = useQuery(syncQuery(workspace.id, syncId));
  const crumbs = [
    <SyncsCrumb key="syncs" />,
    <Link key="sync" kind="quiet" to="/w/$workspace/syncs/$sync" params={{ workspace: workspace.slug, sync: syncId }}>
      {sync.data?.name ?? "Sync"}
    </Link>,
  ];
  if (!data) {
    return (
      <>
        <PageHead title="File" crumbs={crumbs} />
        {error ? (
          <FailedState what="The file could not be loaded" error={error} onRetry={refetch} />
        ) : (
          <Skeleton className="h-60" />
        )}
      </>
    );
  }
  const address = pageAddress(data.link);
  return (
    <>
      <PageHead
        title={data.name}
        crumbs={crumbs}
        status={<StatusBadge {...stateOf(data)} look="pill" />}
        facts={
          <>
            <span className="wrap-anywhere">{data.folder || "/"}</span> · {formatBytes(data.size)} · changed{" "}
            <Time at={data.changed_at} />
          </>
        }
        actions={
          address && (
            <ButtonHref href={address} target="_blank" rel="noopener noreferrer" icon={ExternalLink}>
              Open at the source
            </ButtonHref>
          )
        }
      />
      <FileDiagnosis file={data} connection={sync.data?.connection.id} />
      <div className="grid grid-cols-1 items-start gap-4 xl:grid-cols-2">
        <div className="grid grid-cols-1 gap-4">
          <CopyCard file={data} sync={sync.data} />
          <HandoffCard file={data} />
          <MetadataCard file={data} />
        </div>
        <SourceCard file={data} />
      </div>
      <FileHistory sync={syncId} file={data.id} />
    </>
  );
}

interface FileDiagnosisProps {
  file: FileDetail;
  /** Known once the sync is. */
  connection: string | undefined;
}

function FileDiagnosis({ file, connection }: FileDiagnosisProps) {
  const workspace = useWorkspace();
  if (file.held) {
    return (
      <DiagnosisCard
        status="held"
        what="This file is gone at the source"
        effect="It is one of many, so its copy is kept until a person decides at the sync."
        action={
          <ButtonLink
            kind="primary"
            to="/w/$workspace/syncs/$sync"
            params={{ workspace: workspace.slug, sync: file.sync_id }}
          >
            Decide at the sync
          </ButtonLink>
        }
      />
    );
  }
  if (file.state !== "failed") return null;
  const { act, turn } = remedyOf(file.failure?.kind);
  return (
    <DiagnosisCard
      status="failed"
      what={file.failure?.message ?? "It failed without saying why"}
      effect={
        <>
          {file.failure?.at && (
            <>
              Since <Time at={file.failure.at} as="clock" />.{" "}
            </>
          )}
          {file.attempts === 1 ? "Tried once." : `Tried ${formatCount(file.attempts)} times.`} Only this file waits.{" "}
          {turn}
        </>
      }
      action={
        act === "mend_connection" && connection ? (
          <MendConnection connection={connection} kind="primary" />
        ) : (
          <RetryFile file={file} waits={act === "wait"} />
        )
      }
      details={file.failure && <span>Kind: {file.failure.kind}</span>}
    />
  );
}

/** `waits`: it goes on by itself, so that the button is for whoever does not want to. */
function RetryFile({ file, waits }: { file: FileDetail; waits: boolean }) {
  const workspace = useWorkspace();
  const forbidden = useForbidden("member");
  const actions = useSyncActions(workspace.id);
  const [busy, setBusy] = useState(false);
  const retry = async () => {
    setBusy(true);
    try {
      await actions.retry(file.sync_id, [file.id]);
      toast(`${file.name} will be tried again.`);
    } catch (error) {
      toastError("The retry could not be started", error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button kind={waits ? "plain" : "primary"} busy={busy} disabled={forbidden} onClick={() => void retry()}>
      Retry this file
    </Button>
  );
}
