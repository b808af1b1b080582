drop table hawser.sync_verifications;

alter table hawser.files
  drop column listed_rollup,
  drop column rollup,
  drop column export_as;

alter table hawser.sync_runs drop column listing;

-- What was kept stays where it is, as what is only marked does.
update hawser.syncs set on_delete = 'mark' where on_delete = 'keep';
alter table hawser.syncs
  drop constraint syncs_on_delete_check,
  add constraint syncs_on_delete_check check (on_delete in ('mark', 'remove')),
  drop column walked_at,
  drop column listed_generation,
  drop column cursor_generation,
  drop column change_cursor,
  drop column exports;
