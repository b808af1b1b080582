import { useSearch } from "@tanstack/react-router";
import type { SyncView } from "../../lib/contract.ts";
import { formatAmount } from "../../lib/format.ts";
import { useWorkspace } from "../../lib/session.ts";
import { ButtonLink } from "../../ui/button.tsx";
import { DiagnosisCard } from "../../ui/diagnosis-card.tsx";
import { Time } from "../../ui/figures.tsx";
import { MendConnection, MendRun, ResumeNow } from "./mend-button.tsx";
import { remedyOf } from "./remedies.ts";
import { restInOrderWords, restsWords, statusOf } from "./words.ts";

function connectionWords(status: string): string {
  if (status === "needs_authorization") return "is no longer signed in";
  return status === "inactive" ? "is not connected" : "does not work";
}

/** What is wrong with a sync, if anything: one card, the most urgent cause first. */
export function SyncDiagnosis({ sync }: { sync: SyncView }) {
  const { slug } = useWorkspace();
  const { tab } = useSearch({ strict: false });
  const { connection, last_run: last } = sync;
  const params = { workspace: slug, sync: sync.id };
  // While a run is on, its figures speak; a failure of an earlier one is history.
  const failed = sync.open_run === null && last?.status === "failed" ? last : undefined;

  if (connection.status !== "active") {
    const lost = connection.status !== "error";
    return (
      <DiagnosisCard
        status={lost ? "needs_authorization" : "failed"}
        {...(connection.status === "inactive" ? { label: "Not connected" } : {})}
        what={`“${connection.name}” ${connectionWords(connection.status)}`}
        effect={`This sync reads from it and waits; nothing is lost. ${last?.failure?.message ?? ""}`}
        action={<MendConnection connection={connection.id} kind={sync.held_removals ? "plain" : "primary"} />}
      />
    );
  }
  const { open_run: open } = sync;
  if (open?.status === "paused" && open.failure) {
    return (
      <DiagnosisCard
        status="failed"
        label="Destination"
        what={open.failure.message}
        effect={
          <>
            Since <Time at={open.failure.at} as="clock" />. {restsWords(open.counts.remaining)}{" "}
            {remedyOf(open.failure.kind).turn}
          </>
        }
        action={<ResumeNow sync={sync} kind={sync.held_removals ? "plain" : "primary"} />}
        details={<span>Kind: {open.failure.kind}</span>}
      />
    );
  }
  if (failed) {
    return (
      <DiagnosisCard
        status="failed"
        what={failed.failure?.message ?? "The last run failed"}
        effect={
          <>
            <Time at={failed.finished_at} as="clock" />. What was stored stays, the next run goes on from there.{" "}
            {sync.next_run_at && sync.enabled ? (
              <>
                Hawser tries again at <Time at={sync.next_run_at} as="clock" />.
              </>
            ) : (
              remedyOf(failed.failure?.kind).turn
            )}
          </>
        }
        action={<MendRun sync={sync} failure={failed.failure?.kind} kind={sync.held_removals ? "plain" : "primary"} />}
        details={failed.failure && <span>Kind: {failed.failure.kind}</span>}
      />
    );
  }
  if (sync.schedule_failure) {
    return (
      <DiagnosisCard
        status="failed"
        label="Schedule"
        what={sync.schedule_failure}
        effect="Nothing runs by itself until the schedule is put right. Running by hand works."
        action={
          <ButtonLink kind="primary" to="/w/$workspace/syncs/$sync" params={params} search={{ tab: "settings" }}>
            Change the schedule
          </ButtonLink>
        }
      />
    );
  }
  // On the tab that lists the causes this card would only repeat it.
  const unlisted = last?.counts.folders_failed ?? 0;
  if (statusOf(sync) === "done_with_failures" && sync.totals.failed + unlisted > 0 && tab !== "problems") {
    return (
      <DiagnosisCard
        status="done_with_failures"
        what={
          sync.totals.failed > 0
            ? `${formatAmount(sync.totals.failed, "file")} could not be brought over`
            : `${formatAmount(unlisted, "folder")} could not be listed`
        }
        effect={`${restInOrderWords({ files: sync.totals.failed, folders: unlisted })} Each cause is listed with what to do about it.`}
        action={
          <ButtonLink
            kind={sync.held_removals ? "plain" : "primary"}
            to="/w/$workspace/syncs/$sync"
            params={params}
            search={{ tab: "problems" }}
          >
            Look at the causes
          </ButtonLink>
        }
      />
    );
  }
  return null;
}
