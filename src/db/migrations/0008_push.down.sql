drop function hawser.push_hints_due(interval, integer);
drop function hawser.push_channels_due(text[], text[], text, integer);
drop function hawser.push_channels_missing(text[], text[], integer);
drop function hawser.find_push_channel(bytea);
drop view hawser.push_wishes;
drop table hawser.push_hints;
drop table hawser.push_channels;
update hawser.sync_runs set trigger = 'schedule' where trigger = 'push';
alter table hawser.sync_runs
  drop constraint sync_runs_trigger_check,
  add constraint sync_runs_trigger_check check (trigger in ('manual', 'schedule', 'retry', 'removals'));
