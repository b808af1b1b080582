import type { WorkspaceId } from "#core/ids.ts";
import type { Database } from "#db/database.ts";
import { findHead, findLinks } from "./queries.ts";

export interface AuditVerdict {
  /** Entries that were checked and are in order. */
  entries: number;
  intact: boolean;
  /** The number of the first entry that was changed, is missing or stands in the wrong place. */
  brokenAt: number | null;
}

const batch = 1_000;

/** Computes the chain of the audit log again, from the first entry to where the database says that it ends (SR-76). */
export async function verifyAudit({ db }: { db: Database }, workspace: WorkspaceId): Promise<AuditVerdict> {
  // The end first: what is written while we look comes after it.
  const head = await db.asWorkspace({ workspace }, findHead);
  let sequence = 0;
  let previous: Uint8Array = new Uint8Array();
  const brokenAt = (at: number): AuditVerdict => ({ entries: sequence, intact: false, brokenAt: at });
  while (sequence < (head?.sequence ?? 0)) {
    const links = await db.asWorkspace({ workspace }, (tx) => findLinks(tx, sequence, batch));
    if (links.length === 0) return brokenAt(sequence + 1);
    for (const link of links) {
      const inPlace = link.sequence === sequence + 1 && link.previous_hash.equals(previous);
      if (!inPlace || !link.hash.equals(link.computed)) return brokenAt(sequence + 1);
      if (link.sequence === head?.sequence && !link.hash.equals(head.hash)) return brokenAt(link.sequence);
      sequence = link.sequence;
      previous = link.hash;
    }
  }
  // Without an end there may be no entry either.
  if (!head && (await db.asWorkspace({ workspace }, (tx) => findLinks(tx, 0, 1))).length > 0) return brokenAt(1);
  return { entries: sequence, intact: true, brokenAt: null };
}
