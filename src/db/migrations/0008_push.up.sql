-- Push: what providers tell us of changes with, and the runs that follow from it.

alter table hawser.sync_runs
  drop constraint sync_runs_trigger_check,
  add constraint sync_runs_trigger_check check (trigger in ('manual', 'schedule', 'retry', 'removals', 'push'));
-- Those that found nothing are taken away after a while.
create index sync_runs_in_vain on hawser.sync_runs (workspace_id, finished_at)
 where trigger = 'push' and status = 'done' and created + updated + moved + deleted + held = 0;

-- A subscription at a provider for one drive of a connection, shared by the syncs of that drive.
create table hawser.push_channels (
  workspace_id uuid not null,
  id uuid not null,
  connection_id uuid not null,
  drive_id text not null,
  -- The account it was made with, and the address of this installation that it was made for.
  account_id text not null,
  address text not null,
  -- `making`: it is being subscribed, for the first time or in the place of the live one. `ending`: nobody wants it any
  -- more, and the provider has to be told.
  state text not null default 'making' check (state in ('making', 'live', 'ending')),
  -- SHA-256 of the last part of the URL that the provider calls (SR-9); another one for every try to subscribe.
  place_hash bytea unique,
  secret text,
  subscription_id text,
  locator text,
  live_at timestamptz,
  -- Null: not told.
  expires_at timestamptz,
  -- When something is to be done about it; null while nothing is.
  next_at timestamptz default now(),
  -- Tries that failed since the last one that did not.
  attempts integer not null default 0,
  failing_since timestamptz,
  failure jsonb,
  -- The right to work on it, for a while.
  epoch bigint not null default 0,
  lease_until timestamptz,
  -- What came in: genuine notices, deliveries that were refused, and the ids of the latest notices.
  notices bigint not null default 0,
  refused bigint not null default 0,
  last_notice_at timestamptz,
  recent_ids text[] not null default '{}',
  created_at timestamptz not null default now(),
  primary key (workspace_id, id),
  foreign key (workspace_id, connection_id) references hawser.connections (workspace_id, id) on delete cascade,
  constraint live_is_subscribed check (state <> 'live' or (subscription_id is not null and live_at is not null))
);
create unique index push_channels_making on hawser.push_channels (workspace_id, connection_id, drive_id) where state = 'making';
create unique index push_channels_live on hawser.push_channels (workspace_id, connection_id, drive_id) where state = 'live';
create index push_channels_due on hawser.push_channels (next_at) where next_at is not null;
call hawser.protect('hawser.push_channels', 'select, insert, update, delete', across => true);

-- Syncs whose source has changed, as far as we were told, since a run of theirs began.
create table hawser.push_hints (
  workspace_id uuid not null,
  sync_id uuid not null,
  hinted_at timestamptz not null default clock_timestamp(),
  primary key (workspace_id, sync_id),
  foreign key (workspace_id, sync_id) references hawser.syncs (workspace_id, id) on delete cascade
);
call hawser.protect('hawser.push_hints', 'select, insert, update, delete', across => true);

-- Drives that enabled syncs with a schedule keep, and whose connections somebody is signed in to.
create view hawser.push_wishes with (security_invoker = true) as
  select distinct s.workspace_id, s.connection_id, s.drive_id, c.provider, c.sandbox, c.account_id, c.status
    from hawser.syncs s
    join hawser.connections c on c.workspace_id = s.workspace_id and c.id = s.connection_id
    join hawser.workspaces w on w.id = s.workspace_id
   where s.enabled and s.deleted_at is null and s.schedule ->> 'kind' <> 'manual'
     and c.deleted_at is null and c.account_id is not null and c.status <> 'inactive' and w.deleted_at is null;
grant select on hawser.push_wishes to hawser_app;

-- ── the listed functions over all workspaces ─────────────────────────────────────────────────────────────────────

create function hawser.find_push_channel(hash bytea) returns table (workspace_id uuid, id uuid)
  language sql stable security definer set search_path = hawser, pg_temp as $$
  select p.workspace_id, p.id from hawser.push_channels p
    join hawser.workspaces w on w.id = p.workspace_id and w.deleted_at is null
   where p.place_hash = hash;
$$;

-- Drives without a channel, and without one that keeps their place while their connection is given up. `providers` are those that send notices, `pretended` those of them in the sandbox.
create function hawser.push_channels_missing(providers text[], pretended text[], most integer)
  returns table (workspace_id uuid, connection_id uuid, drive_id text)
  language sql stable security definer set search_path = hawser, pg_temp as $$
  select w.workspace_id, w.connection_id, w.drive_id from hawser.push_wishes w
   where w.status = 'active' and w.provider = any (case when w.sandbox then pretended else providers end)
     and not exists (select from hawser.push_channels p
                      where p.workspace_id = w.workspace_id and p.connection_id = w.connection_id
                        and p.drive_id = w.drive_id and (p.state in ('making', 'live') or p.subscription_id is null))
   limit least(most, 1000);
$$;

-- Whether somebody has signed in anew since the channel is live: with the grant before it may have ended, unsaid.
create function hawser.is_of_another_grant(workspace uuid, connection uuid, live_at timestamptz) returns boolean
  language sql stable as $$
  select exists (select from hawser.token_sets t
                  where t.workspace_id = workspace and t.connection_id = connection and t.granted_at > live_at);
$$;

-- Channels whose time has come, and those that nobody wants: not any more, not with this account, not at this address.
create function hawser.push_channels_due(providers text[], pretended text[], address text, most integer)
  returns table (workspace_id uuid, id uuid)
  language sql stable security definer set search_path = hawser, pg_temp as $$
  select p.workspace_id, p.id from hawser.push_channels p
    join hawser.workspaces live on live.id = p.workspace_id and live.deleted_at is null
    left join hawser.push_wishes w
      on w.workspace_id = p.workspace_id and w.connection_id = p.connection_id and w.drive_id = p.drive_id
     and w.account_id = p.account_id and p.address = push_channels_due.address
     and w.provider = any (case when w.sandbox then pretended else providers end)
   where (p.lease_until is null or p.lease_until < clock_timestamp())
     and (p.next_at <= clock_timestamp() or (w.connection_id is null and p.state <> 'ending')
          or (p.state = 'live' and hawser.is_of_another_grant(p.workspace_id, p.connection_id, p.live_at)
              and not exists (select from hawser.push_channels making
                               where making.workspace_id = p.workspace_id and making.connection_id = p.connection_id
                                 and making.drive_id = p.drive_id and making.state = 'making')))
   order by p.next_at nulls first limit least(most, 1000);
$$;

-- Syncs with a hint that a run may follow now: none of theirs is open, and the last one began long enough ago.
create function hawser.push_hints_due(pause interval, most integer) returns table (workspace_id uuid, sync_id uuid)
  language sql stable security definer set search_path = hawser, pg_temp as $$
  select h.workspace_id, h.sync_id from hawser.push_hints h
    join hawser.workspaces w on w.id = h.workspace_id and w.deleted_at is null
   where not exists (select from hawser.sync_runs r
                      where r.workspace_id = h.workspace_id and r.sync_id = h.sync_id
                        and (r.status in ('queued', 'running', 'paused') or r.created_at > clock_timestamp() - pause))
   order by h.hinted_at limit least(most, 1000);
$$;

revoke all on all functions in schema hawser from public;
grant execute on function hawser.find_push_channel(bytea), hawser.push_channels_missing(text[], text[], integer),
  hawser.is_of_another_grant(uuid, uuid, timestamptz), hawser.push_channels_due(text[], text[], text, integer),
  hawser.push_hints_due(interval, integer) to hawser_app;
