import { useQuery } from "@tanstack/react-query";
import { useWorkspace } from "../../../lib/session.ts";
import { ButtonLink } from "../../../ui/button.tsx";
import { Field } from "../../../ui/field.tsx";
import { Select, TextInput } from "../../../ui/input.tsx";
import { Skeleton, SkeletonRows } from "../../../ui/skeleton.tsx";
import { EmptyState, FailedState } from "../../../ui/states.tsx";
import { drivesQuery } from "../api.ts";
import { FolderPicker } from "../parts/folder-picker.tsx";
import { type StepProps, Title } from "./step-parts.tsx";

/** Connection, drive, folders and the name. */
export function WhatStep({ draft, change, name, nameError, nameHint, connections }: StepProps) {
  const { slug } = useWorkspace();
  if (connections.error && !connections.data) {
    return (
      <FailedState what="The connections could not be loaded" error={connections.error} onRetry={connections.refetch} />
    );
  }
  if (!connections.data) return <Skeleton className="h-40" />;
  const offered = connections.data.items;
  if (offered.length === 0) {
    return (
      <EmptyState
        title="Nothing to sync from yet"
        action={
          <ButtonLink kind="primary" to="/w/$workspace/catalog" params={{ workspace: slug }}>
            Open the catalog
          </ButtonLink>
        }
      >
        A sync reads from a connection. Connect a source first, then come back.
      </EmptyState>
    );
  }
  return (
    <section aria-labelledby="step-what" className="grid grid-cols-1 gap-4">
      <Title id="step-what" text="What is kept in sync?" />
      <div className="grid grid-cols-1 gap-4 md:grid-cols-2">
        <Field label="From" error={brokenOf(offered.find((one) => one.id === draft.connection)?.status)}>
          <Select
            value={draft.connection}
            onChange={(connection) => change({ connection, drive: null, folders: [] })}
            placeholder="Choose a connection…"
            options={offered.map((one) => ({ value: one.id, label: one.name }))}
          />
        </Field>
        <Field label="Name" error={nameError} hint={nameHint ?? "How everybody finds it again."}>
          <TextInput value={name} onChange={(text) => change({ name: text })} maxLength={255} autoComplete="off" />
        </Field>
      </div>
      {draft.connection !== "" && <Drive key={draft.connection} draft={draft} change={change} />}
    </section>
  );
}

const brokenOf = (status: string | undefined) =>
  status && status !== "active" ? "This connection does not work now. Open it to see why." : undefined;

function Drive({ draft, change }: Pick<StepProps, "draft" | "change">) {
  const workspace = useWorkspace();
  const { data, error, refetch } = useQuery(drivesQuery(workspace.id, draft.connection));
  const single = data?.items.length === 1;

  if (error && !data)
    return <FailedState what="The source did not say what it holds" error={error} onRetry={refetch} />;
  if (!data) return <SkeletonRows rows={6} label="Asking the source" />;
  if (data.items.length === 0) return <p className="text-warning">This connection holds nothing that can be synced.</p>;
  return (
    <>
      {!single && (
        <Field label="Drive">
          <Select
            value={draft.drive?.id ?? ""}
            placeholder="Choose a drive…"
            onChange={(id) => {
              const drive = data.items.find((one) => one.id === id);
              if (drive) change({ drive, folders: [] });
            }}
            options={data.items.map((one) => ({ value: one.id, label: one.name }))}
          />
        </Field>
      )}
      {draft.drive && (
        <div className="grid gap-1">
          <p className="font-medium">Folders</p>
          <FolderPicker
            connection={draft.connection}
            drive={draft.drive.id}
            driveName={draft.drive.name}
            value={draft.folders}
            onChange={(folders) => change({ folders })}
          />
        </div>
      )}
    </>
  );
}
