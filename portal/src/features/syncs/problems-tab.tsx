import { useQuery } from "@tanstack/react-query";
import { CircleCheck } from "lucide-react";
import { useState } from "react";
import type { SyncView } from "../../lib/contract.ts";
import { formatAmount } from "../../lib/format.ts";
import { useForbidden, useWorkspace } from "../../lib/session.ts";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { DiagnosisRow } from "../../ui/diagnosis-card.tsx";
import { Time } from "../../ui/figures.tsx";
import { Link } from "../../ui/link.tsx";
import { SkeletonRows } from "../../ui/skeleton.tsx";
import { EmptyState, FailedState } from "../../ui/states.tsx";
import { toast, toastError } from "../../ui/toast.tsx";
import { failedFilesOf, problemsQuery, useSyncActions } from "./api.ts";
import { MendConnection, MendRun } from "./mend-button.tsx";
import { remedyOf } from "./remedies.ts";
import { statusOf } from "./words.ts";

/** Failed files by cause: what happened, to how many, and the button that tries them again. */
export function ProblemsTab({ sync }: { sync: SyncView }) {
  const workspace = useWorkspace();
  const forbidden = useForbidden("member");
  const actions = useSyncActions(workspace.id);
  const { data, error, refetch } = useQuery(problemsQuery(workspace.id, sync.id));
  const [busy, setBusy] = useState<number | "all">();
  const first = statusOf(sync) === "done_with_failures";

  const retry = async (place: number | "all", files: () => Promise<string[] | undefined>) => {
    setBusy(place);
    try {
      const chosen = await files();
      await actions.retry(sync.id, chosen);
      toast(
        chosen
          ? `${formatAmount(chosen.length, "file")} will be tried again.`
          : "All failed files will be tried again.",
      );
    } catch (failure) {
      toastError("The retry could not be started", failure);
    } finally {
      setBusy(undefined);
    }
  };

  if (error && !data) return <FailedState what="The problems could not be loaded" error={error} onRetry={refetch} />;
  if (!data) return <SkeletonRows label="Loading the problems" rows={4} />;
  if (data.items.length === 0) {
    return (
      <EmptyState icon={CircleCheck} title="No problems">
        Every file of this sync is where it should be, or on its way.
      </EmptyState>
    );
  }
  const triesAll = data.items.filter(({ files }) => files > 0).length > 1;
  return (
    <Card
      title={formatAmount(data.items.length, "cause")}
      note="what holds up most first"
      action={
        triesAll && (
          <Button
            kind={first ? "primary" : "plain"}
            busy={busy === "all"}
            disabled={forbidden}
            onClick={() => void retry("all", async () => undefined)}
          >
            Retry all
          </Button>
        )
      }
    >
      <ul>
        {data.items.map((problem, place) => (
          <DiagnosisRow
            key={`${problem.kind} ${problem.folders > 0} ${problem.message}`}
            status="failed"
            label={problem.folders > 0 ? formatAmount(problem.folders, "folder") : formatAmount(problem.files, "file")}
            what={problem.message}
            effect={
              <>
                {problem.since && (
                  <>
                    Since <Time at={problem.since} as="clock" />.{" "}
                  </>
                )}
                {remedyOf(problem.kind).turn}{" "}
                {problem.examples.slice(0, 3).map((file, index) => (
                  <span key={file.id}>
                    {index > 0 && ", "}
                    {problem.folders > 0 ? (
                      <span title={`${file.folder}/${file.name}`}>{file.name}</span>
                    ) : (
                      <Link
                        to="/w/$workspace/syncs/$sync/files/$file"
                        params={{ workspace: workspace.slug, sync: sync.id, file: file.id }}
                        title={`${file.folder}/${file.name}`}
                      >
                        {file.name}
                      </Link>
                    )}
                  </span>
                ))}
                {Math.max(problem.files, problem.folders) > 3 && " and more."}
              </>
            }
            action={
              remedyOf(problem.kind).act === "mend_connection" ? (
                <MendConnection
                  connection={sync.connection.id}
                  kind={first && !triesAll && place === 0 ? "primary" : "plain"}
                />
              ) : problem.folders > 0 ? (
                <MendRun
                  sync={sync}
                  failure={problem.kind}
                  kind={first && !triesAll && place === 0 ? "primary" : "plain"}
                />
              ) : (
                <Button
                  kind={first && !triesAll && place === 0 ? "primary" : "plain"}
                  busy={busy === place}
                  disabled={forbidden}
                  onClick={() =>
                    void retry(place, async () =>
                      (await failedFilesOf(workspace.id, sync.id, problem)).map((file) => file.id),
                    )
                  }
                >
                  Retry {formatAmount(Math.min(problem.files, 1000), "file")}
                </Button>
              )
            }
          />
        ))}
      </ul>
    </Card>
  );
}
