import { Download } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { ApiError, hawser } from "../../lib/api.ts";
import type { FileView, SyncView } from "../../lib/contract.ts";
import { csvLine } from "../../lib/csv.ts";
import { formatAmount, formatCount } from "../../lib/format.ts";
import { saveFile } from "../../lib/save-file.ts";
import { useWorkspace } from "../../lib/session.ts";
import { Button } from "../../ui/button.tsx";
import { toast, toastError } from "../../ui/toast.tsx";
import type { FileFilter } from "./api.ts";
import { partsOf } from "./words.ts";

export interface ExportFilesProps {
  sync: SyncView;
  /** Exactly these are written, in this order. */
  filter: FileFilter;
  /** How many match, where that is known. */
  total: number | undefined;
}

/** Saves all files that match as CSV, page by page; it can be cancelled, and ends with the page. */
export function ExportFiles({ sync, filter, total }: ExportFilesProps) {
  const workspace = useWorkspace();
  const [written, setWritten] = useState<number>();
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(), []);

  const start = async () => {
    const controller = new AbortController();
    running.current = controller;
    setWritten(0);
    try {
      const lines = await readLines(workspace.id, sync, filter, { signal: controller.signal, onWritten: setWritten });
      saveFile(`${workspace.slug}-${sync.name}-${new Date().toISOString().slice(0, 10)}.csv`, "text/csv", lines);
      toast(`${formatAmount(lines.length - 1, "file")} exported.`);
    } catch (error) {
      if (!controller.signal.aborted) toastError("The files could not be exported", error);
    } finally {
      setWritten(undefined);
    }
  };

  if (written === undefined) {
    return (
      <Button kind="quiet" icon={Download} onClick={() => void start()}>
        Export
      </Button>
    );
  }
  return (
    <span className="flex items-center gap-2">
      <span className="text-muted">
        {formatCount(written)}
        {total !== undefined && ` of ${formatCount(total)}`} exported
      </span>
      <Button kind="quiet" onClick={() => running.current?.abort()}>
        Cancel
      </Button>
    </span>
  );
}

const fixed = ["Folder", "Name", "State", "Size", "Type", "Modified", "Stored", "SHA-256", "Problem"];

/** The head and a line for each file. @throws ApiError; the abort */
async function readLines(
  workspace: string,
  sync: SyncView,
  filter: FileFilter,
  { signal, onWritten }: { signal: AbortSignal; onWritten: (count: number) => void },
): Promise<string[]> {
  const parts = partsOf(sync.rules);
  // Spreadsheets take a file without this mark for one in a local alphabet.
  const lines = [`\uFEFF${csvLine([...fixed, ...parts])}`];
  let cursor: string | undefined;
  do {
    const page = await whenAllowed(signal, () =>
      hawser.files.list({ workspace, id: sync.id }, { ...filter, limit: 200, cursor }, { signal }),
    );
    lines.push(
      ...page.items.map((file) => csvLine([...fixedOf(file), ...parts.map((part) => file.metadata[part] ?? null)])),
    );
    onWritten(lines.length - 1);
    cursor = page.next;
    // The rest of the portal asks within the same number of requests a minute.
    await pause(50);
  } while (cursor !== undefined);
  return lines;
}

const fixedOf = (file: FileView) => [
  file.folder,
  file.name,
  file.held ? "held" : file.state,
  file.size,
  file.media_type,
  file.modified_at,
  file.object?.stored_at ?? null,
  file.object?.sha256 ?? null,
  file.failure?.message ?? file.reason,
];

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** More pages than a minute allows are fetched as fast as it does. */
async function whenAllowed<Answer>(signal: AbortSignal, ask: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 429) throw error;
      await pause((error.retryAfterS ?? 5) * 1000);
      signal.throwIfAborted();
    }
  }
}
