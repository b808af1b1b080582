import { useInfiniteQuery } from "@tanstack/react-query";
import { useWorkspace } from "../../../lib/session.ts";
import { ButtonLink } from "../../../ui/button.tsx";
import { Field } from "../../../ui/field.tsx";
import { TextInput } from "../../../ui/input.tsx";
import { Skeleton } from "../../../ui/skeleton.tsx";
import { EmptyState, FailedState } from "../../../ui/states.tsx";
import { drivesQuery, findsFoldersOf } from "../api.ts";
import { ConnectionChoice } from "../parts/connection-choice.tsx";
import { DriveChoice } from "../parts/drive-choice.tsx";
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
        <ConnectionChoice
          value={draft.connection}
          onChange={(connection) => change({ connection, drive: null, folders: [] })}
          connections={offered}
        />
        <Field label="Name" error={nameError} hint={nameHint ?? "How everybody finds it again."}>
          <TextInput value={name} onChange={(text) => change({ name: text })} maxLength={255} autoComplete="off" />
        </Field>
      </div>
      {draft.connection !== "" && <Drive key={draft.connection} draft={draft} change={change} />}
    </section>
  );
}

function Drive({ draft, change }: Pick<StepProps, "draft" | "change">) {
  const workspace = useWorkspace();
  const { data } = useInfiniteQuery(drivesQuery(workspace.id, draft.connection));
  return (
    <>
      <DriveChoice
        connection={draft.connection}
        value={draft.drive}
        onChange={(drive) => change({ drive, folders: [] })}
      />
      {draft.drive && data && (
        <div className="grid gap-1">
          <p className="font-medium">Folders</p>
          <FolderPicker
            key={draft.drive.id}
            connection={draft.connection}
            drive={draft.drive.id}
            driveName={draft.drive.name}
            findsFolders={findsFoldersOf(data)}
            value={draft.folders}
            onChange={(folders) => change({ folders })}
          />
        </div>
      )}
    </>
  );
}
