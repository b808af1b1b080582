drop function hawser.handoffs_due(integer);
drop table hawser.handoffs;
drop function hawser.new_event_id();
drop index hawser.syncs_handoff_connection;
alter table hawser.syncs
  drop constraint syncs_handoff_connection_fkey,
  drop column handoff_connection_id,
  drop column handoff;
