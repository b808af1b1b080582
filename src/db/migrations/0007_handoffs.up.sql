-- Hand-offs: what a receiver is told of stored files.

alter table hawser.syncs
  add column handoff jsonb check (jsonb_typeof(handoff) = 'object'),
  -- Kept by the database, so that a row from plain SQL cannot name a connection of somebody else either.
  add column handoff_connection_id uuid generated always as ((handoff ->> 'connection_id')::uuid) stored,
  add constraint syncs_handoff_connection_fkey
    foreign key (workspace_id, handoff_connection_id) references hawser.connections (workspace_id, id);
create index syncs_handoff_connection on hawser.syncs (workspace_id, handoff_connection_id)
  where handoff_connection_id is not null;

-- `evt_` and a ULID: the time in milliseconds and 79 random bits, so that hand-offs made together lie together.
create function hawser.new_event_id() returns text
  language sql volatile parallel safe set search_path = pg_catalog, pg_temp as $$
  with made as (
    select (extract(epoch from clock_timestamp()) * 1000)::bigint as ms, uuid_send(gen_random_uuid()) as bits
  )
  select 'evt_' || string_agg(substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', digit + 1, 1), '' order by place)
    from made, lateral (
      select place, ((ms >> (5 * (9 - place))) & 31)::integer as digit from generate_series(0, 9) as place
      union all
      select 10 + byte, get_byte(bits, byte) & 31 from generate_series(0, 15) as byte
    ) as digits;
$$;

create table hawser.handoffs (
  workspace_id uuid not null,
  -- The same at every attempt: by it the receiver knows what it has had.
  id text not null default hawser.new_event_id() check (id ~ '^evt_[0-7][0-9A-HJKMNP-TV-Z]{25}$'),
  sync_id uuid not null,
  file_id uuid not null,
  version text not null,
  connection_id uuid not null,
  state text not null default 'queued'
    check (state in ('queued', 'sending', 'delivered', 'rejected', 'failed', 'outdated', 'cancelled')),
  -- How often it was sent, and how many of these attempts brought nothing since it was queued.
  attempts integer not null default 0,
  failures integer not null default 0,
  queued_at timestamptz not null default now(),
  first_sent_at timestamptz,
  last_sent_at timestamptz,
  -- Of one that is being sent: when whoever sends it is taken for dead. Null where nothing is to come.
  next_attempt_at timestamptz default now(),
  -- Grows with every attempt; whoever comes back late with an older one changes nothing.
  epoch bigint not null default 0,
  -- What is sent, and the form it was written in: every attempt sends the same.
  payload text check (octet_length(payload) <= 65536),
  payload_form text,
  -- What came back last: status, the beginning of the body, what it means, when.
  answer jsonb,
  primary key (workspace_id, id),
  -- Once for each version of a file, however often it is stored.
  unique (workspace_id, file_id, version),
  foreign key (workspace_id, sync_id) references hawser.syncs (workspace_id, id) on delete cascade,
  foreign key (workspace_id, connection_id) references hawser.connections (workspace_id, id),
  constraint waiting_has_a_time check ((state in ('queued', 'sending')) = (next_attempt_at is not null))
) with (fillfactor = 80);
create index handoffs_due on hawser.handoffs (workspace_id, connection_id, next_attempt_at)
  where state in ('queued', 'sending');
create index handoffs_of_sync on hawser.handoffs (workspace_id, sync_id, id);
create index handoffs_state on hawser.handoffs (workspace_id, sync_id, state, id);
call hawser.protect('hawser.handoffs', 'select, insert, update, delete', across => true);

-- Receivers for whom something is due. A connection that waits for a person, or that is itself in error, is left alone.
create function hawser.handoffs_due(most integer) returns table (workspace_id uuid, connection_id uuid)
  language sql stable security definer set search_path = hawser, pg_temp as $$
  select distinct s.workspace_id, s.handoff_connection_id from hawser.syncs s
    join hawser.workspaces w on w.id = s.workspace_id and w.deleted_at is null
    join hawser.connections c on c.workspace_id = s.workspace_id and c.id = s.handoff_connection_id
   where s.deleted_at is null and s.handoff_connection_id is not null and c.deleted_at is null
     and (c.status = 'active' or (c.status = 'error' and c.failure ->> 'kind' in ('unavailable', 'rate-limited')))
     and exists (select from hawser.handoffs h
                  where h.workspace_id = s.workspace_id and h.connection_id = s.handoff_connection_id
                    and h.state in ('queued', 'sending') and h.next_attempt_at <= clock_timestamp())
   limit least(most, 1000);
$$;

revoke all on function hawser.new_event_id(), hawser.handoffs_due(integer) from public;
grant execute on function hawser.new_event_id(), hawser.handoffs_due(integer) to hawser_app;
