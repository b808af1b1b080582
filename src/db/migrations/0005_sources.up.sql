-- Sources with a change feed or with roll-ups, documents that are exported, and what a comparison with the source found.

alter table hawser.syncs
  -- Media types that documents without bytes of their own are turned into, most wanted first; none: the usual ones.
  add column exports jsonb not null default '[]' check (jsonb_typeof(exports) = 'array'),
  -- From where on changes are read, and the listing that they are changes of.
  add column change_cursor text,
  add column cursor_generation integer,
  -- The last listing that came to its end.
  add column listed_generation integer,
  -- When folders were last walked whatever their roll-ups said.
  add column walked_at timestamptz,
  drop constraint syncs_on_delete_check,
  add constraint syncs_on_delete_check check (on_delete in ('mark', 'remove', 'keep'));

alter table hawser.sync_runs
  -- Whether the run lists the source anew or reads what has changed since.
  add column listing text not null default 'full' check (listing in ('full', 'changes'));

alter table hawser.files
  add column export_as text,
  add column rollup text,
  -- The roll-up at the last listing that showed everything below.
  add column listed_rollup text;

create table hawser.sync_verifications (
  workspace_id uuid not null,
  sync_id uuid not null,
  id uuid not null,
  state text not null default 'queued' check (state in ('queued', 'running', 'done', 'failed')),
  checked integer not null default 0,
  -- How many there are; of them the first thousand are kept.
  different integer not null default 0,
  differences jsonb not null default '[]' check (jsonb_typeof(differences) = 'array'),
  failure jsonb,
  created_at timestamptz not null default now(),
  created_by uuid,
  started_at timestamptz,
  finished_at timestamptz,
  updated_at timestamptz not null default now(),
  -- The latest one only.
  primary key (workspace_id, sync_id),
  foreign key (workspace_id, sync_id) references hawser.syncs (workspace_id, id) on delete cascade
);
call hawser.protect('hawser.sync_verifications', 'select, insert, update, delete');
