-- The ground: schemas, the workspace context, the helper that protects a table, people, workspaces, audit.

create schema if not exists hawser;
create schema identity;

revoke all on schema hawser, identity from public;
grant usage on schema hawser to hawser_app;
grant usage on schema identity to hawser_auth, hawser_app;
grant select on hawser.migrations to hawser_app;

-- The workspace of this transaction; null outside of one, and null is equal to nothing.
create function hawser.current_workspace() returns uuid
  language sql stable parallel safe
  return nullif(current_setting('hawser.workspace', true), '')::uuid;

create function hawser.current_user_id() returns uuid
  language sql stable parallel safe
  return nullif(current_setting('hawser.user', true), '')::uuid;

-- Stamps a workspace table: row security on, also for its owner, and the application's policy (SR-57).
-- `across` lets the owner's own listed functions look over all workspaces; they return ids only (SR-63).
create procedure hawser.protect(target regclass, privileges text, workspace_column text default 'workspace_id', across boolean default false)
  language plpgsql as $$
begin
  execute format('alter table %s enable row level security', target);
  execute format('alter table %s force row level security', target);
  execute format(
    'create policy workspace on %s for all to hawser_app using (%I = (select hawser.current_workspace())) with check (%I = (select hawser.current_workspace()))',
    target, workspace_column, workspace_column);
  if across then
    execute format('create policy across on %s for select to %I using (true)', target, current_user);
  end if;
  execute format('grant %s on %s to hawser_app', privileges, target);
end $$;
revoke all on procedure hawser.protect(regclass, text, text, boolean) from public;

-- ── people (better-auth's tables) ────────────────────────────────────────────────────────────────────────────────

create table identity."user" (
  id uuid primary key,
  name text not null check (char_length(name) between 1 and 255),
  email text not null unique check (char_length(email) <= 255),
  "emailVerified" boolean not null default false,
  image text,
  "instanceAdmin" boolean not null default false,
  "createdAt" timestamptz not null default now(),
  "updatedAt" timestamptz not null default now()
);

-- The first user of an installation becomes its instance admin. The lock makes two first users at once impossible.
create function identity.appoint_first_user() returns trigger
  language plpgsql security definer set search_path = identity, pg_temp as $$
begin
  perform pg_advisory_xact_lock(hashtext('hawser first user'));
  new."instanceAdmin" := not exists (select 1 from identity."user");
  return new;
end $$;
create trigger appoint_first_user before insert on identity."user"
  for each row execute function identity.appoint_first_user();

create table identity.session (
  id uuid primary key,
  "userId" uuid not null references identity."user" (id) on delete cascade,
  token text not null unique,
  "expiresAt" timestamptz not null,
  "ipAddress" text,
  "userAgent" text,
  "createdAt" timestamptz not null default now(),
  "updatedAt" timestamptz not null default now()
);
create index session_of_user on identity.session ("userId");

create table identity.account (
  id uuid primary key,
  "userId" uuid not null references identity."user" (id) on delete cascade,
  "accountId" text not null,
  "providerId" text not null,
  "accessToken" text,
  "refreshToken" text,
  "idToken" text,
  "accessTokenExpiresAt" timestamptz,
  "refreshTokenExpiresAt" timestamptz,
  scope text,
  password text,
  "createdAt" timestamptz not null default now(),
  "updatedAt" timestamptz not null default now(),
  unique ("providerId", "accountId")
);
create index account_of_user on identity.account ("userId");

create table identity.verification (
  id uuid primary key,
  identifier text not null,
  value text not null,
  "expiresAt" timestamptz not null,
  "createdAt" timestamptz not null default now(),
  "updatedAt" timestamptz not null default now()
);
create index verification_identifier on identity.verification (identifier);

-- Failed sign-ins, counted per account and per address without locking anybody out (SR-50). `subject` is a hash.
create table identity.sign_in_failures (
  subject text not null,
  window_start timestamptz not null,
  failures integer not null default 0,
  primary key (subject, window_start)
);

grant select, insert, update, delete on all tables in schema identity to hawser_auth;

-- ── workspaces ───────────────────────────────────────────────────────────────────────────────────────────────────

create table hawser.workspaces (
  id uuid primary key,
  name text not null check (char_length(name) between 1 and 255),
  slug text not null unique check (slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
  created_at timestamptz not null default now(),
  created_by uuid not null,
  deleted_at timestamptz
);
call hawser.protect('hawser.workspaces', 'select, insert, update', 'id', across => true);

create table hawser.members (
  workspace_id uuid not null references hawser.workspaces (id) on delete cascade,
  user_id uuid not null references identity."user" (id) on delete cascade,
  role text not null check (role in ('viewer', 'member', 'admin', 'owner')),
  created_at timestamptz not null default now(),
  primary key (workspace_id, user_id)
);
create index members_user on hawser.members (user_id);
call hawser.protect('hawser.members', 'select, insert, update, delete', across => true);

-- The application sees the people of the workspace it works for, and of them only what a member list shows.
alter table identity."user" enable row level security;
create policy sign_in on identity."user" for all to hawser_auth using (true) with check (true);
create policy fellow_members on identity."user" for select to hawser_app
  using (id in (select user_id from hawser.members where workspace_id = (select hawser.current_workspace())));
grant select (id, name, email) on identity."user" to hawser_app;

create table hawser.invitations (
  workspace_id uuid not null references hawser.workspaces (id) on delete cascade,
  id uuid not null,
  token_hash bytea not null unique,
  email text check (char_length(email) <= 255),
  role text not null check (role in ('viewer', 'member', 'admin', 'owner')),
  created_at timestamptz not null default now(),
  created_by uuid not null,
  expires_at timestamptz not null,
  accepted_at timestamptz,
  accepted_by uuid,
  revoked_at timestamptz,
  primary key (workspace_id, id)
);
call hawser.protect('hawser.invitations', 'select, insert, update', across => true);

create table hawser.api_keys (
  workspace_id uuid not null references hawser.workspaces (id) on delete cascade,
  id uuid not null,
  name text not null check (char_length(name) between 1 and 255),
  token_hash bytea not null unique,
  hint text not null,
  role text not null check (role in ('viewer', 'member', 'admin', 'owner')),
  created_at timestamptz not null default now(),
  created_by uuid not null,
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz,
  primary key (workspace_id, id)
);
call hawser.protect('hawser.api_keys', 'select, insert, update', across => true);

create table hawser.data_keys (
  workspace_id uuid not null references hawser.workspaces (id) on delete cascade,
  id text not null,
  wrapped text not null,
  master_key_id text not null,
  created_at timestamptz not null default now(),
  retired_at timestamptz,
  primary key (workspace_id, id)
);
call hawser.protect('hawser.data_keys', 'select, insert, update');

create table hawser.idempotency_keys (
  workspace_id uuid not null references hawser.workspaces (id) on delete cascade,
  route text not null,
  key text not null check (char_length(key) between 1 and 255),
  request_hash bytea not null,
  status integer,
  response jsonb,
  created_at timestamptz not null default now(),
  primary key (workspace_id, route, key)
);
create index idempotency_keys_age on hawser.idempotency_keys (workspace_id, created_at);
call hawser.protect('hawser.idempotency_keys', 'select, insert, update, delete');

-- ── audit ────────────────────────────────────────────────────────────────────────────────────────────────────────

create table hawser.audit_heads (
  workspace_id uuid primary key references hawser.workspaces (id) on delete cascade,
  sequence bigint not null,
  hash bytea not null
);
call hawser.protect('hawser.audit_heads', 'select');
create policy chain on hawser.audit_heads for all to current_user using (true) with check (true);

create table hawser.audit_entries (
  workspace_id uuid not null references hawser.workspaces (id) on delete cascade,
  sequence bigint not null,
  at timestamptz not null default clock_timestamp(),
  actor_kind text not null check (actor_kind in ('user', 'api_key', 'system', 'cli')),
  actor_id uuid,
  actor_label text not null,
  action text not null,
  target_kind text,
  target_id text,
  target_label text,
  result text not null check (result in ('done', 'refused', 'failed')),
  address text,
  request_id text,
  before jsonb,
  after jsonb,
  previous_hash bytea not null,
  hash bytea not null,
  primary key (workspace_id, sequence)
);
call hawser.protect('hawser.audit_entries', 'select, insert');

-- What the hash covers; `audit verify` computes the same again.
create function hawser.audit_hash(entry hawser.audit_entries) returns bytea
  language sql stable
  return sha256(entry.previous_hash || convert_to(
    jsonb_build_array(entry.workspace_id, entry.sequence, extract(epoch from entry.at), entry.actor_kind, entry.actor_id,
      entry.actor_label, entry.action, entry.target_kind, entry.target_id, entry.target_label, entry.result,
      entry.address, entry.request_id, entry.before, entry.after)::text, 'UTF8'));

-- Number and chain are the database's work, so that nobody who writes an entry can choose them (SR-76).
create function hawser.chain_audit_entry() returns trigger
  language plpgsql security definer set search_path = hawser, pg_temp as $$
declare
  head hawser.audit_heads;
begin
  if new.workspace_id is distinct from hawser.current_workspace() then
    raise insufficient_privilege using message = 'an audit entry belongs to the workspace of its transaction';
  end if;
  insert into hawser.audit_heads (workspace_id, sequence, hash) values (new.workspace_id, 0, ''::bytea) on conflict do nothing;
  select * into head from hawser.audit_heads where workspace_id = new.workspace_id for update;
  new.sequence := head.sequence + 1;
  new.at := clock_timestamp();
  new.previous_hash := head.hash;
  new.hash := hawser.audit_hash(new);
  update hawser.audit_heads set sequence = new.sequence, hash = new.hash where workspace_id = new.workspace_id;
  return new;
end $$;
create trigger chain_audit_entry before insert on hawser.audit_entries
  for each row execute function hawser.chain_audit_entry();

-- ── the listed functions over all workspaces (SR-58, SR-63): they return ids ─────────────────────────────────────

create function hawser.workspace_ids(after uuid, most integer) returns setof uuid
  language sql stable security definer set search_path = hawser, pg_temp as $$
  select id from hawser.workspaces where after is null or id > after order by id limit least(most, 1000);
$$;

create function hawser.workspaces_of_user(who uuid) returns table (workspace_id uuid, role text)
  language sql stable security definer set search_path = hawser, pg_temp as $$
  select m.workspace_id, m.role from hawser.members m join hawser.workspaces w on w.id = m.workspace_id
   where m.user_id = who and w.deleted_at is null;
$$;

create function hawser.find_api_key(hash bytea) returns table (workspace_id uuid, id uuid, role text)
  language sql stable security definer set search_path = hawser, pg_temp as $$
  select k.workspace_id, k.id, k.role from hawser.api_keys k join hawser.workspaces w on w.id = k.workspace_id
   where k.token_hash = hash and k.revoked_at is null and (k.expires_at is null or k.expires_at > now()) and w.deleted_at is null;
$$;

create function hawser.find_invitation(hash bytea) returns table (workspace_id uuid, id uuid)
  language sql stable security definer set search_path = hawser, pg_temp as $$
  select i.workspace_id, i.id from hawser.invitations i join hawser.workspaces w on w.id = i.workspace_id
   where i.token_hash = hash and i.accepted_at is null and i.revoked_at is null and i.expires_at > now() and w.deleted_at is null;
$$;

revoke all on all functions in schema hawser from public;
revoke all on all functions in schema identity from public;
grant execute on function hawser.current_workspace(), hawser.current_user_id(), hawser.audit_hash(hawser.audit_entries),
  hawser.workspace_ids(uuid, integer), hawser.workspaces_of_user(uuid), hawser.find_api_key(bytea), hawser.find_invitation(bytea)
  to hawser_app;
