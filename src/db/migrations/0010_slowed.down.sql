alter table hawser.sync_runs
  drop column slowed_at,
  drop column slowed_until;
