import { useNavigate, useSearch } from "@tanstack/react-router";
import { CircleSlash, Ellipsis, Pause, Play, Settings2, Trash2 } from "lucide-react";
import { useState } from "react";
import type { SyncView } from "../../lib/contract.ts";
import { useForbidden, useWorkspace } from "../../lib/session.ts";
import { Button, IconButton } from "../../ui/button.tsx";
import { Menu, MenuItem } from "../../ui/menu.tsx";
import { toast, toastError } from "../../ui/toast.tsx";
import { useSyncActions } from "./api.ts";
import { DeleteSyncDialog } from "./delete-sync.tsx";
import { isUrgent } from "./words.ts";

/** Run, pause, resume, cancel; the rest in a menu. Filled only where nothing on the page is more urgent. */
export function SyncActionButtons({ sync }: { sync: SyncView }) {
  const workspace = useWorkspace();
  const navigate = useNavigate();
  const forbidden = useForbidden("member");
  const actions = useSyncActions(workspace.id);
  const [busy, setBusy] = useState<string>();
  const [deleting, setDeleting] = useState(false);
  const open = sync.open_run !== null;
  const paused = !sync.enabled || sync.status === "paused";
  const { tab } = useSearch({ strict: false });
  // A form's Save and a problem's button come first; only one button is filled.
  const urgent = tab === "settings" || tab === "verify" || isUrgent(sync);

  const attempt = (verb: string, work: () => Promise<unknown>) => {
    setBusy(verb);
    work()
      .catch((error: unknown) => toastError(`“${sync.name}” could not be ${verb}`, error))
      .finally(() => setBusy(undefined));
  };
  const pause = async () => {
    await actions.pause(sync.id);
    toast(`${sync.name} is paused.`, { undo: () => actions.resume(sync.id) });
  };

  return (
    <>
      {paused ? (
        <Button
          icon={Play}
          kind={urgent ? "plain" : "primary"}
          busy={busy === "resumed"}
          disabled={forbidden}
          onClick={() => attempt("resumed", () => actions.resume(sync.id))}
        >
          Resume
        </Button>
      ) : (
        <>
          {!open && (
            <Button
              icon={Play}
              kind={urgent ? "plain" : "primary"}
              busy={busy === "started"}
              disabled={forbidden}
              onClick={() => attempt("started", () => actions.run(sync.id))}
            >
              Run now
            </Button>
          )}
          <Button icon={Pause} busy={busy === "paused"} disabled={forbidden} onClick={() => attempt("paused", pause)}>
            Pause
          </Button>
        </>
      )}
      {open && (
        <Button
          icon={CircleSlash}
          busy={busy === "cancelled"}
          disabled={forbidden}
          onClick={() =>
            attempt("cancelled", async () => {
              await actions.cancel(sync.id);
              toast("The run is cancelled. What is stored stays; the next run goes on from there.");
            })
          }
        >
          Cancel run
        </Button>
      )}
      <Menu trigger={<IconButton icon={Ellipsis} label="More" />}>
        <MenuItem
          icon={Settings2}
          onSelect={() =>
            void navigate({
              to: "/w/$workspace/syncs/$sync",
              params: { workspace: workspace.slug, sync: sync.id },
              search: { tab: "settings" },
            })
          }
        >
          Settings
        </MenuItem>
        <MenuItem icon={Trash2} danger disabled={forbidden} onSelect={() => setDeleting(true)}>
          Delete sync
        </MenuItem>
      </Menu>
      <DeleteSyncDialog sync={sync} open={deleting} onOpenChange={setDeleting} />
    </>
  );
}
