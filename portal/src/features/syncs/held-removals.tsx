import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { SyncView } from "../../lib/contract.ts";
import { formatAmount, formatCount, formatShare } from "../../lib/format.ts";
import { useSearchState } from "../../lib/search-state.ts";
import { useForbidden, useWorkspace } from "../../lib/session.ts";
import { Button } from "../../ui/button.tsx";
import { DiagnosisCard } from "../../ui/diagnosis-card.tsx";
import { ConfirmDialog, Dialog } from "../../ui/dialog.tsx";
import { Time } from "../../ui/figures.tsx";
import { SkeletonRows } from "../../ui/skeleton.tsx";
import { FailedState } from "../../ui/states.tsx";
import { toast, toastError } from "../../ui/toast.tsx";
import { fileListQuery, useSyncActions } from "./api.ts";

type Held = NonNullable<SyncView["held_removals"]>;

/** Many files are gone at the source at once: nothing is removed until a person has looked (SR-89). */
export function HeldRemovals({ sync, held }: { sync: SyncView; held: Held }) {
  const workspace = useWorkspace();
  const forbidden = useForbidden("member");
  const actions = useSyncActions(workspace.id);
  const [layer, setLayer] = useSearchState("layer");
  const [busy, setBusy] = useState(false);

  const keep = async () => {
    setBusy(true);
    try {
      await actions.decide(sync.id, "keep");
      setLayer("");
      toast(
        `${formatAmount(held.files, "file")} ${held.files === 1 ? "stays" : "stay"} at the destination, marked as gone at the source.`,
      );
    } catch (error) {
      toastError("The decision could not be saved", error);
    } finally {
      setBusy(false);
    }
  };
  const buttons = (
    <>
      <Button busy={busy} disabled={forbidden} onClick={() => void keep()}>
        Keep the files
      </Button>
      <Button kind="danger" disabled={forbidden} onClick={() => setLayer("approve")}>
        Approve {formatAmount(held.files, "removal")}
      </Button>
    </>
  );

  return (
    <>
      <DiagnosisCard
        status="held"
        what={`${formatCount(held.files)} of ${formatAmount(held.of, "file")} ${held.files === 1 ? "is" : "are"} gone at the source`}
        effect={
          <>
            We keep them until you decide. Found <Time at={held.since} as="clock" />; a folder that was moved away or a
            disk that is not mounted looks like this too.
          </>
        }
        action={
          <Button kind="primary" onClick={() => setLayer("held")}>
            Look at the list
          </Button>
        }
      />
      <Dialog
        wide
        open={layer === "held"}
        onOpenChange={(open) => setLayer(open ? "held" : "")}
        title={`${formatAmount(held.files, "file")} gone at the source`}
        description={`That is ${formatShare(held.of > 0 ? held.files / held.of : null)} of this sync. Nothing has been removed here.`}
        footer={buttons}
      >
        <HeldList sync={sync.id} />
      </Dialog>
      <ConfirmDialog
        open={layer === "approve"}
        onOpenChange={(open) => setLayer(open ? "approve" : "")}
        title={`${removes(sync) ? "Remove" : "Take for gone:"} ${formatAmount(held.files, "file")} of “${sync.name}”?`}
        verb={`Approve ${formatAmount(held.files, "removal")}`}
        typeToConfirm={sync.name}
        onConfirm={async () => {
          await actions.decide(sync.id, "approve");
          toast(`${formatAmount(held.files, "removal")} approved.`);
        }}
      >
        {removes(sync) ? (
          <>
            They leave the destination and lie in its folder <code>.hawser/removed</code> for 30 days.
          </>
        ) : (
          <>Their copies stay where they are, as this sync is set to.</>
        )}{" "}
        At the source nothing changes.
      </ConfirmDialog>
    </>
  );
}

/** Whether what is approved leaves the destination. */
const removes = ({ on_delete, destination }: SyncView): boolean =>
  on_delete === "remove" && destination.kind !== "none";

function HeldList({ sync }: { sync: string }) {
  const workspace = useWorkspace();
  const list = useInfiniteQuery(fileListQuery(workspace.id, sync, { state: "held", sort: "name" }));
  if (list.error) return <FailedState what="The list could not be loaded" error={list.error} onRetry={list.refetch} />;
  if (list.isPending) return <SkeletonRows label="Loading the list" rows={6} />;
  const files = list.data.pages.flatMap((page) => page.items);
  return (
    <>
      <ul className="rounded-md border border-border">
        {files.map((file) => (
          <li key={file.id} className="border-b border-border px-3 py-1.5 last:border-b-0">
            <p className="truncate font-medium" title={file.name}>
              {file.name}
            </p>
            <p className="truncate text-xs text-muted" title={file.folder}>
              {file.folder}
            </p>
          </li>
        ))}
      </ul>
      {list.hasNextPage && (
        <div className="flex justify-center pt-2">
          <Button kind="quiet" busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            Show more
          </Button>
        </div>
      )}
    </>
  );
}
