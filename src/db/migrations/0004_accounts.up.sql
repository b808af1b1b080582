-- Credentials, tokens, the way through a provider's sign-in, custom providers, workspace secrets, uses and checks.

-- What a connection is signed in with. Null where its provider has one way, and before a way was chosen.
alter table hawser.connections
  add column auth_type text,
  -- Made with a simulator of the sandbox, never with the real provider.
  add column sandbox boolean not null default false,
  -- Values that the provider told when it was connected, for its addresses and calls.
  add column kept jsonb not null default '{}' check (jsonb_typeof(kept) = 'object'),
  -- When it is tested next by itself; null for one that is not to be.
  add column check_at timestamptz,
  add column checks_failed integer not null default 0;
create index connections_check on hawser.connections (check_at) where deleted_at is null and check_at is not null;
create index connections_tags on hawser.connections using gin (tags) where deleted_at is null;
drop policy workspace on hawser.connections;
call hawser.protect('hawser.connections', 'select, insert, update', across => true);

-- The values a person entered, each sealed for itself. `origins` are those that its provider had at that moment (SR-6).
create table hawser.credentials (
  workspace_id uuid not null,
  connection_id uuid not null,
  auth_type text not null,
  sealed jsonb not null check (jsonb_typeof(sealed) = 'object'),
  fingerprint text not null,
  origins text[] not null,
  -- Grows with every change: what was cached or obtained with an older one is not used any more.
  version integer not null default 1,
  set_at timestamptz not null default now(),
  set_by uuid,
  primary key (workspace_id, connection_id),
  foreign key (workspace_id, connection_id) references hawser.connections (workspace_id, id) on delete cascade
);
call hawser.protect('hawser.credentials', 'select, insert, update, delete');

-- The workspace's own OAuth client at a provider, where it does not use the operator's.
create table hawser.oauth_clients (
  workspace_id uuid not null references hawser.workspaces (id) on delete cascade,
  provider text not null,
  client_id text not null check (char_length(client_id) between 1 and 1024),
  client_secret text,
  fingerprint text,
  origins text[] not null,
  set_at timestamptz not null default now(),
  set_by uuid,
  primary key (workspace_id, provider)
);
call hawser.protect('hawser.oauth_clients', 'select, insert, update, delete');

-- One active set of tokens a connection.
create table hawser.token_sets (
  workspace_id uuid not null,
  connection_id uuid not null,
  version bigint not null default 1,
  -- Null while none could be obtained yet.
  access_token text,
  refresh_token text,
  scopes text[] not null default '{}',
  -- The client and the address it came from: it is refreshed there and nowhere else.
  client_id text,
  token_url text not null,
  origins text[] not null,
  -- When the person signed in, and when the last answer came.
  granted_at timestamptz not null default now(),
  obtained_at timestamptz not null default now(),
  -- Null: not told.
  expires_at timestamptz,
  refresh_expires_at timestamptz,
  -- When disuse ends it; when it is renewed by itself.
  idle_expires_at timestamptz,
  renew_at timestamptz,
  -- Refreshes that failed since the last one that did not.
  failures integer not null default 0,
  failing_since timestamptz,
  retry_at timestamptz,
  failure jsonb,
  primary key (workspace_id, connection_id),
  foreign key (workspace_id, connection_id) references hawser.connections (workspace_id, id) on delete cascade
);
create index token_sets_renew on hawser.token_sets (renew_at) where renew_at is not null;
call hawser.protect('hawser.token_sets', 'select, insert, update, delete', across => true);

-- The right to refresh, for a while (SR-39). `intent_version` stands from before a request is sent until its answer is
-- stored: where it stands without a living holder, nobody knows whether the provider has replaced the refresh token.
create table hawser.token_leases (
  workspace_id uuid not null,
  connection_id uuid not null,
  epoch bigint not null default 0,
  holder text,
  expires_at timestamptz,
  intent_version bigint,
  intent_at timestamptz,
  primary key (workspace_id, connection_id),
  foreign key (workspace_id, connection_id) references hawser.connections (workspace_id, id) on delete cascade
);
call hawser.protect('hawser.token_leases', 'select, insert, update, delete');

-- Somebody who is on the way through a provider's pages (SR-33).
create table hawser.connect_flows (
  workspace_id uuid not null,
  id uuid not null,
  connection_id uuid not null,
  state_hash bytea not null unique,
  user_id uuid not null,
  session_hash bytea not null,
  provider text not null,
  -- What the flow began with; a provider or a client that was changed meanwhile ends it.
  provider_fingerprint text not null,
  endpoints jsonb not null check (jsonb_typeof(endpoints) = 'object'),
  redirect_uri text not null,
  verifier text,
  scopes text[] not null default '{}',
  other_account boolean not null default false,
  return_to text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  -- Set once, before any request is made.
  taken_at timestamptz,
  outcome text,
  primary key (workspace_id, id),
  foreign key (workspace_id, connection_id) references hawser.connections (workspace_id, id) on delete cascade
);
create index connect_flows_user on hawser.connect_flows (workspace_id, user_id) where taken_at is null;
call hawser.protect('hawser.connect_flows', 'select, insert, update, delete', across => true);

-- Tokens that were given up here and still have to be told to the provider (SR-11).
create table hawser.revocations (
  workspace_id uuid not null references hawser.workspaces (id) on delete cascade,
  id uuid not null,
  connection_id uuid not null,
  provider text not null,
  endpoint jsonb not null check (jsonb_typeof(endpoint) = 'object'),
  token text not null,
  client_secret text,
  attempts integer not null default 0,
  next_at timestamptz not null default now(),
  created_at timestamptz not null default now(),
  primary key (workspace_id, id)
);
create index revocations_due on hawser.revocations (next_at);
call hawser.protect('hawser.revocations', 'select, insert, update, delete', across => true);

-- Uses of a credential by the hour (SR-5): when, by what, how many, how many of them failed.
create table hawser.credential_uses (
  workspace_id uuid not null,
  connection_id uuid not null,
  hour timestamptz not null,
  purpose text not null check (char_length(purpose) <= 64),
  uses integer not null default 0,
  failures integer not null default 0,
  last_at timestamptz not null,
  primary key (workspace_id, connection_id, hour, purpose),
  foreign key (workspace_id, connection_id) references hawser.connections (workspace_id, id) on delete cascade
);
call hawser.protect('hawser.credential_uses', 'select, insert, update, delete');

create table hawser.connection_checks (
  workspace_id uuid not null,
  connection_id uuid not null,
  sequence bigint generated always as identity,
  at timestamptz not null default clock_timestamp(),
  trigger text not null check (trigger in ('person', 'schedule', 'connect', 'change')),
  took_ms integer not null,
  failure jsonb,
  primary key (workspace_id, connection_id, sequence),
  foreign key (workspace_id, connection_id) references hawser.connections (workspace_id, id) on delete cascade
);
create index connection_checks_at on hawser.connection_checks (workspace_id, connection_id, at desc);
call hawser.protect('hawser.connection_checks', 'select, insert, delete');

-- ── custom providers and workspace secrets ───────────────────────────────────────────────────────────────────────

create table hawser.custom_providers (
  workspace_id uuid not null references hawser.workspaces (id) on delete cascade,
  id uuid not null default gen_random_uuid(),
  -- Short and in lower case; connections name the provider as `custom-<name>`, which no built-in one is called.
  name text not null check (name ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
  definition jsonb not null check (jsonb_typeof(definition) = 'object'),
  active boolean not null default true,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  created_by uuid,
  updated_at timestamptz not null default now(),
  updated_by uuid,
  deleted_at timestamptz,
  deleted_by uuid,
  primary key (workspace_id, id),
  constraint custom_providers_size check (octet_length(definition::text) <= 6291456)
);
create unique index custom_providers_name on hawser.custom_providers (workspace_id, name) where deleted_at is null;
call hawser.protect('hawser.custom_providers', 'select, insert, update');

create table hawser.workspace_secrets (
  workspace_id uuid not null references hawser.workspaces (id) on delete cascade,
  id uuid not null,
  name text not null check (name ~ '^[A-Za-z_][A-Za-z0-9_-]{0,62}$'),
  description text not null default '' check (char_length(description) <= 500),
  sealed text not null,
  fingerprint text not null,
  origins text[] not null,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  set_at timestamptz not null default now(),
  set_by uuid,
  last_used_at timestamptz,
  primary key (workspace_id, id),
  unique (workspace_id, name)
);
call hawser.protect('hawser.workspace_secrets', 'select, insert, update, delete');

-- What was called, by whom, and what came back: redacted and bounded (SR-75).
create table hawser.action_calls (
  workspace_id uuid not null,
  id uuid not null,
  connection_id uuid not null,
  action text,
  at timestamptz not null default clock_timestamp(),
  actor_kind text not null,
  actor_id uuid,
  actor_label text not null,
  request jsonb not null,
  response jsonb,
  status integer,
  failure jsonb,
  took_ms integer not null,
  attempts jsonb not null default '[]',
  cached boolean not null default false,
  primary key (workspace_id, id),
  foreign key (workspace_id, connection_id) references hawser.connections (workspace_id, id) on delete cascade
);
create index action_calls_at on hawser.action_calls (workspace_id, connection_id, at desc, id desc);
call hawser.protect('hawser.action_calls', 'select, insert, delete');

-- Answers of actions that say how long they may be kept (SR-65).
create table hawser.action_cache (
  workspace_id uuid not null,
  connection_id uuid not null,
  credential_version text not null,
  request_hash bytea not null,
  action text not null,
  response jsonb not null,
  stored_at timestamptz not null default now(),
  expires_at timestamptz not null,
  primary key (workspace_id, connection_id, request_hash),
  foreign key (workspace_id, connection_id) references hawser.connections (workspace_id, id) on delete cascade
);
create index action_cache_expiry on hawser.action_cache (expires_at);
call hawser.protect('hawser.action_cache', 'select, insert, update, delete');

-- ── the listed functions over all workspaces ─────────────────────────────────────────────────────────────────────

-- The flow of a callback, taken or not; what it may do is decided in its workspace.
create function hawser.find_connect_flow(hash bytea) returns table (workspace_id uuid, id uuid)
  language sql stable security definer set search_path = hawser, pg_temp as $$
  select f.workspace_id, f.id from hawser.connect_flows f
    join hawser.workspaces w on w.id = f.workspace_id and w.deleted_at is null
   where f.state_hash = hash;
$$;

create function hawser.tokens_to_renew(most integer) returns table (workspace_id uuid, connection_id uuid)
  language sql stable security definer set search_path = hawser, pg_temp as $$
  select t.workspace_id, t.connection_id from hawser.token_sets t
    join hawser.workspaces w on w.id = t.workspace_id and w.deleted_at is null
   where t.renew_at <= clock_timestamp() and (t.retry_at is null or t.retry_at <= clock_timestamp())
   order by t.renew_at limit least(most, 1000);
$$;

create function hawser.connections_to_check(most integer) returns table (workspace_id uuid, connection_id uuid)
  language sql stable security definer set search_path = hawser, pg_temp as $$
  select c.workspace_id, c.id from hawser.connections c
    join hawser.workspaces w on w.id = c.workspace_id and w.deleted_at is null
   where c.deleted_at is null and c.check_at <= clock_timestamp()
   order by c.check_at limit least(most, 1000);
$$;

create function hawser.revocations_due(most integer) returns table (workspace_id uuid, id uuid)
  language sql stable security definer set search_path = hawser, pg_temp as $$
  select r.workspace_id, r.id from hawser.revocations r where r.next_at <= clock_timestamp()
   order by r.next_at limit least(most, 1000);
$$;

revoke all on all functions in schema hawser from public;
grant execute on function hawser.find_connect_flow(bytea), hawser.tokens_to_renew(integer), hawser.connections_to_check(integer),
  hawser.revocations_due(integer) to hawser_app;
