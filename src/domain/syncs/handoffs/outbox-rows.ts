// The outbox as whoever sends sees it: what is due, who has it, what came of it.
import type { ConnectionId, FileId, HandoffId, SyncId } from "#core/ids.ts";
import type { WorkspaceTx } from "#db/database.ts";
import type { HandoffReply, HandoffState } from "./handoff.ts";

/** A hand-off that this process may send now. */
export interface ClaimedHandoff {
  id: HandoffId;
  sync_id: SyncId;
  file_id: FileId;
  version: string;
  epoch: string;
  attempts: number;
  failures: number;
  payload: string | null;
  payload_form: string | null;
}

/** What is known of the stored file. Absent where the file has another version now, or is gone. */
export interface StoredFile {
  id: FileId;
  name: string;
  folder: string;
  metadata: Record<string, string> | null;
  media_type: string | null;
  size: string;
  sha256: string;
  object_key: string;
  remote_id: string;
  modified_at: Date | null;
  source: string;
  destination: unknown;
  slug: string;
}

export interface Claim {
  wanted: number;
  /** Over all processes. */
  atOnce: number;
  /** What this process has and still has to send, or is sending. */
  own: readonly HandoffId[];
  leaseS: number;
}

/**
 * Takes those hand-offs that have been due longest, so that nobody else sends them before `leaseS` have passed. A process
 * that is alone at this receiver may take more than it sends at once; several of them share the places.
 */
export async function claimDue(
  tx: WorkspaceTx,
  connection: ConnectionId,
  { wanted, atOnce, own, leaseS }: Claim,
): Promise<ClaimedHandoff[]> {
  const [, claimed] = await Promise.all([
    // One process after the other: otherwise two could both see the last free places.
    tx.sql`select pg_advisory_xact_lock(hashtextextended(${`handoffs ${tx.workspace} ${connection}`}, 0))`,
    tx.sql<ClaimedHandoff>`
    with due as (
      select id from handoffs
       where connection_id = ${connection} and state in ('queued', 'sending') and next_attempt_at <= clock_timestamp()
       order by next_attempt_at
       limit (select case when count(*) = 0 then ${wanted}::int
                          else greatest(least(${wanted}::int, ${atOnce - own.length}::int - count(*)), 0) end
                from handoffs
               where connection_id = ${connection} and state = 'sending' and next_attempt_at > clock_timestamp()
                 and id <> all(${own}::text[]))
         for update skip locked
    )
    update handoffs h
       set state = 'sending', attempts = attempts + 1, epoch = epoch + 1, last_sent_at = clock_timestamp(),
           first_sent_at = coalesce(first_sent_at, clock_timestamp()),
           next_attempt_at = clock_timestamp() + make_interval(secs => ${leaseS})
      from due where h.id = due.id
    returning h.id, h.sync_id, h.file_id, h.version, h.epoch, h.attempts, h.failures, h.payload, h.payload_form`,
  ]);
  return claimed;
}

export async function renewClaim(tx: WorkspaceTx, { id, epoch }: ClaimedHandoff, leaseS: number): Promise<void> {
  await tx.sql`
    update handoffs set next_attempt_at = clock_timestamp() + make_interval(secs => ${leaseS})
     where id = ${id} and epoch = ${epoch} and state = 'sending'`;
}

/** Of these hand-offs, by their ids. */
export async function findStoredFiles(
  tx: WorkspaceTx,
  claimed: readonly ClaimedHandoff[],
): Promise<Map<HandoffId, StoredFile>> {
  const files = await tx.sql<StoredFile & { version: string }>`
    select f.id, f.object_version as version, f.name, coalesce(p.path, '') as folder, p.metadata,
           coalesce(f.export_as, f.media_type) as media_type, f.object_size as size, f.object_sha256 as sha256,
           f.object_key, f.remote_id, f.remote_modified_at as modified_at, c.provider as source, s.destination, w.slug
      from files f
      join syncs s on s.id = f.sync_id and s.deleted_at is null
      join connections c on c.id = s.connection_id
      join workspaces w on w.id = f.workspace_id
      left join files p on p.sync_id = f.sync_id and p.remote_id = f.parent_id
     where f.id = any(${claimed.map(({ file_id }) => file_id)}::uuid[]) and f.object_key is not null and f.state <> 'removed'`;
  const present = new Map(files.map(({ version, ...file }) => [`${file.id} ${version}`, file]));
  return new Map(
    claimed.flatMap(({ id, file_id, version }) => {
      const file = present.get(`${file_id} ${version}`);
      return file ? [[id, file] as const] : [];
    }),
  );
}

export async function keepPayloads(
  tx: WorkspaceTx,
  written: readonly { id: HandoffId; payload: string }[],
  form: string,
): Promise<void> {
  if (written.length === 0) return;
  await tx.sql`
    update handoffs h set payload = w.payload, payload_form = ${form}
      from unnest(${written.map(({ id }) => id)}::text[], ${written.map(({ payload }) => payload)}::text[]) as w (id, payload)
     where h.id = w.id`;
}

/** What an attempt has come to. */
export interface Outcome {
  state: Exclude<HandoffState, "sending">;
  answer?: HandoffReply | undefined;
  /** For one that is queued again. */
  inMs?: number | undefined;
  /** It counts towards giving up. */
  failed?: boolean;
  /** Nothing was sent, so it does not count as an attempt either. */
  unsent?: boolean;
}

/** Writes them down where this process still has the hand-off; what comes too late changes nothing. Answers which it had. */
export async function recordOutcomes(
  tx: WorkspaceTx,
  outcomes: readonly { claimed: ClaimedHandoff; outcome: Outcome }[],
): Promise<Set<HandoffId>> {
  if (outcomes.length === 0) return new Set();
  const each = <T>(of: (one: Outcome) => T) => outcomes.map(({ outcome }) => of(outcome));
  const written = await tx.sql<{ id: HandoffId }>`
    update handoffs h
       set state = o.state, attempts = h.attempts - o.unsent, failures = h.failures + o.failed,
           answer = coalesce(o.answer::jsonb, h.answer),
           next_attempt_at = case when o.state = 'queued' then clock_timestamp() + make_interval(secs => o.in_s) end,
           payload = case when o.state in ('queued', 'rejected', 'failed') then h.payload end
      from unnest(
             ${outcomes.map(({ claimed }) => claimed.id)}::text[],
             ${outcomes.map(({ claimed }) => claimed.epoch)}::bigint[],
             ${each(({ state }) => state)}::text[],
             ${each(({ unsent = false }) => (unsent ? 1 : 0))}::int[],
             ${each(({ failed = false }) => (failed ? 1 : 0))}::int[],
             ${each(({ answer }) => (answer ? JSON.stringify(answer) : null))}::text[],
             ${each(({ inMs = 0 }) => inMs / 1000)}::float8[]
           ) as o (id, epoch, state, unsent, failed, answer, in_s)
     where h.id = o.id and h.epoch = o.epoch and h.state = 'sending'
    returning h.id`;
  return new Set(written.map(({ id }) => id));
}
