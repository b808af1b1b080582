import type { WorkspaceId } from "#core/ids.ts";
import { fromCursor, toCursor } from "#core/keyset.ts";
import type { Page } from "#core/page.ts";
import type { Database } from "#db/database.ts";

export type ActivityKind = "people" | "syncs" | "connections";

/** Something that happened: a person's doing, or the end of a run. */
export interface Activity {
  id: string;
  at: Date;
  kind: ActivityKind;
  /** Who did it; nobody for the end of a run. */
  actor: string | null;
  action: string;
  target: { kind: string; id: string | null; label: string | null } | null;
  figures: Record<string, number>;
}

interface Row {
  id: string;
  at: Date;
  /** `at` to the microsecond, which a Date does not hold. */
  moment: string;
  kind: ActivityKind;
  actor: string | null;
  action: string;
  target_kind: string | null;
  target_id: string | null;
  target_label: string | null;
  figures: Record<string, number>;
}

/**
 * What happened lately, newest first, for every member to see: of the audit log who did what to what, without addresses
 * and values, and nothing of invitations and keys, which only admins handle, or of drafts, which are one's own.
 *
 * @throws AppError cursor_not_valid
 */
export async function listActivity(
  { database }: { database: Database },
  workspace: WorkspaceId,
  { limit, cursor, kind }: { limit: number; cursor?: string | undefined; kind?: ActivityKind | undefined },
): Promise<Page<Activity>> {
  const [moment, id] = fromCursor(cursor, 2) ?? [null, null];
  const rows = await database.asWorkspace(
    { workspace },
    (tx) => tx.sql<Row>`
      with asked as (
        select coalesce(${moment}::timestamptz, 'infinity') as moment,
               coalesce(${id}::text, '') as before, ${kind ?? null}::text as wanted
      ), done as (
        select 'a' || lpad(sequence::text, 12, '0') as id, e.at,
               case when action like 'connection.%' then 'connections'
                    when action like 'sync.%' or action like 'destination.%' then 'syncs' else 'people' end as kind,
               actor_label as actor, action, target_kind, target_id, target_label, '{}'::jsonb as figures
          from audit_entries e, asked
         where result = 'done' and e.at <= asked.moment
           and (action = 'invitation.accepted' or action not like all (array['invitation.%', 'api_key.%', 'draft.%']))
      ), ended as (
        select 'r' || r.id as id, r.finished_at as at, 'syncs' as kind, null::text as actor, 'sync_run.' || r.status as action,
               'sync' as target_kind, s.id::text as target_id, s.name as target_label,
               jsonb_build_object('found', found, 'created', created, 'updated', updated, 'moved', moved,
                 'deleted', deleted, 'failed', failed, 'held', held) as figures
          from sync_runs r join syncs s on s.workspace_id = r.workspace_id and s.id = r.sync_id, asked
         where r.finished_at <= asked.moment
      ), both_kinds as (
        (select done.* from done, asked
          where (wanted is null or kind = wanted) and (at, id collate "C") < (moment, before)
          order by at desc, id collate "C" desc limit ${limit + 1})
        union all
        (select ended.* from ended, asked
          where (wanted is null or kind = wanted) and (at, id collate "C") < (moment, before)
          order by at desc, id collate "C" desc limit ${limit + 1})
      )
      select *, at::text as moment
        from both_kinds order by at desc, id collate "C" desc limit ${limit + 1}`,
  );
  const items = rows.slice(0, limit).map(toActivity);
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  return last ? { items, next: toCursor(last.moment, last.id) } : { items };
}

const toActivity = ({ id, at, kind, actor, action, figures, ...row }: Row): Activity => ({
  id,
  at,
  kind,
  actor,
  action,
  figures,
  target: row.target_kind === null ? null : { kind: row.target_kind, id: row.target_id, label: row.target_label },
});
