-- When the source last said “not so fast” to a run, and until when it asked to be left alone.
alter table hawser.sync_runs
  add column slowed_at timestamptz,
  add column slowed_until timestamptz;
