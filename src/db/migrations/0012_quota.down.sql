alter table hawser.sync_runs
  drop column requests,
  drop column quota;
