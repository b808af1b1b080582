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

/**
 * Takes the hand-off that has been due longest, so that nobody else sends it before `leaseS` have passed. Nothing when
 * none is due, or when so many are being sent to this receiver as it takes at once, by whichever process.
 */
export async function claimNext(
  tx: WorkspaceTx,
  connection: ConnectionId,
  { atOnce, leaseS }: { atOnce: number; leaseS: number },
): Promise<ClaimedHandoff | undefined> {
  // One after the other: otherwise two could both see the last free place.
  await tx.sql`select pg_advisory_xact_lock(hashtextextended(${`handoffs ${tx.workspace} ${connection}`}, 0))`;
  const [claimed] = await tx.sql<ClaimedHandoff>`
    with sent as (
      select count(*) as now from handoffs
       where connection_id = ${connection} and state = 'sending' and next_attempt_at > clock_timestamp()
    ), due as (
      select id from handoffs, sent
       where connection_id = ${connection} and state in ('queued', 'sending') and next_attempt_at <= clock_timestamp()
         and sent.now < ${atOnce}
       order by next_attempt_at limit 1
         for update of handoffs skip locked
    )
    update handoffs h
       set state = 'sending', attempts = attempts + 1, epoch = epoch + 1, last_sent_at = clock_timestamp(),
           first_sent_at = coalesce(first_sent_at, clock_timestamp()),
           next_attempt_at = clock_timestamp() + make_interval(secs => ${leaseS})
      from due where h.id = due.id
    returning h.id, h.sync_id, h.file_id, h.version, h.epoch, h.attempts, h.failures, h.payload, h.payload_form`;
  return claimed;
}

export async function renewClaim(tx: WorkspaceTx, { id, epoch }: ClaimedHandoff, leaseS: number): Promise<void> {
  await tx.sql`
    update handoffs set next_attempt_at = clock_timestamp() + make_interval(secs => ${leaseS})
     where id = ${id} and epoch = ${epoch} and state = 'sending'`;
}

export async function findStoredFile(
  tx: WorkspaceTx,
  { file_id, version }: Pick<ClaimedHandoff, "file_id" | "version">,
): Promise<StoredFile | undefined> {
  const [file] = await tx.sql<StoredFile>`
    select f.id, f.name, coalesce(p.path, '') as folder, p.metadata, coalesce(f.export_as, f.media_type) as media_type,
           f.object_size as size, f.object_sha256 as sha256, f.object_key, f.remote_id,
           f.remote_modified_at as modified_at, c.provider as source, s.destination, w.slug
      from files f
      join syncs s on s.id = f.sync_id and s.deleted_at is null
      join connections c on c.id = s.connection_id
      join workspaces w on w.id = f.workspace_id
      left join files p on p.sync_id = f.sync_id and p.remote_id = f.parent_id
     where f.id = ${file_id} and f.object_version = ${version} and f.object_key is not null and f.state <> 'removed'`;
  return file;
}

export async function keepPayload(tx: WorkspaceTx, id: HandoffId, payload: string, form: string): Promise<void> {
  await tx.sql`update handoffs set payload = ${payload}, payload_form = ${form} where id = ${id}`;
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

/** Writes it down where this process still has the hand-off; what comes too late changes nothing. */
export async function recordOutcome(tx: WorkspaceTx, claimed: ClaimedHandoff, outcome: Outcome): Promise<boolean> {
  const { state, answer, inMs = 0, failed = false, unsent = false } = outcome;
  const written = await tx.sql`
    update handoffs
       set state = ${state}, attempts = attempts - ${unsent ? 1 : 0}, failures = failures + ${failed ? 1 : 0},
           answer = coalesce(${answer ? JSON.stringify(answer) : null}::jsonb, answer),
           next_attempt_at = case when ${state} = 'queued' then clock_timestamp() + make_interval(secs => ${inMs / 1000}) end,
           payload = case when ${state} in ('queued', 'rejected', 'failed') then payload end
     where id = ${claimed.id} and epoch = ${claimed.epoch} and state = 'sending'
    returning 1 as one`;
  return written.length > 0;
}
