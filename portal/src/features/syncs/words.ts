import type { Destination, FileView, MetadataRule, SyncRun, SyncView } from "../../lib/contract.ts";
import { formatAmount, formatClock, formatCount } from "../../lib/format.ts";
import type { Mooring, MooringEnd } from "../../ui/mooring-line.tsx";
import type { Status } from "../../ui/status-badge.tsx";

/** How things of a sync are said in words; one place, so that every page says the same. */

export { cronWords, intervalWords, scheduleWords } from "../../lib/schedule-words.ts";

/**
 * The one word of a sync. Events tell that its run began or ended a moment before the sync itself is fetched again; until
 * then the run is right.
 */
export function statusOf(sync: SyncView): SyncView["status"] {
  const { open_run: open, last_run: last, status } = sync;
  if (open) return open.status === "running" || open.status === "queued" ? open.status : status;
  if (status !== "running" && status !== "queued") return status;
  return last?.status === "failed" || last?.status === "done_with_failures" ? last.status : "active";
}

/** Something above the tabs is mended first: of all buttons of the page, its one is filled. */
export const isUrgent = (sync: SyncView): boolean =>
  sync.held_removals !== null ||
  sync.connection.status !== "active" ||
  Boolean(sync.open_run?.status === "paused" && sync.open_run.failure) ||
  ["failed", "needs_authorization", "done_with_failures"].includes(statusOf(sync));

/** "212 files wait; what was stored stays." */
export const restsWords = (waiting: number): string =>
  waiting === 0
    ? "What was stored stays."
    : `${formatAmount(waiting, "file")} ${waiting === 1 ? "waits" : "wait"}; what was stored stays.`;

/** What a run that could not bring everything over means for the rest. */
export const restInOrderWords = ({ files, folders }: { files: number; folders: number }): string =>
  files > 0 ? "All others are in order." : `What is stored of ${folders === 1 ? "it" : "them"} stays.`;

export function nextRunWords(sync: SyncView): string {
  if (sync.status === "paused" || !sync.enabled) return "paused";
  if (sync.schedule.kind === "manual") return "by hand";
  return sync.next_run_at ? formatClock(sync.next_run_at) : "—";
}

export const layoutWords = {
  mirror: {
    title: "As at the source",
    detail: "The same folders and file names. People find their way; names that a disk cannot hold are adapted.",
  },
  ids: {
    title: "By id",
    detail: "Names made from ids. Renames and moves at the source touch nothing; for programs that use Hawser's index.",
  },
} as const;

const onDeleteWords = {
  mark: { title: "Keep the copy, mark it as gone", detail: "Nothing is ever removed at the destination." },
  remove: {
    title: "Remove the copy too",
    detail: "For good after 30 days. When many are gone at once, removals wait until a person approves them.",
  },
  keep: { title: "Keep everything as it was", detail: "The file stays in the list as if it were still there." },
} as const;

export const onDeleteOptions = (["mark", "remove", "keep"] as const).map((value) => ({
  value,
  ...onDeleteWords[value],
}));

/** In the line of facts of a sync: "removes nothing, marks only". */
export const onDeleteShort: Record<SyncView["on_delete"], string> = {
  mark: "removes nothing, marks only",
  remove: "removes here what is gone there",
  keep: "keeps what is gone there",
};

export const destinationEnd = (destination: Destination): MooringEnd =>
  destination.kind === "none"
    ? { id: "none", name: "Metadata only" }
    : { id: destination.kind, name: destinationKindWords[destination.kind] };

const destinationKindWords = { "local-folder": "Local folder", store: "Bucket" } as const;

export function destinationText(destination: Destination): { title: string; detail: string } {
  if (destination.kind === "none") return { title: "Metadata only", detail: "no copies" };
  return {
    title: destination.kind === "store" ? destination.folder : `${destination.root}/${destination.folder}`,
    detail: `${destinationKindWords[destination.kind]} · ${destination.layout === "mirror" ? "as at the source" : "by id"}`,
  };
}

export function mooringOf(status: SyncView["status"]): Mooring {
  if (status === "running") return "running";
  if (status === "paused" || status === "inactive" || status === "queued") return "paused";
  if (status === "failed" || status === "needs_authorization") return "gap";
  return "ok";
}

export const syncStatusWord: Partial<Record<SyncView["status"], string>> = { active: "In order" };

export const triggerWords: Record<SyncRun["trigger"], string> = {
  manual: "by hand",
  schedule: "by schedule",
  push: "by a notice of the source",
  retry: "failed files again",
  removals: "approved removals",
};

export const phaseWords: Record<SyncRun["phase"], string> = {
  listing: "listing the source",
  sweeping: "looking for what is gone",
  copying: "copying",
  finished: "finished",
};

export const fileStates: Record<FileView["state"] | "held", { status: Status; label: string }> = {
  waiting: { status: "queued", label: "Waiting" },
  indexed: { status: "active", label: "Indexed" },
  stored: { status: "active", label: "Stored" },
  skipped: { status: "cancelled", label: "Skipped" },
  failed: { status: "failed", label: "Failed" },
  removed: { status: "inactive", label: "Gone" },
  held: { status: "held", label: "Held" },
};

export const stateOf = (file: FileView) => (file.held ? fileStates.held : fileStates[file.state]);

/** What was done to how many: "12 new, 3 changed, 1 failed"; "nothing changed". */
export function outcomeWords({ counts, status }: SyncRun): string {
  const said = [
    [counts.created, "new"],
    [counts.updated, "changed"],
    [counts.moved, "moved"],
    [counts.deleted, "gone"],
    [counts.held, "held"],
    [counts.failed, "failed"],
  ] as const;
  const words = said.filter(([count]) => count > 0).map(([count, word]) => `${formatCount(count)} ${word}`);
  if (words.length > 0) return words.join(", ");
  return status === "failed" ? "stopped before it changed anything" : "nothing changed";
}

/** Files that a run has brought to where they belong. */
export const doneIn = ({ counts }: SyncRun) => counts.created + counts.updated + counts.moved;

export const runLength = (run: SyncRun): number | undefined => {
  if (!run.started_at) return undefined;
  const end = run.finished_at ? new Date(run.finished_at) : new Date();
  return end.getTime() - new Date(run.started_at).getTime();
};

/** Names of the metadata that rules give, in the order in which they appear. */
export function partsOf(rules: readonly MetadataRule[]): string[] {
  const names = rules.flatMap((rule) => [
    ...[...rule.pattern.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? ""),
    ...Object.keys(rule.set),
  ]);
  return [...new Set(names.filter(Boolean))];
}

/** `document_type` → "Document type" */
export function partLabel(part: string): string {
  const words = part.replaceAll("_", " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function folderWords(sync: Pick<SyncView, "folders" | "drive">): string {
  if (sync.folders.length === 0) return sync.drive.name ? `all of ${sync.drive.name}` : "everything";
  return formatAmount(sync.folders.length, "folder");
}
