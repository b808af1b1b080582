import { notFound } from "#core/errors.ts";
import type { FileId, SyncId, WorkspaceId } from "#core/ids.ts";
import type { Database, WorkspaceTx } from "#db/database.ts";
import { findSync } from "./queries.ts";

const MOST_CAUSES = 100;
const EXAMPLES = 3;

/** What failed for one reason. */
export interface Problem {
  kind: string;
  message: string;
  /** Of the one or of the other: a folder that could not be listed is mended otherwise than a file. */
  files: number;
  folders: number;
  since?: Date | undefined;
  examples: { id: FileId; name: string; folder: string }[];
}

/**
 * Failed files, and folders that could not be read, by cause; those that hold up most come first.
 * @throws AppError not_found
 */
export const listProblems = (deps: { database: Database }, workspace: WorkspaceId, sync: SyncId): Promise<Problem[]> =>
  deps.database.asWorkspace({ workspace }, async (tx) => {
    if (!(await findSync(tx, sync))) throw notFound();
    return findProblems(tx, sync);
  });

async function findProblems(tx: WorkspaceTx, sync: SyncId): Promise<Problem[]> {
  return tx.sql<Problem>`
    with failed as (
      select id, name, parent_id, is_folder, changed_at, coalesce(failure ->> 'kind', 'unknown') as kind,
             coalesce(failure ->> 'message', '') as message, failure ->> 'at' as at
        from files
       where sync_id = ${sync} and (state = 'failed' or (is_folder and state = 'folder' and failure is not null))
    ), numbered as (
      select *, row_number() over (partition by kind, message, is_folder order by changed_at desc, id) as number from failed
    ), causes as (
      select kind, message, is_folder, count(*)::int as entries, min(at)::timestamptz as since
        from failed group by kind, message, is_folder order by count(*) desc, kind, message limit ${MOST_CAUSES}
    )
    select c.kind, c.message, case when c.is_folder then 0 else c.entries end as files,
           case when c.is_folder then c.entries else 0 end as folders, c.since,
           (select jsonb_agg(jsonb_build_object('id', n.id, 'name', n.name, 'folder', coalesce(p.path, '')) order by n.number)
              from numbered n
              left join files p on p.sync_id = ${sync} and p.remote_id = n.parent_id
             where n.kind = c.kind and n.message = c.message and n.is_folder = c.is_folder and n.number <= ${EXAMPLES}) as examples
      from causes c
     order by c.entries desc, c.kind, c.message, c.is_folder`;
}
