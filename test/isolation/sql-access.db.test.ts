// SQL for members: on a database of Supabase's shape as its data API asks, and on a plain one as a back end does.
import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { migrateDown, migrateUp, migrationStatus } from "#db/migrate.ts";
import { ensureRoles } from "#db/roles.ts";
import { migrateJobs } from "#jobs/migrate.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { type SupabaseDatabase, supabaseDatabase } from "../support/supabase-shape.ts";
import { fillWorkspace } from "./row-checks.ts";
import { readBySql, schemaProblems, viewsForSql, workspaceTables } from "./schema-checks.ts";

let supabase: SupabaseDatabase;
let superuser: pg.Client;
let [own, foreign] = ["", ""];
/** The user of Supabase who is a member of `own`, and owner there. */
let ada = "";

beforeAll(async () => {
  supabase = await supabaseDatabase();
  await ensureRoles(supabase.ownerUrl, supabase);
  await migrateUp(supabase.ownerUrl);
  await migrateJobs(supabase.ownerUrl);
  superuser = await supabase.superuser();
  [own, foreign] = [await fillWorkspace(superuser), await fillWorkspace(superuser)];
  ada = await subjectIn(own);
});
afterAll(() => supabase.close());

const denied = "42501";
const subjectIn = async (workspace: string): Promise<string> => {
  const { rows } = await superuser.query("select subject from hawser.sql_members where workspace_id = $1", [workspace]);
  return rows[0].subject;
};
const setRole = (role: string) =>
  superuser.query("update hawser.members set role = $1 where workspace_id = $2", [role, own]);
const asAda = <T>(work: (client: pg.Client) => Promise<T>) =>
  supabase.request({ role: "authenticated", sub: ada }, work);
/** What comes of one statement in a request of its own: how many rows, or the code of an error. */
const attempt = (claims: Parameters<SupabaseDatabase["request"]>[0], text: string, values: unknown[] = []) =>
  supabase
    .request(claims, async (client) => (await client.query(text, values)).rowCount ?? 0)
    .catch((failure: unknown) => (failure instanceof pg.DatabaseError ? failure.code : String(failure)));
async function signedIn(url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
const tables = async () => {
  const { rows } = await superuser.query<{ name: string; column: string; view: boolean }>(
    `select format('%I.%I', n.nspname, c.relname) as name, format('%I', min(a.attname::text)) as column,
            c.relkind = 'v' as view
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
       join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attidentity = ''
      where n.nspname in ('hawser', 'identity', 'pgboss') and c.relkind in ('r', 'p', 'v') group by n.nspname, c.relname, c.relkind order by 1`,
  );
  return rows;
};
const newSync = (workspace: string, from = workspace, more = "") =>
  `insert into hawser.syncs (workspace_id, connection_id, name, drive_id, schedule)
   select '${workspace}', id, 'by SQL ${randomUUID()}', 'd', '{"kind": "interval", "minutes": 15}'
     from (values (${from === workspace ? `(select id from hawser.connections where workspace_id = '${from}')` : `'${from}'::uuid`})) c (id) ${more}`;

describe("a database of Supabase's shape", () => {
  it("A6 takes every migration from an owner who is no superuser, and gives it back", async () => {
    const other = await supabaseDatabase();
    try {
      const all = (await migrationStatus(other.ownerUrl)).map(({ name }) => name);
      expect(await migrateUp(other.ownerUrl)).toEqual(all);
      expect(await migrateDown(other.ownerUrl, { steps: all.length })).toEqual(all.toReversed());
      const left = await (await other.superuser()).query(
        `select grantee from information_schema.column_privileges
          where table_schema in ('hawser', 'identity') and grantee in ('anon', 'authenticated', 'service_role')`,
      );
      expect(left.rows).toEqual([]);
      expect(await migrateUp(other.ownerUrl)).toEqual(all);
    } finally {
      await other.close();
    }
  });

  it("SR-57 SR-58 SR-60 is protected like any other, and lets `authenticated` in where it is listed", async () => {
    expect(await schemaProblems(superuser, ["authenticated"])).toEqual([]);
  });

  it("SR-57 SR-60 whose checks notice each policy for members that is dropped or opened, and each grant too many", async () => {
    const { rows: policies } = await superuser.query<{ table: string; name: string; command: string }>(
      `select tablename as table, policyname as name, cmd as command from pg_policies where policyname like 'sql\\_%'`,
    );
    expect(policies).toHaveLength(readBySql.length + 1);
    const changes = [
      ...policies.flatMap(({ table, name, command }) => [
        `drop policy ${name} on hawser.${table}`,
        `alter policy ${name} on hawser.${table} ${command === "INSERT" ? "with check" : "using"} (true)`,
      ]),
      "grant select on hawser.files to anon",
      "grant select on hawser.token_sets to authenticated",
      "grant select (fingerprint) on hawser.credentials to authenticated",
      "grant update (name) on hawser.syncs to authenticated",
      "grant update on hawser.connections_overview to authenticated",
      "grant usage on schema pgboss to authenticated; grant select on pgboss.job to authenticated",
    ];
    for (const change of changes) {
      await superuser.query("begin");
      await superuser.query(change);
      expect([change, await schemaProblems(superuser, ["authenticated"])]).not.toEqual([change, []]);
      await superuser.query("rollback");
    }
  });

  it("makes the application's roles as an owner who is no superuser", async () => {
    const urls = [supabase.appUrl, supabase.authUrl].map((url) => {
      const other = new URL(url);
      other.username = `role_${randomUUID().replaceAll("-", "")}`;
      return other.href;
    });
    const [appUrl = "", authUrl = ""] = urls;
    await ensureRoles(supabase.ownerUrl, { appUrl, authUrl });
    await signedIn(appUrl, (app) => app.query("select 1"));
  });
});

describe("SR-60 a member who asks with a token", () => {
  it("reads the rows of the member's own workspaces in the listed tables, and nothing in any other", async () => {
    const read = new Set([...readBySql, ...viewsForSql].map((name) => `hawser.${name}`));
    const columns = new Map((await workspaceTables(superuser)).map(({ name, column }) => [`hawser.${name}`, column]));
    for (const { name } of await tables()) {
      const claims = { role: "authenticated", sub: ada } as const;
      if (!read.has(name)) {
        expect([name, await attempt(claims, `select count(*) from ${name}`)]).toEqual([name, denied]);
        continue;
      }
      const column = columns.get(name) ?? "workspace_id";
      const { rows } = await asAda((client) => client.query(`select distinct ${column}::text as seen from ${name}`));
      expect([name, rows]).toEqual([name, [{ seen: own }]]);
    }
  });

  it("changes nothing, and adds nothing but syncs", async () => {
    const claims = { role: "authenticated", sub: ada } as const;
    for (const { name, column, view } of await tables()) {
      if (view) continue;
      expect([name, await attempt(claims, `delete from ${name}`)]).toEqual([name, denied]);
      expect([name, await attempt(claims, `truncate ${name}`)]).toEqual([name, denied]);
      expect([name, await attempt(claims, `update ${name} set ${column} = ${column}`)]).toEqual([name, denied]);
      expect([name, await attempt(claims, `insert into ${name} default values`)]).toEqual([name, denied]);
    }
    const { rows } = await superuser.query(
      `select distinct table_name as name, privilege_type as verb from information_schema.column_privileges
        where grantee = 'authenticated' and table_schema in ('hawser', 'identity', 'pgboss') and privilege_type <> 'SELECT'`,
    );
    expect(rows).toEqual([{ name: "syncs", verb: "INSERT" }]);
  });

  it("sees no column that holds a secret, a cursor or what a provider told in confidence", async () => {
    const { rows } = await superuser.query<{ name: string }>(
      `select table_name || '.' || column_name as name from information_schema.column_privileges
        where grantee = 'authenticated' and table_schema in ('hawser', 'identity', 'pgboss')`,
    );
    const names = rows.map(({ name }) => name);
    expect(names).toContain("connections.status");
    const held =
      /secret|sealed|wrapped|password|hash$|verifier|cursor|kept|config|origins|token(?!_(state|expires_at|renewal_at))/;
    expect(names.filter((name) => held.test(name))).toEqual(["files.remote_hash"]);
  });

  it("adds a sync to the own workspace, which is scheduled and says who made it", async () => {
    const { rows } = await asAda((client) => client.query(`${newSync(own)} returning id`));
    const made = await superuser.query(
      `select s.created_by = m.user_id as mine, t.rule from hawser.syncs s join hawser.sql_members m using (workspace_id)
         join hawser.schedules t on t.owner_id = s.id where s.id = $1`,
      [rows[0].id],
    );
    expect(made.rows).toEqual([{ mine: true, rule: { kind: "interval", minutes: 15 } }]);
  });

  it("adds none to a workspace of others, none on a connection of others, and none that says what Hawser alone says", async () => {
    const claims = { role: "authenticated", sub: ada } as const;
    const { rows } = await superuser.query("select id from hawser.connections where workspace_id = $1", [foreign]);
    expect(await attempt(claims, newSync(foreign, rows[0].id))).toBe(denied);
    expect(await attempt(claims, newSync(own, rows[0].id))).toBe("23503");
    expect(await attempt(claims, "insert into hawser.syncs (workspace_id, generation) values ($1, 5)", [own])).toBe(
      denied,
    );
  });

  it("SR-55 may do as much as the role of the membership at this moment says", async () => {
    const claims = { role: "authenticated", sub: ada } as const;
    try {
      await setRole("viewer");
      expect(await attempt(claims, "select id from hawser.connections")).toBe(1);
      expect(await attempt(claims, newSync(own))).toBe(denied);
      await setRole("member");
      expect(await attempt(claims, newSync(own))).toBe(1);
    } finally {
      await setRole("owner");
    }
  });

  it("sees nothing any more from the moment on in which the membership, or the workspace, is gone", async () => {
    const gone = await fillWorkspace(superuser);
    const claims = { role: "authenticated", sub: await subjectIn(gone) } as const;
    expect(await attempt(claims, "select id from hawser.syncs")).toBe(1);
    await superuser.query("update hawser.workspaces set deleted_at = now() where id = $1", [gone]);
    expect(await attempt(claims, "select id from hawser.syncs")).toBe(0);
    await superuser.query("update hawser.workspaces set deleted_at = null where id = $1", [gone]);
    await superuser.query("delete from hawser.members where workspace_id = $1", [gone]);
    expect(await attempt(claims, "select id from hawser.syncs")).toBe(0);
  });

  it("is told by the same claim as `auth.uid()` tells", async () => {
    const { rows } = await asAda((client) =>
      client.query("select auth.uid()::text as theirs, hawser.sql_subject() as ours, auth.role() as role"),
    );
    expect(rows).toEqual([{ theirs: ada, ours: ada, role: "authenticated" }]);
  });
});

describe("A11 the views", () => {
  let yard = "";
  let someone = "";
  const minutes = (count: number) => new Date(Date.now() + count * 60_000);
  beforeAll(async () => {
    yard = await fillWorkspace(superuser);
    someone = await subjectIn(yard);
    const token = { access_token: "v1.k.n.sealed", refresh_token: "v1.k.n.sealed", obtained_at: minutes(-55) };
    await aConnection("fresh", { ...token, expires_at: minutes(60), refresh_expires_at: minutes(6000) });
    await aConnection("expiring", { ...token, expires_at: minutes(4) });
    await aConnection("short-lived", { ...token, obtained_at: minutes(-1), expires_at: minutes(4) });
    await aConnection("expired", {
      ...token,
      expires_at: minutes(-1),
      failing_since: minutes(-1),
      failure: { message: "It is down." },
    });
    await aConnection("not obtained", { obtained_at: minutes(-1) });
    await aConnection("dead", token, {
      status: "needs_authorization",
      failure: { message: "Access was taken back." },
    });
    await aConnection("key", undefined);
    await aConnection("gone", undefined, { deleted_at: new Date() });
    await superuser.query(
      "delete from hawser.token_sets where connection_id = (select id from hawser.connections where workspace_id = $1 and name = 'c')",
      [yard],
    );
    const { rows } = await superuser.query("select id as sync from hawser.syncs where workspace_id = $1", [yard]);
    await superuser.query(
      `insert into hawser.files (workspace_id, sync_id, remote_id, name, is_folder, path, size, version, state, seen_generation, object_key)
       select $1, $2, 'more' || n, 'n', kind = 'folder', case when kind = 'folder' then '/n' end, n * 100, '1', kind, 1,
              case when kind = 'stored' then 'k' || n end
         from unnest(array['stored', 'stored', 'failed', 'skipped', 'indexed', 'removed', 'folder']) with ordinality k (kind, n)`,
      [yard, rows[0].sync],
    );
    await superuser.query(
      `insert into hawser.sync_runs (workspace_id, id, sync_id, trigger, status, found, created, bytes, finished_at, created_at)
       values ($1, gen_random_uuid(), $2, 'schedule', 'done', 7, 7, 700, now(), now() + interval '1 second')`,
      [yard, rows[0].sync],
    );
    await superuser.query("update hawser.sync_runs set status = 'done' where workspace_id = $1", [yard]);
    await superuser.query("update hawser.schedules set next_tick_at = $2 where workspace_id = $1", [yard, minutes(30)]);
  });

  async function aConnection(name: string, token?: Record<string, unknown>, more: Record<string, unknown> = {}) {
    const id = randomUUID();
    const put = async (table: string, row: Record<string, unknown>) => {
      const columns = Object.keys({ workspace_id: yard, ...row });
      const places = columns.map((_, index) => `$${index + 1}`);
      await superuser.query(`insert into hawser.${table} (${columns}) values (${places})`, [
        yard,
        ...Object.values(row),
      ]);
    };
    await put("connections", { id, name, provider: "p", status: "active", ...more });
    if (token) await put("token_sets", { connection_id: id, token_url: "https://t.test", origins: [], ...token });
  }

  const connections = "select name, token_state, cause, syncs::int from hawser.connections_overview order by name";
  const totals = `select files::int, bytes::int, stored::int, indexed::int, waiting::int, skipped::int, failed::int, removed::int,
    connection, last_run_status, last_run_found, next_run_at > now() as soon from hawser.sync_totals`;
  const shown = [
    { name: "c", token_state: "none", cause: null, syncs: 1 },
    { name: "dead", token_state: "needs_authorization", cause: "Access was taken back.", syncs: 0 },
    { name: "expired", token_state: "expired", cause: "It is down.", syncs: 0 },
    { name: "expiring", token_state: "expiring", cause: null, syncs: 0 },
    { name: "fresh", token_state: "fresh", cause: null, syncs: 0 },
    { name: "key", token_state: "none", cause: null, syncs: 0 },
    { name: "not obtained", token_state: "expired", cause: null, syncs: 0 },
    { name: "short-lived", token_state: "fresh", cause: null, syncs: 0 },
  ];
  const total = {
    ...{ files: 6, bytes: 1500, stored: 2, indexed: 1, waiting: 1, skipped: 1, failed: 1, removed: 1 },
    ...{ connection: "c", last_run_status: "done", last_run_found: 7, soon: true },
  };

  it("show a member the state of tokens and the totals of syncs of the own workspace", async () => {
    await supabase.request({ role: "authenticated", sub: someone }, async (client) => {
      expect((await client.query(connections)).rows).toEqual(shown);
      expect((await client.query(totals)).rows).toEqual([total]);
    });
  });

  it("show the application the same for the workspace of its transaction, and nothing without one", async () => {
    await signedIn(supabase.appUrl, async (app) => {
      await app.query("begin");
      await app.query("select set_config('hawser.workspace', $1, true)", [yard]);
      expect((await app.query(connections)).rows).toEqual(shown);
      expect((await app.query(totals)).rows).toEqual([total]);
      await app.query("commit");
      expect((await app.query(connections)).rows).toEqual([]);
      expect((await app.query(totals)).rows).toEqual([]);
    });
  });

  it("SR-7 hold nothing of a token but its times", async () => {
    const { rows } = await supabase.request({ role: "authenticated", sub: someone }, (client) =>
      client.query(
        "select to_jsonb(o)::text || (select coalesce(string_agg(to_jsonb(t)::text, ''), '') from hawser.sync_totals t) as text from hawser.connections_overview o",
      ),
    );
    for (const { text } of rows) expect(text).not.toMatch(/sealed|v1\.|t\.test/);
    expect(rows).toHaveLength(8);
  });
});

describe("SR-60 nobody else", () => {
  it.each([
    ["without a subject", {}],
    ["who is unknown here", { sub: randomUUID() }],
    ["whose subject is not a UUID", { sub: "service" }],
    ["whose subject is empty", { sub: "" }],
  ])("sees a row: a token %s", async (_, claims) => {
    for (const name of [...readBySql, ...viewsForSql]) {
      const seen = await attempt({ role: "authenticated", ...claims }, `select from hawser.${name}`);
      expect([name, seen]).toEqual([name, 0]);
    }
    expect(await attempt({ role: "authenticated", ...claims }, newSync(own, randomUUID()))).toBe(denied);
  });

  it.each(["anon", "service_role"] as const)("may even look: %s", async (role) => {
    for (const { name } of await tables()) {
      for (const text of [`select from ${name}`, `delete from ${name}`, `insert into ${name} default values`]) {
        expect([text, await attempt({ role, sub: ada }, text)]).toEqual([text, denied]);
      }
    }
    for (const call of ["hawser.sql_workspaces()", "hawser.sql_token_times()", "hawser.workspace_ids(null, 10)"]) {
      expect([call, await attempt({ role, sub: ada }, `select ${call}`)]).toEqual([call, denied]);
    }
  });

  it("sees what an earlier request on the same connection was let see", async () => {
    const count = () => asAda(async (client) => (await client.query("select from hawser.syncs")).rowCount);
    expect(await count()).toBeGreaterThan(0);
    // Claims that were local to a transaction leave an empty setting behind, on which a careless cast would fail.
    const after = await supabase.request({ role: "authenticated" }, async (client) => {
      await client.query("select set_config('request.jwt.claims', '', true)");
      return (await client.query("select from hawser.syncs")).rowCount;
    });
    expect(after).toBe(0);
  });

  it("is believed who only sets what the application sets", async () => {
    const seen = await supabase.request({ role: "authenticated", sub: randomUUID() }, async (client) => {
      await client.query("select set_config('hawser.workspace', $1, true)", [own]);
      return Promise.all(readBySql.map(async (name) => (await client.query(`select from hawser.${name}`)).rowCount));
    });
    expect(seen).toEqual(readBySql.map(() => 0));
  });

  it("and the application is not led by claims", async () => {
    await signedIn(supabase.appUrl, async (app) => {
      await app.query("begin");
      await app.query("select set_config('request.jwt.claims', $1, true)", [JSON.stringify({ sub: ada })]);
      expect((await app.query("select from hawser.syncs")).rowCount).toBe(0);
    });
  });
});

describe("a plain PostgreSQL", () => {
  let plain: TestDatabase;
  let owner: pg.Client;
  const role = `backend_${randomUUID().replaceAll("-", "")}`;
  beforeAll(async () => {
    plain = await testDatabase();
    owner = new pg.Client({ connectionString: plain.ownerUrl });
    await owner.connect();
  });
  afterAll(async () => {
    await owner.end();
    await plain.close();
    await superuser.query(`drop role if exists ${role}`);
  });

  it("SR-60 lets a back end's role in when the owner says so, with the same rights, and out again", async () => {
    const admin = await plain.superuser();
    const workspaces = [await fillWorkspace(admin), await fillWorkspace(admin)];
    const { rows } = await admin.query("select subject from hawser.sql_members where workspace_id = $1", [
      workspaces[0],
    ]);
    await admin.query(`create role ${role} nologin`);
    const seen = async () => {
      await admin.query("begin");
      try {
        await admin.query(`set local role ${role}`);
        await admin.query("select set_config('request.jwt.claims', $1, true)", [
          JSON.stringify({ sub: rows[0].subject }),
        ]);
        return (await admin.query("select workspace_id from hawser.files")).rows;
      } catch (failure) {
        return failure instanceof pg.DatabaseError && failure.code;
      } finally {
        await admin.query("rollback");
      }
    };

    expect(await seen()).toBe(denied);
    for (const time of ["first", "again"]) {
      await owner.query("call hawser.allow_sql($1)", [role]);
      expect([time, await seen()]).toEqual([time, [{ workspace_id: workspaces[0] }]]);
      expect(await schemaProblems(admin, [role])).toEqual([]);
    }
    await owner.query("call hawser.deny_sql($1)", [role]);
    expect(await seen()).toBe(denied);
    expect(await schemaProblems(admin)).toEqual([]);
  });

  it.each(["hawser_app", "hawser_auth", "hawser_owner", "postgres", "public"])(
    "SR-60 refuses a role for which row security would not hold, or that has other work: %s",
    async (name) => {
      await expect(owner.query("call hawser.allow_sql($1)", [name])).rejects.toMatchObject({ code: denied });
    },
  );

  it("SR-60 lets nobody but the owner say so", async () => {
    await signedIn(plain.appUrl, async (app) => {
      await expect(app.query("call hawser.allow_sql('hawser_app')")).rejects.toMatchObject({ code: denied });
    });
  });
});
