import { hawser } from "../../lib/api.ts";
import { saveFile } from "../../lib/save-file.ts";
import type { AuditFilter } from "./api.ts";

/** Saves every entry that matches as JSON lines, newest first. */
export async function saveAudit(workspace: { id: string; slug: string }, filter: AuditFilter): Promise<void> {
  const lines: string[] = [];
  for await (const entry of hawser.pages(hawser.audit.list, { workspace: workspace.id }, { ...filter, limit: 200 })) {
    lines.push(`${JSON.stringify(entry)}\n`);
  }
  saveFile(`audit-${workspace.slug}-${new Date().toISOString().slice(0, 10)}.jsonl`, "application/x-ndjson", lines);
}
