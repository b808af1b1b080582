import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import type { Destination, DestinationTest } from "../../../lib/contract.ts";
import { formatBytes } from "../../../lib/format.ts";
import { useForbidden, useWorkspace } from "../../../lib/session.ts";
import { Button } from "../../../ui/button.tsx";
import { CheckResultLine } from "../../../ui/check-result.tsx";
import { Field } from "../../../ui/field.tsx";
import { Select, TextInput } from "../../../ui/input.tsx";
import { RadioCards } from "../../../ui/radio-cards.tsx";
import { FailedState } from "../../../ui/states.tsx";
import { destinationsQuery, testDestination } from "../api.ts";
import { layoutWords } from "../words.ts";

export interface DestinationFormProps {
  value: Destination;
  onChange: (destination: Destination) => void;
  /** A folder name to begin with, made from the sync's name. */
  suggestedFolder: string;
  /** What the server says, by pointer: "/root". */
  errorAt?: ((pointer: string) => string | undefined) | undefined;
}

/** Where copies go, if anywhere, and how they are named there. */
export function DestinationForm({ value, onChange, suggestedFolder, errorAt }: DestinationFormProps) {
  const workspace = useWorkspace();
  const { data, error, refetch } = useQuery(destinationsQuery(workspace.id));
  const roots = data?.roots ?? [];
  const stores = data?.stores ?? [];
  const first = roots[0];
  const firstStore = stores[0];
  const choose = (kind: Destination["kind"]) => {
    if (kind === value.kind) return;
    if (kind === "none") onChange({ kind });
    else if (kind === "store") {
      if (firstStore) {
        const { connection_id } = firstStore;
        onChange({ kind, connection_id, folder: suggestedFolder, layout: "mirror" });
      }
    } else if (first) onChange({ kind, root: first.root, folder: suggestedFolder, layout: "mirror" });
  };
  return (
    <div className="grid gap-4">
      {error && <FailedState what="The destinations could not be loaded" error={error} onRetry={refetch} />}
      <RadioCards
        legend="Where do the files go?"
        hideLegend
        value={value.kind}
        onChange={choose}
        columns={3}
        options={[
          {
            value: "none",
            title: "Nowhere: metadata only",
            detail: "Hawser knows every file and where it is; no copy is made.",
          },
          {
            value: "local-folder",
            title: "A folder on this machine",
            detail: "Checked copies below a folder that the operator has named.",
            disabled:
              data && !first
                ? 'No folder is open for writing. Whoever runs Hawser can name one: HAWSER_DESTINATION_ROOTS="archive=/srv/archive".'
                : undefined,
          },
          {
            value: "store",
            title: "A bucket",
            detail: "Checked copies in a bucket of S3 or Supabase that is connected.",
            disabled:
              data && !firstStore ? "No connection leads to a bucket yet. Connect S3 or Supabase first." : undefined,
          },
        ]}
      />
      {value.kind === "local-folder" && (
        <CopyFields
          value={value}
          onChange={onChange}
          hint="Below this workspace's own folder; for this sync alone."
          errorAt={errorAt}
        >
          <RootField value={value} onChange={onChange} roots={roots.map((one) => one.root)} errorAt={errorAt} />
        </CopyFields>
      )}
      {value.kind === "store" && (
        <CopyFields value={value} onChange={onChange} hint="In the bucket; for this sync alone." errorAt={errorAt}>
          <StoreField value={value} onChange={onChange} stores={stores} errorAt={errorAt} />
        </CopyFields>
      )}
    </div>
  );
}

type Copies = Exclude<Destination, { kind: "none" }>;
type LocalFolder = Extract<Destination, { kind: "local-folder" }>;
type Store = Extract<Destination, { kind: "store" }>;
type ErrorAt = ((pointer: string) => string | undefined) | undefined;

interface CopyFieldsProps<Value extends Copies> {
  value: Value;
  onChange: (destination: Value) => void;
  /** What the folder lies in. */
  hint: string;
  errorAt: ErrorAt;
  /** The field for where the folder is. */
  children: ReactNode;
}

function CopyFields<Value extends Copies>({ value, onChange, hint, errorAt, children }: CopyFieldsProps<Value>) {
  return (
    <>
      <div className="grid gap-4 md:grid-cols-2">
        {children}
        <Field
          label="Folder"
          hint={hint}
          error={errorAt?.("/folder") ?? (value.folder.trim() === "" ? "Give the folder a name." : undefined)}
        >
          <TextInput
            value={value.folder}
            onChange={(folder) => onChange({ ...value, folder })}
            maxLength={255}
            autoComplete="off"
          />
        </Field>
      </div>
      <RadioCards
        legend="How are files named there?"
        value={value.layout}
        onChange={(layout) => onChange({ ...value, layout })}
        columns={2}
        options={[
          { value: "mirror", ...layoutWords.mirror },
          { value: "ids", ...layoutWords.ids },
        ]}
      />
      <WriteTest key={JSON.stringify(value)} destination={value} />
    </>
  );
}

interface RootFieldProps {
  value: LocalFolder;
  onChange: (destination: LocalFolder) => void;
  roots: readonly string[];
  errorAt: ErrorAt;
}

function RootField({ value, onChange, roots, errorAt }: RootFieldProps) {
  const offered = roots.includes(value.root) ? roots : [...roots, value.root];
  return (
    <Field label="Root" hint="Named by whoever runs Hawser." error={errorAt?.("/root")}>
      <Select
        value={value.root}
        onChange={(root) => onChange({ ...value, root })}
        options={offered.map((root) => ({ value: root, label: root }))}
      />
    </Field>
  );
}

interface StoreFieldProps {
  value: Store;
  onChange: (destination: Store) => void;
  stores: readonly { connection_id: string; name: string }[];
  errorAt: ErrorAt;
}

function StoreField({ value, onChange, stores, errorAt }: StoreFieldProps) {
  return (
    <Field label="Connection" hint="Its bucket takes the files." error={errorAt?.("/connection_id")}>
      <Select
        value={value.connection_id}
        onChange={(connection_id) => onChange({ ...value, connection_id })}
        options={stores.map(({ connection_id, name }) => ({ value: connection_id, label: name }))}
      />
    </Field>
  );
}

function WriteTest({ destination }: { destination: Copies }) {
  const workspace = useWorkspace();
  const forbidden = useForbidden("member");
  const [busy, setBusy] = useState(false);
  const [result, setResult] = useState<DestinationTest>();
  const [failure, setFailure] = useState<unknown>();
  const test = async () => {
    setBusy(true);
    setFailure(undefined);
    try {
      setResult(await testDestination(workspace.id, destination));
    } catch (error) {
      setFailure(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="grid gap-2">
      <div className="flex flex-wrap items-center gap-3">
        <Button
          busy={busy}
          disabled={forbidden ?? (destination.folder.trim() === "" && "Give the folder a name first.")}
          onClick={() => void test()}
        >
          Test writing
        </Button>
        <span className="text-xs text-muted">Writes a small file there, reads it back and deletes it.</span>
      </div>
      {result && (
        <CheckResultLine ok={result.ok} tookMs={result.took_ms}>
          {result.ok
            ? `It can be written to. ${result.free_bytes === null ? "" : `${formatBytes(result.free_bytes)} are free.`}`
            : (result.failure?.message ?? "It cannot be written to.")}
        </CheckResultLine>
      )}
      {failure !== undefined && <FailedState what="The test could not be made" error={failure} />}
    </div>
  );
}
