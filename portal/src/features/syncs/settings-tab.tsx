import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useBlocker } from "@tanstack/react-router";
import { type FormEvent, useRef, useState } from "react";
import { ApiError } from "../../lib/api.ts";
import { catalogQuery } from "../../lib/catalog.ts";
import type { HandoffChoice, SyncChange, SyncView } from "../../lib/contract.ts";
import { formatAmount } from "../../lib/format.ts";
import { useForbidden, useWorkspace } from "../../lib/session.ts";
import { useNameCheck } from "../../lib/use-name-check.ts";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { Field } from "../../ui/field.tsx";
import { Textarea, TextInput } from "../../ui/input.tsx";
import { RadioCards } from "../../ui/radio-cards.tsx";
import { FailedState } from "../../ui/states.tsx";
import { toast } from "../../ui/toast.tsx";
import { WordsInput } from "../../ui/words-input.tsx";
import { drivesQuery, findsFoldersOf, useSyncActions } from "./api.ts";
import { DeleteSyncDialog } from "./delete-sync.tsx";
import { HandoffForm } from "./handoff-form.tsx";
import { ExportsForm } from "./parts/exports-form.tsx";
import { FiltersForm } from "./parts/filters-form.tsx";
import { FolderPicker } from "./parts/folder-picker.tsx";
import { KeptLine } from "./parts/kept-line.tsx";
import { PathPreview } from "./parts/path-preview.tsx";
import { RulesEditor } from "./parts/rules-editor.tsx";
import { ScheduleForm } from "./parts/schedule-form.tsx";
import { usePreview } from "./parts/use-preview.ts";
import { destinationText, layoutWords, onDeleteOptions, partsOf } from "./words.ts";

const editable = (sync: SyncView) => ({
  name: sync.name,
  description: sync.description,
  tags: sync.tags,
  folders: sync.folders,
  filters: sync.filters,
  rules: sync.rules,
  max_files_per_run: sync.max_files_per_run,
  on_delete: sync.on_delete,
  exports: sync.exports,
  schedule: sync.schedule,
  handoff: handoffOf(sync),
});
const handoffOf = ({ handoff }: SyncView): HandoffChoice => handoff && { connection_id: handoff.connection_id };
type Edited = ReturnType<typeof editable>;

/** Everything about a sync that can be changed afterwards; the next run applies it. */
export function SettingsTab({ sync }: { sync: SyncView }) {
  const workspace = useWorkspace();
  const forbidden = useForbidden("member");
  const actions = useSyncActions(workspace.id);
  const [edited, setEdited] = useState<Edited>(() => editable(sync));
  const [saved, setSaved] = useState<Edited>(() => editable(sync));
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>();
  const [deleting, setDeleting] = useState(false);
  const leaving = useRef(false);
  const form = useRef<HTMLFormElement>(null);
  const change = changeOf(saved, edited);
  const dirty = Object.keys(change).length > 0;
  const readOnly = Boolean(forbidden);
  const check = useNameCheck(workspace.id, "sync", edited.name === saved.name ? "" : edited.name, sync.id);
  const errorAt = (pointer: string) => (failure instanceof ApiError ? failure.at(pointer) : undefined);
  const nameError = check.error ?? errorAt("/name") ?? (edited.name.trim() === "" ? "Give it a name." : undefined);
  const set = (part: Partial<Edited>) => setEdited((before) => ({ ...before, ...part }));
  useBlocker({
    // Another tab of the page counts as leaving: the form goes with its tab.
    shouldBlockFn: () => dirty && !leaving.current && !window.confirm("Leave without saving your changes?"),
    enableBeforeUnload: () => dirty && !leaving.current,
  });

  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (nameError) {
      form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
      return;
    }
    setBusy(true);
    setFailure(undefined);
    try {
      const after = editable(await actions.update(sync.id, change));
      setSaved(after);
      setEdited(after);
      toast("Saved. The next run applies it.");
    } catch (error) {
      setFailure(error);
      requestAnimationFrame(() => form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());
    } finally {
      setBusy(false);
    }
  };

  return (
    <form ref={form} onSubmit={save} noValidate className="grid grid-cols-1 gap-4">
      <Card title="Basics">
        <div className="grid max-w-180 grid-cols-1 gap-4 p-4">
          <Field label="Name" error={nameError} hint={check.hint}>
            <TextInput
              value={edited.name}
              onChange={(name) => set({ name })}
              maxLength={255}
              readOnly={readOnly}
              autoComplete="off"
            />
          </Field>
          <Field label="Description" optional error={errorAt("/description")}>
            <Textarea
              value={edited.description}
              onChange={(description) => set({ description })}
              maxLength={2000}
              readOnly={readOnly}
              rows={2}
            />
          </Field>
          <Field label="Tags" optional hint="For filters; Enter adds one." error={errorAt("/tags")}>
            <WordsInput values={edited.tags} onChange={(tags) => set({ tags })} disabled={readOnly} />
          </Field>
        </div>
      </Card>
      <Card title="Schedule">
        <div className="p-4">
          <ScheduleForm
            value={edited.schedule}
            onChange={(schedule) => set({ schedule })}
            error={
              errorAt("/schedule") ??
              errorAt("/schedule/expression") ??
              errorAt("/schedule/zone") ??
              errorAt("/schedule/minutes")
            }
            disabled={readOnly}
          />
        </div>
      </Card>
      <SelectionCards sync={sync} edited={edited} set={set} readOnly={readOnly} failure={failure} />
      <Card title="Destination">
        <div className="grid max-w-180 grid-cols-1 gap-4 p-4">
          <Destination sync={sync} />
          <RadioCards
            legend="When a file is gone at the source"
            value={edited.on_delete}
            onChange={(on_delete) => set({ on_delete })}
            columns={3}
            disabled={readOnly}
            options={onDeleteOptions}
          />
          <Field
            label="Most files in one run"
            optional
            hint="The next run goes on where this one stopped; nothing is left out."
            error={errorAt("/max_files_per_run")}
          >
            <TextInput
              type="number"
              min={1}
              className="max-w-40"
              value={edited.max_files_per_run === null ? "" : String(edited.max_files_per_run)}
              onChange={(text) =>
                set({ max_files_per_run: text === "" ? null : Math.max(1, Math.round(Number(text))) })
              }
              readOnly={readOnly}
            />
          </Field>
        </div>
      </Card>
      <Card title="Hand-off">
        <div className="grid max-w-180 grid-cols-1 gap-4 p-4">
          <HandoffForm
            value={edited.handoff}
            onChange={(handoff) => set({ handoff })}
            destination={sync.destination.kind}
            error={errorAt("/handoff") ?? errorAt("/handoff/connection_id")}
            disabled={readOnly}
          />
        </div>
      </Card>
      {failure !== undefined && <FailedState what="The changes could not be saved" error={failure} />}
      <div className="sticky bottom-0 z-10 -mx-1 flex flex-wrap items-center gap-2 border-t border-border bg-background px-1 py-3">
        <Button
          kind="primary"
          type="submit"
          busy={busy}
          disabled={forbidden ?? (!dirty && "Nothing has been changed.")}
        >
          Save changes
        </Button>
        {dirty && (
          <Button kind="quiet" onClick={() => setEdited(saved)}>
            Take them back
          </Button>
        )}
        <span className="text-xs text-muted">{dirty ? "Not saved yet." : ""}</span>
        <Button kind="danger" className="ml-auto" disabled={forbidden} onClick={() => setDeleting(true)}>
          Delete sync
        </Button>
      </div>
      <DeleteSyncDialog
        sync={sync}
        open={deleting}
        onOpenChange={setDeleting}
        onDeleted={() => {
          leaving.current = true;
        }}
      />
    </form>
  );
}

/** Only what differs is sent, so that two people who change different things do not undo one another. */
function changeOf(saved: Edited, edited: Edited): SyncChange {
  const entries = Object.entries(edited).filter(
    ([key, value]) => JSON.stringify(value) !== JSON.stringify(saved[key as keyof Edited]),
  );
  return Object.fromEntries(entries);
}

interface SelectionCardsProps {
  sync: SyncView;
  edited: Edited;
  set: (part: Partial<Edited>) => void;
  readOnly: boolean;
  failure: unknown;
}

/** Folders, filters and rules, with what they would do to the files that are there now. */
function SelectionCards({ sync, edited, set, readOnly, failure }: SelectionCardsProps) {
  const workspace = useWorkspace();
  const catalog = useQuery(catalogQuery(workspace.id));
  const drives = useInfiniteQuery({ ...drivesQuery(workspace.id, sync.connection.id), enabled: !readOnly });
  const { folders, filters, rules, exports } = edited;
  const preview = usePreview({
    connection: readOnly ? "" : sync.connection.id,
    drive: sync.drive.id,
    folders,
    filters,
    rules,
    exports,
  });
  const provider =
    catalog.data?.items.find((one) => one.key === sync.connection.provider)?.name ?? sync.connection.provider;
  return (
    <>
      <Card title="Folders" note={`of ${sync.connection.name}, ${provider}`}>
        <div className="grid max-w-180 grid-cols-1 gap-2 p-4">
          {readOnly ? (
            <ul>
              {folders.length === 0 ? (
                <li>Everything</li>
              ) : (
                folders.map((folder) => <li key={folder.id}>{folder.path}</li>)
              )}
            </ul>
          ) : (
            <FolderPicker
              connection={sync.connection.id}
              drive={sync.drive.id}
              driveName={sync.drive.name || sync.connection.name}
              findsFolders={findsFoldersOf(drives.data)}
              value={folders}
              onChange={(next) => set({ folders: next })}
              height={260}
            />
          )}
        </div>
      </Card>
      <Card title="Filters">
        <div className="grid grid-cols-1 gap-4 p-4 xl:grid-cols-[minmax(0,1fr)_320px]">
          <FiltersForm value={filters} onChange={(next) => set({ filters: next })} disabled={readOnly} />
          {!readOnly && <KeptLine preview={preview} />}
          <ExportsForm
            value={exports}
            onChange={(next) => set({ exports: next })}
            preview={preview}
            disabled={readOnly}
          />
        </div>
      </Card>
      <Card title="Metadata" note="read from folder paths">
        <div className="grid grid-cols-1 gap-4 p-4 xl:grid-cols-2">
          <RulesEditor
            value={rules}
            onChange={(next) => set({ rules: next })}
            preview={preview}
            errorAt={(pointer) => (failure instanceof ApiError ? failure.at(`/rules${pointer}`) : undefined)}
            disabled={readOnly}
          />
          {!readOnly && <PathPreview preview={preview} parts={partsOf(rules)} />}
        </div>
      </Card>
    </>
  );
}

function Destination({ sync }: { sync: SyncView }) {
  const { destination } = sync;
  if (destination.kind === "none")
    return <p>Metadata only: no copies are made. Another destination means a new sync.</p>;
  return (
    <p>
      <span className="font-medium">{destinationText(destination).title}</span>,{" "}
      {destination.kind === "store" ? "in a bucket" : "a local folder"}. {layoutWords[destination.layout].title}.{" "}
      <span className="text-muted">
        {formatAmount(sync.totals.stored, "file")} {sync.totals.stored === 1 ? "is" : "are"} there; another destination
        means a new sync.
      </span>
    </p>
  );
}
