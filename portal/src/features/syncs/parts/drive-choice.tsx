import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { formatAmount } from "../../../lib/format.ts";
import { useWorkspace } from "../../../lib/session.ts";
import { Combobox } from "../../../ui/combobox.tsx";
import { Field } from "../../../ui/field.tsx";
import { SkeletonRows } from "../../../ui/skeleton.tsx";
import { drivesOf, drivesQuery } from "../api.ts";
import { SourceFailure } from "./source-failure.tsx";

export interface DriveChoiceProps {
  connection: string;
  value: { id: string; name: string } | null;
  onChange: (drive: { id: string; name: string }) => void;
}

/** More than this many are searched at the source by no people. */
const mostDrives = 5000;

/** Which tree of the connection: by its sort where there are several, found by typing. Not asked where there is one. */
export function DriveChoice({ connection, value, onChange }: DriveChoiceProps) {
  const workspace = useWorkspace();
  const query = useInfiniteQuery(drivesQuery(workspace.id, connection));
  const { data, error, hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage, refetch } = query;
  const drives = drivesOf(data);
  const goesOn = hasNextPage && !isFetchingNextPage && !isFetchNextPageError && drives.length < mostDrives;
  useEffect(() => {
    if (goesOn) void fetchNextPage();
  }, [goesOn, fetchNextPage]);

  if (error && !data) {
    return (
      <SourceFailure
        connection={connection}
        what="The source did not say what it holds"
        error={error}
        onRetry={refetch}
      />
    );
  }
  if (!data) return <SkeletonRows rows={6} label="Asking the source" />;
  const [only, ...more] = drives;
  if (!only) return <p className="text-warning">This connection holds nothing that can be synced.</p>;
  if (more.length === 0 && !hasNextPage) return null;
  const named = new Map(drives.map((one) => [one.id, { ...one, full: fullName(one, drives) }]));
  const chosen = named.get(value?.id ?? "");
  return (
    <Field
      label="Drive"
      hint={
        chosen?.group
          ? `In ${chosen.group}.`
          : `${formatAmount(drives.length, "drive")}${hasNextPage ? " so far" : ""}. Typing finds one by its name.`
      }
    >
      <Combobox
        value={value?.id ?? ""}
        onChange={(id) => {
          const drive = named.get(id);
          if (drive) onChange({ id, name: drive.full });
        }}
        placeholder="Choose a drive…"
        empty="No drive is called that."
        options={drives.map(({ id, name, group }) => ({ value: id, label: name, ...(group && { group }) }))}
      />
    </Field>
  );
}

type Drive = ReturnType<typeof drivesOf>[number];

/** Every site has its “Documents”: where several are called so, the name says whose it is. */
const fullName = ({ id, name, group }: Drive, all: readonly Drive[]): string =>
  group && all.some((other) => other.name === name && other.id !== id) ? `${name} (${group})` : name;
