import { useCallback, useState } from "react";
import type { Destination, Filters, FolderChoice, MetadataRule, NewSync, Schedule } from "../../../lib/contract.ts";

/** What the wizard has been told so far. It holds no secret, so it may wait in this browser tab. */
export interface Draft {
  /** Empty until somebody types one: then the suggestion holds. */
  name: string;
  connection: string;
  drive: { id: string; name: string } | null;
  folders: FolderChoice[];
  filters: Filters;
  rules: MetadataRule[];
  /** Null until somebody chooses: then the suggestion holds. */
  destination: Destination | null;
  on_delete: "mark" | "remove";
  max_files_per_run: number | null;
  schedule: Schedule;
}

export const emptyDraft: Draft = {
  name: "",
  connection: "",
  drive: null,
  folders: [],
  filters: { include: [], exclude: [], types: ["*"], min_bytes: null, max_bytes: null },
  rules: [],
  destination: null,
  on_delete: "mark",
  max_files_per_run: null,
  schedule: { kind: "interval", minutes: 60 },
};

const keyOf = (workspace: string) => `hawser-sync-draft-${workspace}`;

/** The draft of a workspace, kept over a reload of the tab. */
export function useDraft(
  workspace: string,
): [draft: Draft, change: (part: Partial<Draft>) => void, discard: () => void] {
  const [draft, setDraft] = useState<Draft>(() => read(workspace));
  const change = useCallback(
    (part: Partial<Draft>) =>
      setDraft((before) => {
        const after = { ...before, ...part };
        write(workspace, after);
        return after;
      }),
    [workspace],
  );
  const discard = useCallback(() => {
    write(workspace, undefined);
    setDraft(emptyDraft);
  }, [workspace]);
  return [draft, change, discard];
}

function read(workspace: string): Draft {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(keyOf(workspace)) ?? "{}");
    return typeof kept === "object" && kept !== null ? { ...emptyDraft, ...kept } : emptyDraft;
  } catch {
    return emptyDraft;
  }
}

function write(workspace: string, draft: Draft | undefined): void {
  try {
    if (draft) sessionStorage.setItem(keyOf(workspace), JSON.stringify(draft));
    else sessionStorage.removeItem(keyOf(workspace));
  } catch {
    // Without storage the draft holds until the page is left.
  }
}

/** A name to begin with: the one chosen folder, else the drive, else the connection. */
export function suggestName(draft: Draft, connectionName: string | undefined): string {
  const [only, ...more] = draft.folders;
  const folder = only && more.length === 0 ? only.path.split("/").findLast(Boolean) : undefined;
  return folder ?? connectionName ?? draft.drive?.name ?? "";
}

/** A folder name that every disk takes: "Hull 214 / Piping" → "hull-214-piping". */
export function folderNameOf(name: string): string {
  const plain = name.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  return (
    plain
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^-+|-+$/g, "")
      .slice(0, 60) || "sync"
  );
}

/** Copies as at the source below the first root, named like the sync; metadata only where nothing may be written. */
export const suggestDestination = (roots: readonly { root: string }[], name: string): Destination =>
  roots[0]
    ? { kind: "local-folder", root: roots[0].root, folder: folderNameOf(name), layout: "mirror" }
    : { kind: "none" };

export const stepKeys = ["what", "filters", "metadata", "destination", "schedule"] as const;
export type StepKey = (typeof stepKeys)[number];

/** What is still missing, with the step that asks for it. */
export function missingIn(draft: Draft, name: string): { step: StepKey; what: string } | undefined {
  if (draft.connection === "") return { step: "what", what: "Choose a connection." };
  if (draft.drive === null) return { step: "what", what: "Choose what to read from the connection." };
  if (name.trim() === "") return { step: "what", what: "Give the sync a name." };
  if (draft.rules.some((rule) => rule.pattern.trim() === ""))
    return { step: "metadata", what: "A rule has no pattern yet. Write one or take the rule out." };
  if (draft.destination?.kind === "local-folder" && draft.destination.folder.trim() === "") {
    return { step: "destination", what: "Give the destination folder a name." };
  }
  return undefined;
}

/** Where the server's word about a field belongs. */
export function stepOfPointer(pointer: string): StepKey {
  if (pointer.startsWith("/filters")) return "filters";
  if (pointer.startsWith("/rules")) return "metadata";
  if (pointer.startsWith("/destination") || pointer.startsWith("/on_delete") || pointer.startsWith("/max_files"))
    return "destination";
  if (pointer.startsWith("/schedule")) return "schedule";
  return "what";
}

export function toNewSync(draft: Draft, name: string, destination: Destination): NewSync {
  const { connection, drive, ...rest } = draft;
  return { ...rest, destination, name: name.trim(), connection_id: connection, drive: drive ?? { id: "" } };
}
