// A run in words, while it goes on and when it is over.
import type { SyncRun } from "#domain/syncs/sync.ts";
import { bytesInWords, count, counted } from "./output.ts";
import type { Step } from "./progress.ts";

/** What the bar shows of a run, at a number of bytes a second. */
export function stepOf(run: SyncRun, rate: number): Step {
  const { found, remaining, failed, bytes, folders } = run.counts;
  if (run.status === "queued") return { done: 0, words: "files; waiting for a process that works on it" };
  if (run.phase === "listing") return { done: found, words: `files found in ${counted(folders, "folder")}` };
  if (run.phase === "sweeping") return { done: found, words: "files found; looking for what is gone" };
  const failures = failed > 0 ? `, ${count(failed)} failed` : "";
  return {
    done: found - remaining,
    total: found,
    words: `files, ${bytesInWords(bytes)} copied${failures}, ${bytesInWords(rate)}/s`,
  };
}

/** Bytes a second since it was first asked. */
export function rateMeter(): (bytes: number) => number {
  let first: { at: number; bytes: number } | undefined;
  return (bytes) => {
    const at = performance.now();
    first ??= { at, bytes };
    return at === first.at ? 0 : ((bytes - first.bytes) * 1000) / (at - first.at);
  };
}

/** How a run ended, or where it rests. */
export function endOf(sync: string, run: SyncRun): string[] {
  const { found, created, updated, moved, unchanged, skipped, deleted, held, failed, folders_failed, bytes } =
    run.counts;
  const parts = [
    `${count(found)} found`,
    ...Object.entries({ new: created, updated, moved, unchanged, skipped, removed: deleted, failed })
      .filter(([, amount]) => amount > 0)
      .map(([word, amount]) => `${count(amount)} ${word}`),
    ...(folders_failed > 0 ? [`${counted(folders_failed, "folder")} could not be read`] : []),
    bytesInWords(bytes),
    ...timeOf(run),
  ];
  return [
    `${run.status === "done" ? "✓" : run.status === "running" || run.status === "queued" ? "·" : "✗"} ${sync} ${words[run.status]}: ${parts.join(", ")}`,
    ...(run.failure ? [`  ${run.failure.message}`] : []),
    ...(held > 0 ? [`  ${counted(held, "removal")} wait for a decision in the portal.`] : []),
    ...(run.stoppedAtMaximum ? ["  Stopped at the maximum of files a run; the next one goes on from here."] : []),
  ];
}

const words = {
  queued: "waits",
  running: "runs",
  paused: "is paused",
  done: "is done",
  done_with_failures: "is done, with failures",
  failed: "failed",
  cancelled: "was cancelled",
} as const;

function timeOf({ startedAt, finishedAt }: SyncRun): string[] {
  return startedAt && finishedAt ? [`${((finishedAt.getTime() - startedAt.getTime()) / 1000).toFixed(1)} s`] : [];
}
