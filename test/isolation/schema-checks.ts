import type pg from "pg";

/** Tables of schema `hawser` that belong to no workspace. */
const globalTables = ["migrations"];
/** Tables whose workspace is their own id. */
const workspaceColumns: Record<string, string> = { workspaces: "id" };
/** Uniques over all workspaces: random values and names that are given out once. */
const globalUniques = [
  "workspaces_pkey",
  "workspaces_slug_key",
  "invitations_token_hash_key",
  "api_keys_token_hash_key",
  "connect_flows_state_hash_key",
  "push_channels_place_hash_key",
  "result_places_place_hash_key",
];
/** Tables that the owner's listed functions may look through. */
const seenAcross = [
  "api_keys",
  "connect_flows",
  "connections",
  "handoffs",
  "invitations",
  "members",
  "push_channels",
  "push_hints",
  "result_places",
  "revocations",
  "schedules",
  "sql_members",
  "sync_leases",
  "sync_runs",
  "syncs",
  "token_sets",
  "workspaces",
];
/** Functions that run as their owner. Each is small, fixed in its search path, and gives ids and nothing else. */
const definers = [
  "hawser.analyze_files()",
  "hawser.chain_audit_entry()",
  "hawser.connections_to_check(integer)",
  "hawser.due_schedules(integer)",
  "hawser.find_api_key(bytea)",
  "hawser.find_connect_flow(bytea)",
  "hawser.find_invitation(bytea)",
  "hawser.find_push_channel(bytea)",
  "hawser.find_result_place(bytea)",
  "hawser.handoffs_due(integer)",
  "hawser.name_sql_author()",
  "hawser.push_channels_due(text[], text[], text, integer)",
  "hawser.push_channels_missing(text[], text[], integer)",
  "hawser.push_hints_due(interval, integer)",
  "hawser.revocations_due(integer)",
  "hawser.schedule_sync()",
  "hawser.sql_token_times()",
  "hawser.sql_workspaces(text)",
  "hawser.sync_runs_without_lease(integer)",
  "hawser.tokens_to_renew(integer)",
  "hawser.workspace_ids(uuid, integer)",
  "hawser.workspaces_of_user(uuid)",
  "identity.appoint_first_user()",
];
/** All that the application may see of schema `identity`. */
const identityGrants = ["user.email", "user.id", "user.name"];

/** What members may read by SQL, through the roles that `hawser.allow_sql` has let in. */
export const readBySql = [
  "connections",
  "files",
  "members",
  "schedules",
  "sync_run_log",
  "sync_runs",
  "syncs",
  "workspaces",
];
export const viewsForSql = ["connections_overview", "sync_totals"];

/**
 * What is wrong with the protection of the schema; nothing when all is as it should be (SR-57, SR-58, SR-60).
 *
 * @param sqlRoles those that `hawser.allow_sql` has let in
 */
export async function schemaProblems(client: pg.Client, sqlRoles: readonly string[] = []): Promise<string[]> {
  const problems: string[] = [];
  for (const check of checks) problems.push(...(await check(client, sqlRoles)));
  return problems;
}

const list = async <Row extends object>(client: pg.Client, text: string, values: unknown[] = []): Promise<Row[]> =>
  (await client.query<Row>(text, values)).rows;

interface Table {
  name: string;
  enabled: boolean;
  forced: boolean;
  column: string | null;
  required: boolean | null;
}

/** Every table that belongs to a workspace. */
export async function workspaceTables(client: pg.Client): Promise<{ name: string; column: string }[]> {
  const rows = await list<{ name: string }>(
    client,
    `select relname as name from pg_class where relnamespace = 'hawser'::regnamespace and relkind in ('r', 'p') order by 1`,
  );
  return rows
    .filter(({ name }) => !globalTables.includes(name))
    .map(({ name }) => ({ name, column: workspaceColumns[name] ?? "workspace_id" }));
}

async function unprotectedTables(client: pg.Client): Promise<string[]> {
  const tables = await list<Table>(
    client,
    `select c.relname as name, c.relrowsecurity as enabled, c.relforcerowsecurity as forced, a.attname as column,
            a.attnotnull as required
       from pg_class c
       left join pg_attribute a on a.attrelid = c.oid and a.attname = coalesce(($1::jsonb) ->> c.relname, 'workspace_id')
      where c.relnamespace = 'hawser'::regnamespace and c.relkind in ('r', 'p')`,
    [JSON.stringify(workspaceColumns)],
  );
  return tables
    .filter(({ name }) => !globalTables.includes(name))
    .flatMap(({ name, enabled, forced, column, required }) => [
      ...(enabled ? [] : [`${name} has no row security`]),
      ...(forced ? [] : [`${name} does not force row security`]),
      ...(column && required ? [] : [`${name} can have rows without a workspace`]),
    ]);
}

interface Policy {
  table: string;
  policy: string;
  roles: string[];
  command: string;
  seen: string | null;
  written: string | null;
}

async function wrongPolicies(client: pg.Client, sqlRoles: readonly string[]): Promise<string[]> {
  const found = await list<Policy>(
    client,
    `select tablename as table, policyname as policy, roles::text[] as roles, cmd as command, qual as seen,
            with_check as written
       from pg_policies where schemaname in ('hawser', 'identity')`,
  );
  const [{ owner } = { owner: "" }] = await list<{ owner: string }>(
    client,
    `select pg_get_userbyid(relowner) as owner from pg_class where oid = 'hawser.workspaces'::regclass`,
  );
  const own = (column: string) => `(${column} = ( SELECT hawser.current_workspace() AS current_workspace))`;
  const expected: Policy[] = [
    ...(await workspaceTables(client)).map(({ name, column }) => ({
      table: name,
      policy: "workspace",
      roles: ["hawser_app"],
      command: "ALL",
      seen: own(column),
      written: own(column),
    })),
    ...seenAcross.map((table) => ({
      table,
      policy: "across",
      roles: [owner],
      command: "SELECT",
      seen: "true",
      written: null,
    })),
    ...sqlRoles.flatMap((role) => [
      ...readBySql.map((table) => ({
        table,
        policy: `sql_read_${role}`,
        roles: [role],
        command: "SELECT",
        seen: `(${workspaceColumns[table] ?? "workspace_id"} = ANY (ARRAY( SELECT hawser.sql_workspaces() AS sql_workspaces)))`,
        written: null,
      })),
      {
        table: "syncs",
        policy: `sql_add_${role}`,
        roles: [role],
        command: "INSERT",
        seen: null,
        written: "(workspace_id = ANY (ARRAY( SELECT hawser.sql_workspaces('member'::text) AS sql_workspaces)))",
      },
    ]),
    { table: "schedules", policy: "follow", roles: [owner], command: "ALL", seen: "true", written: "true" },
    { table: "audit_heads", policy: "chain", roles: [owner], command: "ALL", seen: "true", written: "true" },
    { table: "user", policy: "sign_in", roles: ["hawser_auth"], command: "ALL", seen: "true", written: "true" },
    {
      table: "user",
      policy: "fellow_members",
      roles: ["hawser_app"],
      command: "SELECT",
      seen: "(id IN ( SELECT members.user_id\n   FROM hawser.members\n  WHERE (members.workspace_id = ( SELECT hawser.current_workspace() AS current_workspace))))",
      written: null,
    },
  ];
  const text = (policies: Policy[]) => policies.map((policy) => JSON.stringify(policy, Object.keys(policy).sort()));
  const [are, should] = [text(found), text(expected)];
  return [
    ...should.filter((policy) => !are.includes(policy)).map((policy) => `a policy is missing or changed: ${policy}`),
    ...are.filter((policy) => !should.includes(policy)).map((policy) => `a policy is not on the list: ${policy}`),
  ];
}

async function uniquesOverWorkspaces(client: pg.Client): Promise<string[]> {
  const found = await list<{ name: string }>(
    client,
    `select i.indexrelid::regclass::text as name, c.relname as index
       from pg_index i join pg_class t on t.oid = i.indrelid join pg_class c on c.oid = i.indexrelid
      where t.relnamespace = 'hawser'::regnamespace and i.indisunique and t.relname <> all ($1) and c.relname <> all ($2)
        and not exists (select from pg_attribute a
                         where a.attrelid = t.oid and a.attname = 'workspace_id' and a.attnum = any (i.indkey))`,
    [globalTables, globalUniques],
  );
  return found.map(({ name }) => `${name} is unique over all workspaces`);
}

async function linksOverWorkspaces(client: pg.Client): Promise<string[]> {
  const found = await list<{ name: string; table: string }>(
    client,
    `select k.conname as name, k.conrelid::regclass::text as table
       from pg_constraint k join pg_class target on target.oid = k.confrelid
      where k.contype = 'f' and k.connamespace = 'hawser'::regnamespace
        and target.relnamespace = 'hawser'::regnamespace
        and not exists (select from pg_attribute a
                         where a.attrelid = k.conrelid and a.attname = 'workspace_id' and a.attnum = any (k.conkey))`,
  );
  return found.map(({ name, table }) => `${name} of ${table} can point into another workspace`);
}

async function viewsOfTheirOwner(client: pg.Client): Promise<string[]> {
  const found = await list<{ name: string }>(
    client,
    `select oid::regclass::text as name from pg_class
      where relnamespace = 'hawser'::regnamespace
        and (relkind = 'm' or relkind = 'v' and not coalesce(reloptions, '{}') @> array['security_invoker=true'])`,
  );
  return found.map(({ name }) => `${name} shows what its owner may see`);
}

async function unlistedDefiners(client: pg.Client): Promise<string[]> {
  const found = await list<{ name: string; definer: boolean; fixed: boolean; open: boolean }>(
    client,
    `select n.nspname || '.' || p.proname || '(' || coalesce(array_to_string(p.proargtypes::regtype[], ', '), '') || ')' as name,
            p.prosecdef as definer,
            exists (select from unnest(p.proconfig) c where c like 'search\\_path=%pg_temp') as fixed,
            exists (select from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
                     where a.grantee = 0 and a.privilege_type = 'EXECUTE') as open
       from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname in ('hawser', 'identity')`,
  );
  return [
    ...definers
      .filter((name) => !found.some((one) => one.name === name && one.definer))
      .map((name) => `${name} is gone`),
    ...found.flatMap(({ name, definer, fixed, open }) => [
      ...(definer && !definers.includes(name) ? [`${name} runs as its owner and is not on the list`] : []),
      ...(definer && !fixed ? [`${name} runs as its owner without a fixed search path`] : []),
      ...(open ? [`${name} may be called by everybody`] : []),
    ]),
  ];
}

async function tooMuchForRoles(client: pg.Client, sqlRoles: readonly string[]): Promise<string[]> {
  const roles = await list<{ name: string }>(
    client,
    `select rolname as name from pg_roles r where rolname in ('hawser_app', 'hawser_auth')
        and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication
             or exists (select from pg_auth_members m where m.member = r.oid)
             or exists (select from pg_class c where c.relowner = r.oid)
             or exists (select from pg_proc p where p.proowner = r.oid)
             or exists (select from pg_namespace n where n.nspowner = r.oid))`,
  );
  const granted = await list<{ what: string }>(
    client,
    `select table_name || '.' || column_name as what from information_schema.column_privileges
      where grantee = 'hawser_app' and table_schema = 'identity'`,
  );
  const reached = await list<{ what: string }>(
    client,
    `select table_schema || '.' || table_name || ' to ' || grantee || ': ' || privilege_type as what
       from information_schema.table_privileges
      where grantee = 'hawser_auth' and table_schema = 'hawser'
         or grantee in ('PUBLIC', 'anon', 'authenticated', 'service_role') and grantee <> all ($1)
            and table_schema in ('hawser', 'identity', 'pgboss')
         or grantee = any ($1) and table_schema in ('hawser', 'identity', 'pgboss')
            and not (table_name = any ($2) and privilege_type = 'SELECT')
         or grantee = 'hawser_app' and table_schema in ('hawser', 'identity')
            and privilege_type in ('TRUNCATE', 'REFERENCES', 'TRIGGER', 'MAINTAIN')`,
    [sqlRoles, viewsForSql],
  );
  const columns = await list<{ what: string }>(
    client,
    `select table_schema || '.' || table_name || '.' || column_name || ' to ' || grantee || ': ' || privilege_type as what
       from information_schema.column_privileges
      where grantee = any ($1) and table_schema in ('hawser', 'identity', 'pgboss')
        and not (table_schema = 'hawser' and table_name = any ($2) and privilege_type = 'SELECT')
        and not (table_schema = 'hawser' and table_name = 'syncs' and privilege_type = 'INSERT')`,
    [sqlRoles, [...readBySql, ...viewsForSql]],
  );
  return [
    ...roles.map(({ name }) => `${name} may do more than it should, or owns something`),
    ...granted.filter(({ what }) => !identityGrants.includes(what)).map(({ what }) => `the application sees ${what}`),
    ...[...reached, ...columns].map(({ what }) => `there is a grant that should not be: ${what}`),
  ];
}

const checks = [
  unprotectedTables,
  wrongPolicies,
  uniquesOverWorkspaces,
  linksOverWorkspaces,
  viewsOfTheirOwner,
  unlistedDefiners,
  tooMuchForRoles,
];
