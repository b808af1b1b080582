do $$
declare
  allowed name;
begin
  for allowed in
    select distinct roles[1] from pg_policies where schemaname = 'hawser' and policyname like 'sql\_read\_%'
  loop
    call hawser.deny_sql(allowed);
  end loop;
end $$;
drop procedure hawser.allow_sql(name), hawser.deny_sql(name);
drop view hawser.connections_overview, hawser.sync_totals;
drop function hawser.token_times(), hawser.sql_token_times();
drop trigger name_sql_author on hawser.syncs;
drop function hawser.name_sql_author();

create or replace function hawser.schedule_sync() returns trigger
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
drop policy follow on hawser.schedules;

drop function hawser.sql_workspaces(text), hawser.sql_subject();
drop table hawser.sql_members;
