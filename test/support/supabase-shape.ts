// A database as Supabase gives it to its users, on whichever PostgreSQL the test runs: the same roles, default
// privileges, search path and `auth` functions. From the vendor's own set-up scripts; nothing of it is Hawser's.
import pg from "pg";
import { inject } from "vitest";
import { roleUrls } from "#db/roles.ts";
import { inDatabase, run } from "./database.ts";

/** Who asks, as the data API says it: a database role, and the claims of a verified token. */
export interface Claims {
  role: "anon" | "authenticated" | "service_role";
  sub?: string;
}

export interface SupabaseDatabase {
  name: string;
  /** Stands for `postgres` there: makes roles, owns the database, is no superuser. */
  ownerUrl: string;
  appUrl: string;
  authUrl: string;
  superuser(): Promise<pg.Client>;
  /** One request through the data API: a transaction with the role and the claims of a token. */
  request<T>(claims: Claims, work: (client: pg.Client) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

const owner = "supabase_postgres";
const authenticator = "authenticator";

/** Not migrated: that is for the test to do. */
export async function supabaseDatabase(): Promise<SupabaseDatabase> {
  const { templateUrl, superuserUrl } = inject("cluster");
  const name = `supabase_${crypto.randomUUID().replaceAll("-", "")}`;
  // The roles of the application have one password in a cluster, and it follows from that of the owner.
  const password = decodeURIComponent(new URL(templateUrl).password);
  const maintenanceUrl = inDatabase(superuserUrl, "postgres");
  await makeRoles(maintenanceUrl, password);
  await run(maintenanceUrl, `create database ${name} owner ${owner}`);
  await run(inDatabase(superuserUrl, name), shape);

  const ownerUrl = signedInAs(inDatabase(superuserUrl, name), owner, password);
  const open: pg.Client[] = [];
  const connect = async (url: string) => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    open.push(client);
    return client;
  };
  let gateway: Promise<pg.Client> | undefined;
  return {
    name,
    ownerUrl,
    ...(await roleUrls(ownerUrl)),
    superuser: () => connect(inDatabase(superuserUrl, name)),
    async request(claims, work) {
      gateway ??= connect(signedInAs(ownerUrl, authenticator, password));
      const client = await gateway;
      await client.query("begin");
      try {
        await client.query(`set local role ${claims.role}`);
        await client.query("select set_config('request.jwt.claims', $1, true)", [JSON.stringify(claims)]);
        const result = await work(client);
        await client.query("commit");
        return result;
      } catch (failure) {
        await client.query("rollback");
        throw failure;
      }
    },
    async close() {
      await Promise.all(open.map((client) => client.end()));
      await run(maintenanceUrl, `drop database ${name} with (force)`);
    },
  };
}

function signedInAs(url: string, role: string, password: string): string {
  const other = new URL(url);
  other.username = role;
  other.password = password;
  return other.href;
}

/** Roles belong to the whole cluster: whoever comes first makes them. */
async function makeRoles(superuserUrl: string, password: string): Promise<void> {
  const secret = `password ${pg.escapeLiteral(password)}`;
  await run(
    superuserUrl,
    `begin;
     select pg_advisory_xact_lock(hashtext('the roles of Supabase'));
     do $do$
     begin
       if exists (select from pg_roles where rolname = 'authenticated') then return; end if;
       create role anon nologin noinherit;
       create role authenticated nologin noinherit;
       create role service_role nologin noinherit bypassrls;
       create role supabase_admin nologin createrole createdb replication bypassrls;
       create role ${authenticator} login noinherit ${secret};
       grant anon, authenticated, service_role to ${authenticator};
       create role ${owner} login createrole createdb replication bypassrls ${secret};
       grant anon, authenticated, service_role to ${owner};
       alter role anon set statement_timeout = '3s';
       alter role authenticated set statement_timeout = '8s';
       alter role ${authenticator} set statement_timeout = '8s';
       alter role ${authenticator} set lock_timeout = '8s';
       alter role ${owner} set search_path = "$user", public, extensions;
     end $do$;
     commit`,
  );
}

const shape = `
  create schema extensions authorization ${owner};
  grant usage on schema extensions to anon, authenticated, service_role;
  create schema auth authorization supabase_admin;
  grant usage on schema auth to anon, authenticated, service_role, ${owner};
  create function auth.uid() returns uuid language sql stable as $$
    select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''),
                    nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid $$;
  create function auth.role() returns text language sql stable as $$
    select coalesce(nullif(current_setting('request.jwt.claim.role', true), ''),
                    nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role') $$;
  create function auth.jwt() returns jsonb language sql stable as $$
    select coalesce(nullif(current_setting('request.jwt.claim', true), ''),
                    nullif(current_setting('request.jwt.claims', true), ''))::jsonb $$;
  create table auth.users (id uuid primary key, email text);
  alter table auth.users owner to supabase_admin;
  grant usage on schema public to anon, authenticated, service_role;
  alter default privileges in schema public grant all on tables to anon, authenticated, service_role;
  alter default privileges in schema public grant all on functions to anon, authenticated, service_role;
  alter default privileges in schema public grant all on sequences to anon, authenticated, service_role;
  alter default privileges for role ${owner} in schema public grant all on tables to anon, authenticated, service_role;
  alter default privileges for role ${owner} in schema public grant all on functions to anon, authenticated, service_role;
  alter default privileges for role ${owner} in schema public grant all on sequences to anon, authenticated, service_role;
`;
