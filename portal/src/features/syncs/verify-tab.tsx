import { useQuery } from "@tanstack/react-query";
import { ScanSearch } from "lucide-react";
import { useState } from "react";
import type { Difference, SyncView, Verification } from "../../lib/contract.ts";
import { formatAmount, formatCount } from "../../lib/format.ts";
import { useForbidden, useWorkspace } from "../../lib/session.ts";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { DiagnosisCard } from "../../ui/diagnosis-card.tsx";
import { Time } from "../../ui/figures.tsx";
import { ProgressBar } from "../../ui/progress-bar.tsx";
import { SkeletonRows } from "../../ui/skeleton.tsx";
import { EmptyState, FailedState } from "../../ui/states.tsx";
import { toast, toastError } from "../../ui/toast.tsx";
import { Checkbox } from "../../ui/toggle.tsx";
import { useSyncActions, verificationQuery } from "./api.ts";
import { MendRun } from "./mend-button.tsx";
import { remedyOf } from "./remedies.ts";
import { VerifyDifferences } from "./verify-differences.tsx";
import { isUrgent } from "./words.ts";

const isOpen = ({ state }: Verification) => state === "queued" || state === "running";

/** Holds what is here against what is there, entry by entry, and says what is not the same. */
export function VerifyTab({ sync }: { sync: SyncView }) {
  const workspace = useWorkspace();
  const { data, error, refetch } = useQuery(verificationQuery(workspace.id, sync.id));
  if (error && !data) {
    return <FailedState what="The latest verification could not be loaded" error={error} onRetry={refetch} />;
  }
  if (!data) return <SkeletonRows label="Loading the latest verification" rows={4} />;
  const { latest } = data;
  return (
    <div className="grid grid-cols-1 gap-4">
      {latest === null ? (
        <EmptyState icon={ScanSearch} title="Never verified yet" action={<Begin sync={sync} open={false} first />}>
          Hawser lists the source anew, asks for each thing that seems different by itself, and shows what is not the
          same here as there. Nothing is changed.
        </EmptyState>
      ) : (
        <>
          <Result sync={sync} found={latest} />
          <Begin sync={sync} open={isOpen(latest)} first={false} />
          <VerifyDifferences sync={sync} found={latest} />
        </>
      )}
    </div>
  );
}

function Begin({ sync, open, first }: { sync: SyncView; open: boolean; first: boolean }) {
  const workspace = useWorkspace();
  const forbidden = useForbidden("member");
  const actions = useSyncActions(workspace.id);
  const [bytes, setBytes] = useState(false);
  const [busy, setBusy] = useState(false);
  const begin = async () => {
    setBusy(true);
    try {
      await actions.verify(sync.id, bytes);
    } catch (failure) {
      toastError("The verification could not be begun", failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2 text-left">
      <Button
        kind={first && !isUrgent(sync) ? "primary" : "plain"}
        icon={ScanSearch}
        busy={busy}
        disabled={forbidden ?? (open && "It is being verified already.")}
        onClick={() => void begin()}
      >
        {first ? "Verify now" : "Verify again"}
      </Button>
      {sync.destination.kind !== "none" && (
        <Checkbox checked={bytes} onChange={setBytes} disabled={Boolean(forbidden)}>
          Read the stored copies again, too <span className="text-muted">(takes as long as copying them)</span>
        </Checkbox>
      )}
    </div>
  );
}

function Result({ sync, found }: { sync: SyncView; found: Verification }) {
  if (isOpen(found)) return <Looking sync={sync} found={found} />;
  if (found.state === "failed") {
    return (
      <DiagnosisCard
        status="failed"
        what={found.failure?.message ?? "It could not be verified"}
        effect={
          <>
            <Time at={found.finished_at} as="clock" />. Nothing is known of what is different.{" "}
            {remedyOf(found.failure?.kind).turn}
          </>
        }
        action={
          remedyOf(found.failure?.kind).act === "again" || remedyOf(found.failure?.kind).act === "wait" ? undefined : (
            <MendRun sync={sync} failure={found.failure?.kind} />
          )
        }
        details={found.failure && <span>Kind: {found.failure.kind}</span>}
      />
    );
  }
  const looked = (
    <>
      {formatAmount(found.checked, "file or folder", "files and folders")} looked at,{" "}
      <Time at={found.finished_at} as="clock" />.
    </>
  );
  if (found.different === 0) {
    return (
      <DiagnosisCard status="active" label="Verified" what="Everything here is as at the source." effect={looked} />
    );
  }
  return (
    <DiagnosisCard
      status="done_with_failures"
      label="Verified"
      what={`${formatAmount(found.different, "difference")} between here and the source`}
      effect={
        <>
          {looked} {nextWords(found.differences)}
        </>
      }
      action={<Mend sync={sync} differences={found.differences} />}
    />
  );
}

const isLost = ({ kind, file_id }: Difference) => kind === "bytes_missing" && file_id !== null;

const nextWords = (differences: readonly Difference[]): string =>
  differences.some(isLost)
    ? "Copies that are lost or spoiled can be made anew; the rest is for the next run."
    : "The next run brings it in line.";

/** A run brings in line what the source has; only what was lost at the destination has to be copied by name. */
function Mend({ sync, differences }: { sync: SyncView; differences: readonly Difference[] }) {
  const workspace = useWorkspace();
  const forbidden = useForbidden("member");
  const actions = useSyncActions(workspace.id);
  const lost = differences.filter(isLost).flatMap(({ file_id }) => file_id ?? []);
  const open = sync.open_run !== null && "A run is open already.";
  const attempt = (work: () => Promise<unknown>, done: string) =>
    work()
      .then(() => toast(done))
      .catch((error: unknown) => toastError("The run could not be started", error));
  if (lost.length > 0) {
    return (
      <Button
        kind={isUrgent(sync) ? "plain" : "primary"}
        disabled={forbidden ?? open}
        onClick={() =>
          void attempt(
            () => actions.retry(sync.id, lost.slice(0, 1000)),
            `${formatAmount(lost.length, "file")} will be copied anew.`,
          )
        }
      >
        Copy {formatAmount(lost.length, "file")} anew
      </Button>
    );
  }
  return (
    <Button
      kind={isUrgent(sync) ? "plain" : "primary"}
      disabled={forbidden ?? open}
      onClick={() => void attempt(() => actions.run(sync.id), "The run has begun. Verify again when it has ended.")}
    >
      Run now
    </Button>
  );
}

function Looking({ sync, found }: { sync: SyncView; found: Verification }) {
  const all = sync.totals.files;
  return (
    <Card>
      <div role="status" className="grid gap-2 px-4 py-3">
        <p className="font-semibold">
          {found.state === "queued" ? "Waits for a free place" : `${formatCount(found.checked)} looked at so far`}
        </p>
        <ProgressBar
          label="Files and folders looked at"
          {...(found.state === "running" && all > 0 ? { value: Math.min(0.99, found.checked / all) } : {})}
        />
        <p className="text-xs text-muted">It goes on also when you leave this page.</p>
      </div>
    </Card>
  );
}
