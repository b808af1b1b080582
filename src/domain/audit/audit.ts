import type { WorkspaceTx } from "#db/database.ts";
import type { Actor } from "./actor.ts";

export interface AuditEntry {
  actor: Actor;
  /** As the contract names it, such as `sync.created`. */
  action: string;
  target?: { kind: string; id?: string; label?: string };
  /** `done` unless told. */
  result?: "done" | "refused" | "failed";
  /** Plain fields only: never a secret, never a whole document. */
  before?: Record<string, unknown>;
  after?: Record<string, unknown>;
}

/**
 * Writes one entry of the audit log in the transaction of what it tells about, so that neither can be lost without the
 * other (SR-76). Number, time and chain are given by the database.
 */
export async function audit(tx: WorkspaceTx, entry: AuditEntry): Promise<void> {
  const { actor, target } = entry;
  await tx.sql`
    insert into audit_entries
      (workspace_id, actor_kind, actor_id, actor_label, action, target_kind, target_id, target_label,
       result, address, request_id, before, after, sequence, previous_hash, hash)
    values
      (${tx.workspace}, ${actor.kind}, ${"id" in actor ? actor.id : null}, ${actor.label}, ${entry.action},
       ${target?.kind}, ${target?.id}, ${target?.label}, ${entry.result ?? "done"}, ${actor.address}, ${actor.requestId},
       ${json(entry.before)}, ${json(entry.after)}, 0, '', '')`;
}

const json = (fields: Record<string, unknown> | undefined) => (fields ? JSON.stringify(fields) : null);
