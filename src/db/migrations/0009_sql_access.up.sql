-- SQL for others than Hawser: members of a workspace read their rows and add syncs with their own sign-in, through
-- Supabase's data API (role `authenticated`) or through a back end on any PostgreSQL (docs/guides/sql.md). And views.

-- Who a member is where the claims of a request come from. It ends with the membership.
create table hawser.sql_members (
  workspace_id uuid not null,
  user_id uuid not null,
  -- The claim `sub`: on Supabase the id of the user there, as text.
  subject text not null check (char_length(subject) between 1 and 255),
  created_at timestamptz not null default now(),
  primary key (workspace_id, user_id),
  unique (workspace_id, subject),
  foreign key (workspace_id, user_id) references hawser.members (workspace_id, user_id) on delete cascade
);
create index sql_members_subject on hawser.sql_members (subject);
call hawser.protect('hawser.sql_members', 'select, insert, update, delete', across => true);

-- Whom the request is made for, as `auth.uid()` finds it. A setting that was local to an earlier transaction of the same
-- connection is empty, not null.
create function hawser.sql_subject() returns text
  language sql stable parallel safe
  return coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''),
                  nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub');

-- The workspaces in which the caller is a member, in this role or a higher one. Memberships are read from the table: one
-- that has ended does not live on in a token.
create function hawser.sql_workspaces(least_role text default 'viewer') returns setof uuid
  language sql stable security definer set search_path = hawser, pg_temp as $$
  select m.workspace_id
    from hawser.sql_members s
    join hawser.members m on m.workspace_id = s.workspace_id and m.user_id = s.user_id
    join hawser.workspaces w on w.id = m.workspace_id and w.deleted_at is null
   where s.subject = hawser.sql_subject()
     and array_position(array['viewer', 'member', 'admin', 'owner'], m.role)
         >= array_position(array['viewer', 'member', 'admin', 'owner'], least_role);
$$;

-- A sync that a member adds by SQL names who made it.
create function hawser.name_sql_author() returns trigger
  language plpgsql security definer set search_path = hawser, pg_temp as $$
begin
  select s.user_id into new.created_by from hawser.sql_members s
   where s.workspace_id = new.workspace_id and s.subject = hawser.sql_subject();
  return new;
end $$;
create trigger name_sql_author before insert on hawser.syncs
  for each row when (current_user <> 'hawser_app' and new.created_by is null) execute function hawser.name_sql_author();

-- A schedule follows its sync also where whoever adds the sync may not write schedules.
create policy follow on hawser.schedules for all to current_user using (true) with check (true);
create or replace function hawser.schedule_sync() returns trigger
  language plpgsql security definer set search_path = hawser, pg_temp as $$
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

-- ── what is shown of tokens: when they end, and never what they are ──────────────────────────────────────────────

create function hawser.sql_token_times()
  returns table (workspace_id uuid, connection_id uuid, obtained boolean, obtained_at timestamptz, expires_at timestamptz,
                 renew_at timestamptz, sign_in_ends_at timestamptz, failing_since timestamptz, cause text)
  language sql stable security definer set search_path = hawser, pg_temp as $$
  select t.workspace_id, t.connection_id, t.access_token is not null, t.obtained_at, t.expires_at, t.renew_at,
         least(t.refresh_expires_at, t.idle_expires_at), t.failing_since, t.failure ->> 'message'
    from hawser.token_sets t
   where t.workspace_id = any (array(select hawser.sql_workspaces()));
$$;

-- For whoever asks: the application by its workspace, members by their claims.
create function hawser.token_times()
  returns table (workspace_id uuid, connection_id uuid, obtained boolean, obtained_at timestamptz, expires_at timestamptz,
                 renew_at timestamptz, sign_in_ends_at timestamptz, failing_since timestamptz, cause text)
  language plpgsql stable as $$
#variable_conflict use_column
begin
  if has_table_privilege('hawser.token_sets', 'select') then
    return query
      select t.workspace_id, t.connection_id, t.access_token is not null, t.obtained_at, t.expires_at, t.renew_at,
             least(t.refresh_expires_at, t.idle_expires_at), t.failing_since, t.failure ->> 'message'
        from hawser.token_sets t;
  else
    return query select * from hawser.sql_token_times();
  end if;
end $$;

create view hawser.connections_overview with (security_invoker = true) as
select c.workspace_id, c.id as connection_id, c.name, c.provider, c.tags, c.sandbox, c.status, c.account_label as account,
       case when c.status = 'needs_authorization' then 'needs_authorization'
            when t.connection_id is null then 'none'
            when not t.obtained or t.expires_at <= now() then 'expired'
            when t.expires_at - least(interval '5 minutes', (t.expires_at - t.obtained_at) / 10) <= now() then 'expiring'
            else 'fresh'
       end as token_state,
       t.expires_at as token_expires_at, t.renew_at as token_renewal_at, t.sign_in_ends_at, t.failing_since,
       coalesce(c.failure ->> 'message', t.cause) as cause, c.checked_at,
       (select count(*) from hawser.syncs s
         where s.workspace_id = c.workspace_id and s.connection_id = c.id and s.deleted_at is null) as syncs,
       c.created_at, c.updated_at
  from hawser.connections c
  left join hawser.token_times() t on t.workspace_id = c.workspace_id and t.connection_id = c.id
 where c.deleted_at is null;

create view hawser.sync_totals with (security_invoker = true) as
select s.workspace_id, s.id as sync_id, s.name, s.enabled, c.name as connection, c.provider,
       f.files, f.bytes, f.stored, f.indexed, f.waiting, f.skipped, f.failed, f.removed,
       r.id as last_run_id, r.status as last_run_status, r.started_at as last_run_started_at,
       r.finished_at as last_run_finished_at, r.found as last_run_found, r.created as last_run_created,
       r.updated as last_run_updated, r.deleted as last_run_deleted, r.failed as last_run_failed, r.bytes as last_run_bytes,
       r.failure ->> 'message' as last_run_cause,
       t.next_tick_at as next_run_at, t.failure as schedule_failure
  from hawser.syncs s
  join hawser.connections c on c.workspace_id = s.workspace_id and c.id = s.connection_id
 cross join lateral (
       select count(*) filter (where state <> 'removed') as files,
              coalesce(sum(size) filter (where state <> 'removed'), 0) as bytes,
              count(*) filter (where state = 'stored') as stored, count(*) filter (where state = 'indexed') as indexed,
              count(*) filter (where state = 'waiting') as waiting, count(*) filter (where state = 'skipped') as skipped,
              count(*) filter (where state = 'failed') as failed, count(*) filter (where state = 'removed') as removed
         from hawser.files where workspace_id = s.workspace_id and sync_id = s.id and not is_folder) f
  left join lateral (
       select id, status, started_at, finished_at, found, created, updated, deleted, failed, bytes, failure
         from hawser.sync_runs
        where workspace_id = s.workspace_id and sync_id = s.id order by created_at desc limit 1) r on true
  left join hawser.schedules t
    on t.workspace_id = s.workspace_id and t.owner_kind = 'sync' and t.owner_id = s.id and t.enabled
 where s.deleted_at is null;

grant select on hawser.connections_overview, hawser.sync_totals to hawser_app;

-- ── roles of others ──────────────────────────────────────────────────────────────────────────────────────────────

create procedure hawser.deny_sql(to_role name)
  language plpgsql as $$
declare
  given record;
begin
  for given in
    select tablename, policyname from pg_policies
     where schemaname = 'hawser' and policyname in ('sql_read_' || to_role, 'sql_add_' || to_role)
  loop
    execute format('drop policy %I on hawser.%I', given.policyname, given.tablename);
  end loop;
  execute format('revoke all on all tables in schema hawser from %I', to_role);
  execute format('revoke all on all functions in schema hawser from %I', to_role);
  execute format('revoke all on schema hawser from %I', to_role);
end $$;

-- Lets a role read, and add syncs, for the member that the claims of its transaction name. Columns are listed: what
-- comes to a table later is not seen before it is put here. Credentials, secrets, tokens, sessions, sign-ins on their
-- way, leases and the audit log are on no list (SR-60).
create procedure hawser.allow_sql(to_role name)
  language plpgsql as $$
declare
  shown record;
begin
  if to_role in ('hawser_app', 'hawser_auth', current_user, 'anon', 'public') then
    raise insufficient_privilege using message = format('the role %s is not one for SQL of members', to_role);
  end if;
  if exists (select from pg_roles where rolname = to_role and (rolsuper or rolbypassrls)) then
    raise insufficient_privilege using message = format('row security does not hold for the role %s', to_role);
  end if;
  call hawser.deny_sql(to_role);
  execute format('grant usage on schema hawser to %I', to_role);
  for shown in
    select * from (values
      ('workspaces', 'id', 'id, name, slug, created_at'),
      ('members', 'workspace_id', 'workspace_id, user_id, role, created_at'),
      ('connections', 'workspace_id', 'workspace_id, id, provider, name, tags, status, account_label, failure, sandbox,
        auth_type, checked_at, created_at, created_by, updated_at, updated_by, deleted_at'),
      ('syncs', 'workspace_id', 'workspace_id, id, connection_id, name, description, tags, enabled, drive_id, drive_name,
        folders, filters, max_files_per_run, rules, exports, destination, on_delete, schedule, held_removals, held_since,
        created_at, created_by, updated_at, updated_by, deleted_at'),
      ('sync_runs', 'workspace_id', 'workspace_id, id, sync_id, trigger, scheduled_for, status, phase, listing, found, created,
        updated, moved, unchanged, skipped, failed, remaining, deleted, held, folders, folders_failed, bytes,
        remaining_bytes, stopped_at_maximum, failure, created_at, created_by, started_at, listed_at, finished_at, updated_at'),
      ('sync_run_log', 'workspace_id', 'workspace_id, run_id, sequence, at, level, code, message, file_id'),
      ('files', 'workspace_id', 'workspace_id, sync_id, remote_id, id, parent_id, name, is_folder, size, media_type, link,
        version, remote_created_at, remote_modified_at, remote_hash, provider_metadata, export_as, path, metadata, state, reason,
        failure, object_key, object_version, object_size, object_sha256, stored_at, run_id, first_seen_at, changed_at,
        removed_at'),
      ('schedules', 'workspace_id', 'workspace_id, owner_kind, owner_id, rule, enabled, next_tick_at, last_tick_at, failure')
    ) as shown (name, workspace_column, columns)
  loop
    execute format('grant select (%s) on hawser.%I to %I', shown.columns, shown.name, to_role);
    execute format(
      'create policy %I on hawser.%I for select to %I using (%I = any (array(select hawser.sql_workspaces())))',
      'sql_read_' || to_role, shown.name, to_role, shown.workspace_column);
  end loop;
  execute format('grant insert (workspace_id, connection_id, name, description, tags, enabled, drive_id, drive_name, folders,
    filters, max_files_per_run, rules, exports, destination, on_delete, schedule) on hawser.syncs to %I', to_role);
  execute format(
    'create policy %I on hawser.syncs for insert to %I with check (workspace_id = any (array(select hawser.sql_workspaces(''member''))))',
    'sql_add_' || to_role, to_role);
  execute format('grant select on hawser.connections_overview, hawser.sync_totals to %I', to_role);
  execute format('grant execute on function hawser.sql_subject(), hawser.sql_workspaces(text), hawser.sql_token_times(),
    hawser.token_times() to %I', to_role);
end $$;

revoke all on all functions in schema hawser from public;
revoke all on procedure hawser.allow_sql(name), hawser.deny_sql(name) from public;
grant execute on function hawser.sql_subject(), hawser.token_times() to hawser_app;

do $$
begin
  if exists (select from pg_roles where rolname = 'authenticated') then
    call hawser.allow_sql('authenticated');
  end if;
end $$;
