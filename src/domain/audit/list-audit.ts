import type { Cursor, WorkspaceId } from "#core/ids.ts";
import type { Page } from "#core/page.ts";
import type { Database } from "#db/database.ts";
import { type AuditRow, findEntries } from "./queries.ts";

export type { AuditRow } from "./queries.ts";

export interface AuditFilter {
  limit: number;
  /** As `next` of the page before. */
  cursor?: string | undefined;
  /** An action, or the first part of one: `sync` finds `sync.created`. */
  action?: string | undefined;
  /** Part of an actor's name, or their id. */
  actor?: string | undefined;
  /** Part of a target's name, or its id. */
  target?: string | undefined;
  since?: string | undefined;
  until?: string | undefined;
}

/** The audit log, newest first. */
export async function listAudit(
  { db }: { db: Database },
  workspace: WorkspaceId,
  { cursor, limit, ...filter }: AuditFilter,
): Promise<Page<AuditRow>> {
  const before = cursor === undefined ? undefined : Number(cursor);
  const rows = await db.asWorkspace({ workspace }, (tx) => findEntries(tx, { ...filter, before, most: limit + 1 }));
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return rows.length > limit && last ? { items, next: String(last.sequence) as Cursor } : { items };
}
