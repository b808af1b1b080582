import { useState } from "react";
import { ApiError, type FieldError } from "../../lib/api.ts";
import type { OpenapiImport } from "../../lib/contract.ts";
import { formatAmount, formatCount } from "../../lib/format.ts";
import { useForbidden, useWorkspace } from "../../lib/session.ts";
import { useNameCheck } from "../../lib/use-name-check.ts";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { Field } from "../../ui/field.tsx";
import { SearchInput, TextInput } from "../../ui/input.tsx";
import { LeaveGuard } from "../../ui/leave-guard.tsx";
import { FailedState, NothingMatches } from "../../ui/states.tsx";
import { toast } from "../../ui/toast.tsx";
import { useProviderChanges } from "./api.ts";
import { type Draft, draftsAt, put, replaceAt, slugOf, textAt } from "./draft.ts";
import { placeOf } from "./parts.ts";

interface ImportReportProps {
  read: OpenapiImport;
  onBack: () => void;
  onMade: (id: string) => Promise<void>;
}

/** What was found in a document: named, chosen from, renamed, and made a provider. */
export function ImportReport({ read, onBack, onMade }: ImportReportProps) {
  const workspace = useWorkspace();
  const forbidden = useForbidden("admin");
  const { create } = useProviderChanges(workspace.id);
  const [draft, setDraft] = useState<Draft>(read.definition);
  const [name, setName] = useState(slugOf(textAt(read.definition, "display_name")));
  const actions = draftsAt(draft, "actions");
  const [chosen, setChosen] = useState<ReadonlySet<string>>(() => new Set(actions.map(keyOf)));
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>();
  const check = useNameCheck(workspace.id, "provider", name);
  const errors = failure instanceof ApiError ? failure.errors : [];
  const errorAt = (pointer: string) => errors.find((error) => error.pointer === pointer)?.detail;
  const isChanged = draft !== read.definition || chosen.size !== actions.length;
  const address = textAt(draft, "base_url");
  const aboutServers = read.report.notes.entries.filter(({ where }) => where.startsWith("servers"));

  const make = async () => {
    setBusy(true);
    setFailure(undefined);
    try {
      const kept = actions.filter((action) => chosen.has(keyOf(action)));
      const made = await create({ name, definition: put(draft, "actions", kept), active: true });
      toast(`${made.display_name} is in the catalog, with ${formatAmount(made.actions, "action")}.`);
      await onMade(made.id);
    } catch (refusal) {
      setFailure(refusal);
    } finally {
      setBusy(false);
    }
  };

  return (
    <div className="grid gap-4">
      <LeaveGuard when={isChanged && !busy} />
      <Card className="grid max-w-200 gap-4 p-4">
        <p className="wrap-anywhere">
          “{read.report.title}”, OpenAPI {read.report.openapi}:{" "}
          <span className="font-semibold">{formatAmount(read.report.actions, "action")} found</span>
          {read.report.left_out.count > 0 && `, ${formatCount(read.report.left_out.count)} left out`}. Nothing is stored
          yet.
        </p>
        <div className="grid grid-cols-2 gap-3 max-md:grid-cols-1">
          <Field label="Title" error={errorAt("/definition/display_name")}>
            <TextInput
              value={textAt(draft, "display_name")}
              onChange={(title) => setDraft(put(draft, "display_name", title))}
              maxLength={100}
            />
          </Field>
          <Field label="Name" error={check.error ?? errorAt("/name")} hint={check.hint ?? "It stays as it is."}>
            <TextInput mono value={name} onChange={setName} maxLength={63} />
          </Field>
        </div>
        <Field
          label="Base address"
          error={errorAt("/definition/base_url")}
          hint={
            aboutServers.length > 0
              ? aboutServers.map(({ why }) => why).join(" ")
              : address === "" && "The document does not tell it. Example: https://api.example.com/v1"
          }
        >
          <TextInput mono value={address} onChange={(address) => setDraft(put(draft, "base_url", address))} />
        </Field>
        {failure !== undefined && <FailedState what="It was not made a provider" error={failure} />}
        <Elsewhere errors={errors} draft={draft} />
        <div className="flex flex-wrap gap-2">
          <Button
            kind="primary"
            busy={busy}
            disabled={
              forbidden ??
              check.error ??
              (name === "" ? "Give it a name first." : chosen.size === 0 && "Choose an action first.")
            }
            onClick={() => void make()}
          >
            Create with {formatAmount(chosen.size, "action")}
          </Button>
          <Button onClick={onBack}>Another document</Button>
        </div>
      </Card>
      <Entries title="Left out" entries={read.report.left_out.entries} count={read.report.left_out.count} />
      <Entries title="Taken over differently" entries={read.report.notes.entries} count={read.report.notes.count} />
      <Actions
        actions={actions}
        chosen={chosen}
        onChosen={setChosen}
        onRename={(place, title) => {
          const action = actions[place];
          if (action) setDraft(put(draft, "actions", replaceAt(actions, place, { ...action, name: title })));
        }}
      />
    </div>
  );
}

/** What is refused and has no field on this page. */
function Elsewhere({ errors, draft }: { errors: readonly FieldError[]; draft: Draft }) {
  const others = errors.filter(({ pointer }) => !fields.includes(pointer));
  if (others.length === 0) return null;
  return (
    <ul className="grid gap-0.5 text-bad">
      {others.slice(0, 8).map(({ pointer, detail }) => (
        <li key={`${pointer} ${detail}`} className="wrap-anywhere">
          {placeOf(pointer, draft)}: {detail}
        </li>
      ))}
    </ul>
  );
}

const fields = ["/name", "/definition/display_name", "/definition/base_url"];

const keyOf = (action: Draft): string => textAt(action, "key");

const searched = ["name", "path", "method", "key"];

interface ActionsProps {
  actions: readonly Draft[];
  chosen: ReadonlySet<string>;
  onChosen: (chosen: ReadonlySet<string>) => void;
  onRename: (place: number, title: string) => void;
}

function Actions({ actions, chosen, onChosen, onRename }: ActionsProps) {
  const [search, setSearch] = useState("");
  const words = search.trim().toLowerCase();
  const rows = actions
    .map((action, place) => ({ action, place }))
    .filter(({ action }) => searched.some((member) => textAt(action, member).toLowerCase().includes(words)));
  const shown = new Set(rows.map(({ action }) => keyOf(action)));
  const columns: Column<(typeof rows)[number]>[] = [
    {
      id: "name",
      head: "Title",
      narrow: "title",
      width: "45%",
      cell: ({ action, place }) => (
        <TextInput
          aria-label={`Title of ${keyOf(action)}`}
          value={textAt(action, "name")}
          maxLength={255}
          onChange={(title) => onRename(place, title)}
          className="min-h-7 py-0.5"
        />
      ),
    },
    {
      id: "method",
      head: "Method",
      width: "88px",
      narrow: "end",
      cell: ({ action }) => <Badge>{textAt(action, "method")}</Badge>,
    },
    {
      id: "path",
      head: "Path",
      narrow: "line",
      tip: ({ action }) => textAt(action, "path"),
      cell: ({ action }) => <code className="text-xs">{textAt(action, "path")}</code>,
    },
  ];
  return (
    <section className="grid gap-2" aria-label="Actions">
      <div className="flex flex-wrap items-center gap-3">
        <h2 className="text-base font-semibold">Actions</h2>
        <SearchInput label="Search the actions" value={search} onChange={setSearch} />
        <span className="text-muted">
          {formatCount(chosen.size)} of {formatCount(actions.length)} chosen
        </span>
      </div>
      {rows.length === 0 ? (
        <NothingMatches onClear={() => setSearch("")}>No action matches “{search}”.</NothingMatches>
      ) : (
        <DataTable
          label="Actions of the document"
          columns={columns}
          rows={rows}
          rowKey={({ action }) => keyOf(action)}
          selection={chosen.intersection(shown)}
          // What the search hides stays as it is.
          onSelection={(next) => onChosen(chosen.difference(shown).union(next))}
        />
      )}
    </section>
  );
}

interface EntriesProps {
  title: string;
  entries: readonly { where: string; why: string }[];
  count: number;
}

function Entries({ title, entries, count }: EntriesProps) {
  if (count === 0) return null;
  return (
    <details className="rounded-lg border border-border bg-card">
      <summary className="cursor-pointer px-4 py-2 font-medium">
        {title}: {formatCount(count)}
      </summary>
      <ul className="grid max-h-80 gap-1 overflow-y-auto border-t border-border px-4 py-2">
        {entries.map(({ where, why }) => (
          <li key={`${where} ${why}`} className="wrap-anywhere">
            <code className="text-xs">{where}</code> <span className="text-muted">{why}</span>
          </li>
        ))}
        {count > entries.length && <li className="text-muted">and {formatCount(count - entries.length)} more</li>}
      </ul>
    </details>
  );
}
