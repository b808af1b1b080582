import type { WorkspaceTx } from "#db/database.ts";

export interface AuditRow {
  sequence: number;
  at: Date;
  actor_kind: "user" | "api_key" | "system" | "cli";
  actor_id: string | null;
  actor_label: string;
  action: string;
  target_kind: string | null;
  target_id: string | null;
  target_label: string | null;
  result: "done" | "refused" | "failed";
  address: string | null;
  request_id: string | null;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
}

export interface EntriesAsked {
  before?: number | undefined;
  most: number;
  action?: string | undefined;
  actor?: string | undefined;
  target?: string | undefined;
  since?: string | undefined;
  until?: string | undefined;
}

/** Entries with a number below `before`, newest first. */
export async function findEntries(tx: WorkspaceTx, asked: EntriesAsked): Promise<AuditRow[]> {
  let query = tx.kysely
    .selectFrom("audit_entries")
    .select(["at", "actor_kind", "actor_id", "actor_label", "action", "target_kind", "target_id", "target_label"])
    .select(["sequence", "result", "address", "request_id", "before", "after"])
    .orderBy("sequence", "desc")
    .limit(asked.most);
  const { action, actor, target } = asked;
  if (asked.before !== undefined) query = query.where("sequence", "<", String(asked.before));
  if (asked.since !== undefined) query = query.where("at", ">=", new Date(asked.since));
  if (asked.until !== undefined) query = query.where("at", "<", new Date(asked.until));
  if (action !== undefined) {
    query = query.where((is) => is.or([is("action", "=", action), is("action", "like", `${escapeLike(action)}.%`)]));
  }
  if (actor !== undefined) {
    query = query.where((is) =>
      is.or([is("actor_label", "ilike", `%${escapeLike(actor)}%`), is(is.cast("actor_id", "text"), "=", actor)]),
    );
  }
  if (target !== undefined) {
    query = query.where((is) =>
      is.or([is("target_label", "ilike", `%${escapeLike(target)}%`), is("target_id", "=", target)]),
    );
  }
  const rows = await query.execute();
  return rows.map((row) => ({ ...row, sequence: Number(row.sequence) })) as AuditRow[];
}

const escapeLike = (text: string) => text.replaceAll(/[\\%_]/g, (sign) => `\\${sign}`);

interface Link {
  sequence: number;
  hash: Buffer;
  previous_hash: Buffer;
  /** What the entry's hash has to be. */
  computed: Buffer;
}

/** The next entries after a number, oldest first, each with what its hash has to be. */
export async function findLinks(tx: WorkspaceTx, after: number, most: number): Promise<Link[]> {
  const rows = await tx.sql<Link & { sequence: string }>`
    select sequence, hash, previous_hash, audit_hash(e) as computed
      from audit_entries e where sequence > ${after} order by sequence limit ${most}`;
  return rows.map((row) => ({ ...row, sequence: Number(row.sequence) }));
}

/** Where the chain says that it ends; nothing when nothing was ever written. */
export async function findHead(tx: WorkspaceTx): Promise<{ sequence: number; hash: Buffer } | undefined> {
  const [row] = await tx.sql<{ sequence: string; hash: Buffer }>`select sequence, hash from audit_heads`;
  return row && { sequence: Number(row.sequence), hash: row.hash };
}
