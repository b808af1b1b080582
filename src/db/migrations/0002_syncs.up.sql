-- Connections, syncs, the mirrored trees, sync runs and schedules.

create table hawser.connections (
  workspace_id uuid not null references hawser.workspaces (id) on delete cascade,
  id uuid not null default gen_random_uuid(),
  provider text not null,
  name text not null check (char_length(name) between 1 and 255),
  config jsonb not null default '{}' check (jsonb_typeof(config) = 'object'),
  tags text[] not null default '{}',
  status text not null default 'inactive' check (status in ('inactive', 'active', 'error', 'needs_authorization')),
  account_id text,
  account_label text,
  failure jsonb,
  checked_at timestamptz,
  created_at timestamptz not null default now(),
  created_by uuid,
  updated_at timestamptz not null default now(),
  updated_by uuid,
  deleted_at timestamptz,
  deleted_by uuid,
  primary key (workspace_id, id)
);
create unique index connections_name on hawser.connections (workspace_id, lower(name)) where deleted_at is null;
call hawser.protect('hawser.connections', 'select, insert, update');

create table hawser.syncs (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  connection_id uuid not null,
  name text not null check (char_length(name) between 1 and 255),
  description text not null default '' check (char_length(description) <= 2000),
  tags text[] not null default '{}',
  enabled boolean not null default true,
  -- What is kept in sync: a drive of the connection, of it the chosen folders (none chosen: all of it), filtered.
  drive_id text not null,
  drive_name text not null default '',
  folders jsonb not null default '[]' check (jsonb_typeof(folders) = 'array'),
  filters jsonb not null default '{}' check (jsonb_typeof(filters) = 'object'),
  max_files_per_run integer check (max_files_per_run > 0),
  rules jsonb not null default '[]' check (jsonb_typeof(rules) = 'array'),
  destination jsonb not null default '{"kind": "none"}' check (jsonb_typeof(destination) = 'object'),
  on_delete text not null default 'mark' check (on_delete in ('mark', 'remove')),
  schedule jsonb not null default '{"kind": "manual"}' check (jsonb_typeof(schedule) = 'object'),
  -- Where it is: the last listing begun, whether the selection has changed since, removals that wait for a person.
  generation integer not null default 0,
  selection_version integer not null default 1,
  projected_version integer not null default 1,
  held_removals integer not null default 0,
  held_since timestamptz,
  removal_decision text check (removal_decision in ('approve', 'keep')),
  created_at timestamptz not null default now(),
  created_by uuid,
  updated_at timestamptz not null default now(),
  updated_by uuid,
  deleted_at timestamptz,
  deleted_by uuid,
  primary key (workspace_id, id),
  foreign key (workspace_id, connection_id) references hawser.connections (workspace_id, id)
);
create unique index syncs_name on hawser.syncs (workspace_id, lower(name)) where deleted_at is null;
create index syncs_connection on hawser.syncs (workspace_id, connection_id);
call hawser.protect('hawser.syncs', 'select, insert, update, delete', across => true);

create table hawser.sync_leases (
  workspace_id uuid not null,
  sync_id uuid not null,
  epoch bigint not null default 0,
  holder text,
  expires_at timestamptz,
  primary key (workspace_id, sync_id),
  foreign key (workspace_id, sync_id) references hawser.syncs (workspace_id, id) on delete cascade
);
call hawser.protect('hawser.sync_leases', 'select, insert, update', across => true);

create table hawser.sync_runs (
  workspace_id uuid not null,
  id uuid not null,
  sync_id uuid not null,
  trigger text not null check (trigger in ('manual', 'schedule', 'retry', 'removals')),
  scheduled_for timestamptz,
  status text not null default 'queued'
    check (status in ('queued', 'running', 'paused', 'done', 'done_with_failures', 'failed', 'cancelled')),
  phase text not null default 'listing' check (phase in ('listing', 'sweeping', 'copying', 'finished')),
  generation integer,
  cancel_requested boolean not null default false,
  -- Each file seen is in exactly one of the figures behind `found`; the check below holds at every commit.
  found integer not null default 0,
  created integer not null default 0,
  updated integer not null default 0,
  moved integer not null default 0,
  unchanged integer not null default 0,
  skipped integer not null default 0,
  failed integer not null default 0,
  remaining integer not null default 0 check (remaining >= 0),
  deleted integer not null default 0,
  held integer not null default 0,
  folders integer not null default 0,
  folders_failed integer not null default 0,
  bytes bigint not null default 0,
  remaining_bytes bigint not null default 0,
  stopped_at_maximum boolean not null default false,
  failure jsonb,
  created_at timestamptz not null default now(),
  created_by uuid,
  started_at timestamptz,
  listed_at timestamptz,
  finished_at timestamptz,
  updated_at timestamptz not null default now(),
  primary key (workspace_id, id),
  foreign key (workspace_id, sync_id) references hawser.syncs (workspace_id, id) on delete cascade,
  constraint counts_add_up check (found = created + updated + moved + unchanged + skipped + failed + remaining)
);
create index sync_runs_sync on hawser.sync_runs (workspace_id, sync_id, created_at desc);
create index sync_runs_finished on hawser.sync_runs (workspace_id, finished_at desc) where finished_at is not null;
-- A sync has at most one run that is not over.
create unique index sync_runs_open on hawser.sync_runs (workspace_id, sync_id) where status in ('queued', 'running', 'paused');
create unique index sync_runs_tick on hawser.sync_runs (workspace_id, sync_id, scheduled_for) where scheduled_for is not null;
call hawser.protect('hawser.sync_runs', 'select, insert, update, delete', across => true);

create table hawser.sync_run_log (
  workspace_id uuid not null,
  run_id uuid not null,
  sequence bigint generated always as identity,
  at timestamptz not null default clock_timestamp(),
  level text not null check (level in ('info', 'warning', 'error')),
  code text not null,
  message text not null check (char_length(message) <= 1000),
  file_id uuid,
  primary key (workspace_id, run_id, sequence),
  foreign key (workspace_id, run_id) references hawser.sync_runs (workspace_id, id) on delete cascade
);
call hawser.protect('hawser.sync_run_log', 'select, insert, delete');

-- The tree of a sync, by the provider's ids. Only folders know their path; a file lies in a folder, so that moving a
-- folder of any size changes the folder's row. Metadata read from the path therefore stands on the folder, too.
create table hawser.files (
  workspace_id uuid not null,
  sync_id uuid not null,
  remote_id text not null,
  id uuid not null default gen_random_uuid(),
  parent_id text,
  name text not null,
  is_folder boolean not null,
  locator text,
  size bigint,
  media_type text,
  link text,
  version text not null,
  remote_created_at timestamptz,
  remote_modified_at timestamptz,
  remote_hash text,
  provider_metadata jsonb,
  -- folders
  path text,
  metadata jsonb,
  list_cursor text,
  listed_generation integer,
  path_run_id uuid,
  -- what is true of it, and what is to be done about it
  state text not null check (state in ('folder', 'waiting', 'indexed', 'stored', 'skipped', 'failed', 'removed')),
  reason text,
  work text check (work in ('copy', 'move')),
  failure jsonb,
  attempts integer not null default 0,
  -- the bytes at the destination
  object_key text,
  object_version text,
  object_size bigint,
  object_sha256 text,
  stored_at timestamptz,
  -- where it was last seen
  seen_generation integer not null,
  missing_generation integer,
  held boolean not null default false,
  run_id uuid,
  first_seen_at timestamptz not null default now(),
  changed_at timestamptz not null default now(),
  removed_at timestamptz,
  primary key (workspace_id, sync_id, remote_id),
  unique (workspace_id, id),
  foreign key (workspace_id, sync_id) references hawser.syncs (workspace_id, id) on delete cascade,
  constraint stored_has_bytes check (state <> 'stored' or object_key is not null),
  constraint folders_are_folders check (is_folder = (state = 'folder') or state = 'removed'),
  constraint folders_have_paths check (not is_folder or path is not null)
) with (fillfactor = 85);
create index files_parent on hawser.files (workspace_id, sync_id, parent_id);
create index files_totals on hawser.files (workspace_id, sync_id, state) include (size) where not is_folder;
create index files_changed on hawser.files (workspace_id, sync_id, changed_at desc, id desc) where not is_folder;
create index files_name on hawser.files (workspace_id, sync_id, lower(name), id) where not is_folder;
create index files_work on hawser.files (workspace_id, sync_id, work, id) where work is not null;
create index files_missing on hawser.files (workspace_id, sync_id, missing_generation) where missing_generation is not null;
create index files_held on hawser.files (workspace_id, sync_id) where held;
create index folders_to_list on hawser.files (workspace_id, sync_id, seen_generation, listed_generation) where is_folder;
call hawser.protect('hawser.files', 'select, insert, update, delete');

-- A key at the destination belongs to one file, also when only upper case or the Unicode form differ (SR-84).
create table hawser.object_claims (
  workspace_id uuid not null,
  sync_id uuid not null,
  folded_key text not null,
  file_id uuid not null,
  primary key (workspace_id, sync_id, folded_key),
  foreign key (workspace_id, sync_id) references hawser.syncs (workspace_id, id) on delete cascade
);
create index object_claims_file on hawser.object_claims (workspace_id, file_id);
call hawser.protect('hawser.object_claims', 'select, insert, update, delete');

-- Objects to take away at the destination: the places of files that are gone, and of versions that were replaced.
create table hawser.object_removals (
  workspace_id uuid not null,
  sync_id uuid not null,
  object_key text not null,
  queued_at timestamptz not null default now(),
  primary key (workspace_id, sync_id, object_key),
  foreign key (workspace_id, sync_id) references hawser.syncs (workspace_id, id) on delete cascade
);
call hawser.protect('hawser.object_removals', 'select, insert, update, delete');

-- What a person has begun to fill in and not sent off yet: one of each kind, and gone with the membership.
create table hawser.drafts (
  workspace_id uuid not null,
  user_id uuid not null,
  kind text not null check (kind in ('sync')),
  body jsonb not null check (jsonb_typeof(body) = 'object'),
  updated_at timestamptz not null default now(),
  primary key (workspace_id, user_id, kind),
  foreign key (workspace_id, user_id) references hawser.members (workspace_id, user_id) on delete cascade,
  constraint drafts_size check (octet_length(body::text) <= 65536)
);
call hawser.protect('hawser.drafts', 'select, insert, update, delete');

-- ── schedules ────────────────────────────────────────────────────────────────────────────────────────────────────

create table hawser.schedules (
  workspace_id uuid not null,
  owner_kind text not null,
  owner_id uuid not null,
  rule jsonb not null check (jsonb_typeof(rule) = 'object'),
  enabled boolean not null default true,
  -- Null until a process has worked it out.
  next_tick_at timestamptz,
  last_tick_at timestamptz,
  failure text,
  primary key (workspace_id, owner_kind, owner_id),
  foreign key (workspace_id) references hawser.workspaces (id) on delete cascade
);
create index schedules_due on hawser.schedules (next_tick_at nulls first) where enabled and failure is null;
call hawser.protect('hawser.schedules', 'select, insert, update, delete', across => true);

create table hawser.ticks (
  workspace_id uuid not null,
  owner_kind text not null,
  owner_id uuid not null,
  scheduled_for timestamptz not null,
  fired_at timestamptz not null default clock_timestamp(),
  primary key (workspace_id, owner_kind, owner_id, scheduled_for),
  foreign key (workspace_id) references hawser.workspaces (id) on delete cascade
);
call hawser.protect('hawser.ticks', 'select, insert, delete');

-- A sync's schedule follows its row, also when the row comes from plain SQL (SR-62).
create function hawser.schedule_sync() returns trigger
  language plpgsql as $$
begin
  if new.deleted_at is not null or new.schedule ->> 'kind' = 'manual' then
    delete from hawser.schedules where workspace_id = new.workspace_id and owner_kind = 'sync' and owner_id = new.id;
  else
    insert into hawser.schedules (workspace_id, owner_kind, owner_id, rule, enabled)
    values (new.workspace_id, 'sync', new.id, new.schedule, new.enabled)
    on conflict (workspace_id, owner_kind, owner_id) do update
      set rule = excluded.rule, enabled = excluded.enabled, next_tick_at = null, failure = null
      where schedules.rule is distinct from excluded.rule or schedules.enabled is distinct from excluded.enabled;
  end if;
  return null;
end $$;
create trigger schedule_sync after insert or update of schedule, enabled, deleted_at on hawser.syncs
  for each row execute function hawser.schedule_sync();

-- ── the listed functions over all workspaces ─────────────────────────────────────────────────────────────────────

create function hawser.due_schedules(most integer)
  returns table (workspace_id uuid, owner_kind text, owner_id uuid)
  language sql stable security definer set search_path = hawser, pg_temp as $$
  select s.workspace_id, s.owner_kind, s.owner_id from hawser.schedules s
    join hawser.workspaces w on w.id = s.workspace_id and w.deleted_at is null
   where s.enabled and s.failure is null and (s.next_tick_at is null or s.next_tick_at <= clock_timestamp())
   order by s.next_tick_at nulls first limit least(most, 1000);
$$;

-- Runs whose process has died, and queued ones whose job does not come although a minute has passed.
create function hawser.sync_runs_without_lease(most integer)
  returns table (workspace_id uuid, run_id uuid)
  language sql stable security definer set search_path = hawser, pg_temp as $$
  select r.workspace_id, r.id from hawser.sync_runs r
    join hawser.workspaces w on w.id = r.workspace_id and w.deleted_at is null
    left join hawser.sync_leases l on l.workspace_id = r.workspace_id and l.sync_id = r.sync_id
   where (r.status = 'running' or (r.status = 'queued' and r.updated_at < clock_timestamp() - interval '1 minute'))
     and (l.expires_at is null or l.expires_at < clock_timestamp())
   order by r.created_at limit least(most, 1000);
$$;

-- Until the first ANALYZE the planner takes every index of `files` for equally good, and reads a whole tree to find one
-- row. A first listing cannot wait for autovacuum, and only the owner of a table may analyze it.
create function hawser.analyze_files() returns void
  language plpgsql security definer set search_path = hawser, pg_temp as $$
begin
  if pg_try_advisory_xact_lock(hashtext('hawser analyze files')) then
    analyze hawser.files;
  end if;
end $$;

revoke all on all functions in schema hawser from public;
grant execute on function hawser.due_schedules(integer), hawser.sync_runs_without_lease(integer), hawser.analyze_files()
  to hawser_app;
