-- How many requests a run has made to its source, and what was left of the source's allowance when its figures were
-- last written: {"limit"?, "remaining", "resetsAt"?, "countedBy", "note"?}.
alter table hawser.sync_runs
  add column requests bigint not null default 0,
  add column quota jsonb check (jsonb_typeof(quota) = 'object');
