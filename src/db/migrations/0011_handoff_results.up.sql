-- What receivers report of documents that they have worked on.

alter table hawser.handoffs
  -- Whether it was done, in the receiver's words; when it says that it was.
  add column result jsonb,
  add column result_at timestamptz;

-- Where one receiver reports to, and what it proves with that it is the one.
create table hawser.result_places (
  workspace_id uuid not null,
  connection_id uuid not null,
  -- SHA-256 of the last part of the URL (SR-9).
  place_hash bytea not null unique,
  secret text not null,
  made_at timestamptz not null default now(),
  made_by uuid,
  primary key (workspace_id, connection_id),
  foreign key (workspace_id, connection_id) references hawser.connections (workspace_id, id) on delete cascade
);
call hawser.protect('hawser.result_places', 'select, insert, update, delete', across => true);

create function hawser.find_result_place(hash bytea) returns table (workspace_id uuid, connection_id uuid)
  language sql stable security definer set search_path = hawser, pg_temp as $$
  select p.workspace_id, p.connection_id from hawser.result_places p
    join hawser.workspaces w on w.id = p.workspace_id and w.deleted_at is null
   where p.place_hash = hash;
$$;
revoke all on function hawser.find_result_place(bytea) from public;
grant execute on function hawser.find_result_place(bytea) to hawser_app;
