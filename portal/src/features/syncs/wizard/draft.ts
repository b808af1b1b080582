import type {
  Destination,
  Filters,
  FolderChoice,
  HandoffChoice,
  MetadataRule,
  NewSync,
  Schedule,
  SyncView,
} from "../../../lib/contract.ts";

/** What the wizard has been told so far. It holds no secret, so it may wait on the server. */
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
  on_delete: SyncView["on_delete"];
  /** Media types for documents without bytes of their own, most wanted first; none: the usual ones. */
  exports: string[];
  max_files_per_run: number | null;
  schedule: Schedule;
  /** Who is told of stored files. */
  handoff: HandoffChoice;
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
  exports: [],
  max_files_per_run: null,
  schedule: { kind: "interval", minutes: 60 },
  handoff: null,
};

/** A kept draft as one that this version understands: what it lacks is as in an empty one. */
export const fromKept = (body: Record<string, unknown> | null): Draft =>
  body ? { ...emptyDraft, ...body } : emptyDraft;

/** Whether somebody has entered something: the connection and its drive are often chosen by the wizard itself. */
export function isBegun({ connection: _connection, drive: _drive, ...entered }: Draft): boolean {
  const { connection, drive, ...empty } = emptyDraft;
  return JSON.stringify(entered) !== JSON.stringify(empty);
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
  if (draft.destination && draft.destination.kind !== "none" && draft.destination.folder.trim() === "") {
    return { step: "destination", what: "Give the destination folder a name." };
  }
  return undefined;
}

/** Where the server's word about a field belongs. */
export function stepOfPointer(pointer: string): StepKey {
  if (pointer.startsWith("/filters") || pointer.startsWith("/exports")) return "filters";
  if (pointer.startsWith("/rules")) return "metadata";
  if (
    pointer.startsWith("/destination") ||
    pointer.startsWith("/on_delete") ||
    pointer.startsWith("/max_files") ||
    pointer.startsWith("/handoff")
  )
    return "destination";
  if (pointer.startsWith("/schedule")) return "schedule";
  return "what";
}

export function toNewSync(draft: Draft, name: string, destination: Destination): NewSync {
  const { connection, drive, ...rest } = draft;
  return { ...rest, destination, name: name.trim(), connection_id: connection, drive: drive ?? { id: "" } };
}
