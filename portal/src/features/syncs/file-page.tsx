import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { FileDetail, SyncView } from "../../lib/contract.ts";
import { formatBytes, formatCount, unknown } from "../../lib/format.ts";
import { useForbidden, useWorkspace } from "../../lib/session.ts";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { DiagnosisCard } from "../../ui/diagnosis-card.tsx";
import { Bytes, Time } from "../../ui/figures.tsx";
import { Link, OutsideLink } from "../../ui/link.tsx";
import { PageHead } from "../../ui/page-head.tsx";
import { Skeleton } from "../../ui/skeleton.tsx";
import { FailedState } from "../../ui/states.tsx";
import { StatusBadge } from "../../ui/status-badge.tsx";
import { toast, toastError } from "../../ui/toast.tsx";
import { fileQuery, syncQuery, useSyncActions } from "./api.ts";
import { SyncsCrumb } from "./sync-page.tsx";
import { destinationText, partLabel, stateOf } from "./words.ts";

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
      />
      <FileDiagnosis file={data} />
      <div className="grid items-start gap-4 xl:grid-cols-2">
        <MetadataCard file={data} />
        <ObjectCard file={data} sync={sync.data} />
        <FactsCard file={data} />
      </div>
    </>
  );
}

function FileDiagnosis({ file }: { file: FileDetail }) {
  const workspace = useWorkspace();
  const forbidden = useForbidden("member");
  const actions = useSyncActions(workspace.id);
  if (file.held) {
    return (
      <DiagnosisCard
        status="held"
        what="This file is gone at the source"
        effect="It is one of many, so its copy is kept until a person decides at the sync."
      />
    );
  }
  if (file.state !== "failed") return null;
  const retry = async () => {
    try {
      await actions.retry(file.sync_id, [file.id]);
      toast(`${file.name} will be tried again.`);
    } catch (error) {
      toastError("The retry could not be started", error);
    }
  };
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
          {file.attempts === 1 ? "Tried once." : `Tried ${formatCount(file.attempts)} times.`} Only this file waits.
        </>
      }
      action={
        <Button kind="primary" disabled={forbidden} onClick={() => void retry()}>
          Retry this file
        </Button>
      }
      details={file.failure && <span>Kind: {file.failure.kind}</span>}
    />
  );
}

function MetadataCard({ file }: { file: FileDetail }) {
  const from = new Map(file.metadata_from.map((one) => [one.part, one]));
  const entries = Object.entries(file.metadata);
  return (
    <Card title="Metadata" note="and the rule behind each value">
      {entries.length === 0 ? (
        <p className="px-4 py-3 text-muted">No rule matches this file's path.</p>
      ) : (
        <Facts
          rows={entries.map(([part, value]) => {
            const rule = from.get(part);
            return [
              partLabel(part),
              <span key={part}>
                <span className="font-medium">{value}</span>
                {rule && (
                  <span className="block text-xs text-muted wrap-anywhere">
                    rule {rule.rule + 1}: <code>{rule.pattern}</code>
                  </span>
                )}
              </span>,
            ];
          })}
        />
      )}
    </Card>
  );
}

function ObjectCard({ file, sync }: { file: FileDetail; sync: SyncView | undefined }) {
  const { object } = file;
  const where = sync ? destinationText(sync.destination).title : "the destination";
  return (
    <Card title="Copy">
      {object ? (
        <Facts
          rows={[
            ["Where", where],
            [
              "Key",
              <code key="key" className="text-xs select-all">
                {object.key}
              </code>,
            ],
            ["Size", <Bytes key="size" value={object.size} />],
            [
              "SHA-256",
              <code key="sha" className="text-xs select-all">
                {object.sha256}
              </code>,
            ],
            ["Stored", <Time key="stored" at={object.stored_at} />],
          ]}
        />
      ) : (
        <p className="px-4 py-3 text-muted">
          {sync?.destination.kind === "none"
            ? "This sync keeps metadata only: no copy is made."
            : `No copy yet. ${file.reason ?? ""}`}
        </p>
      )}
    </Card>
  );
}

function FactsCard({ file }: { file: FileDetail }) {
  return (
    <Card title="At the source" className="xl:col-span-2">
      <Facts
        rows={[
          ["Folder", file.folder || "/"],
          ["Type", file.media_type ?? unknown],
          ["Size", <Bytes key="size" value={file.size} />],
          ["Created", <Time key="created" at={file.created_at} />],
          ["Modified", <Time key="modified" at={file.modified_at} />],
          ["First seen", <Time key="seen" at={file.first_seen_at} />],
          ...(file.removed_at ? [["Gone since", <Time key="removed" at={file.removed_at} />] satisfies Row] : []),
          ...(file.reason ? [["Why it is so", file.reason] satisfies Row] : []),
          [
            "Link",
            file.link ? (
              <OutsideLink key="link" href={file.link}>
                Open at the source
              </OutsideLink>
            ) : (
              unknown
            ),
          ],
          [
            "Version",
            <code key="version" className="text-xs">
              {file.version}
            </code>,
          ],
          [
            "Id at the source",
            <code key="id" className="text-xs select-all">
              {file.remote_id}
            </code>,
          ],
        ]}
      />
    </Card>
  );
}

type Row = [string, ReactNode];

function Facts({ rows }: { rows: readonly Row[] }) {
  return (
    <dl className="grid grid-cols-[140px_minmax(0,1fr)] gap-x-4 gap-y-1.5 px-4 py-3 max-md:grid-cols-1 max-md:gap-y-0.5">
      {rows.map(([label, value]) => (
        <div key={label} className="contents">
          <dt className="text-muted">{label}</dt>
          <dd className="wrap-anywhere max-md:mb-1.5">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
