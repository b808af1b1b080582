drop function hawser.push_hints_due(interval, integer);
drop function hawser.push_channels_due(text[], text[], text, integer);
drop function hawser.is_of_another_grant(uuid, uuid, timestamptz);
drop function hawser.push_channels_missing(text[], text[], integer);
drop function hawser.find_push_channel(bytea);
drop view hawser.push_wishes;
drop table hawser.push_hints;
drop table hawser.push_channels;
drop index hawser.sync_runs_in_vain;
-- Also rows of its own are closed to the owner otherwise.
alter table hawser.sync_runs no force row level security;
update hawser.sync_runs set trigger = 'schedule' where trigger = 'push';
alter table hawser.sync_runs force row level security;
alter table hawser.sync_runs
  drop constraint sync_runs_trigger_check,
  add constraint sync_runs_trigger_check check (trigger in ('manual', 'schedule', 'retry', 'removals'));
