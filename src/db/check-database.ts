// Looks at a database as an operator would: can it be reached, is it new enough, are its roles and row security as the
// application relies on them (SR-57, SR-58).
import pg from "pg";
import { migrationStatus } from "./migrate.ts";
import { type RoleUrls, roleOf } from "./roles.ts";

export interface Finding {
  /** A short stable word for what was looked at. */
  check:
    | "reachable"
    | "version"
    | "role"
    | "migrations"
    | "queue"
    | "row-security"
    | "isolation"
    | "latency"
    | "notices";
  ok: boolean;
  /** What was found, as a sentence. */
  found: string;
  /** What to do about it. */
  advice?: string;
}

const oldestVersion = 15;
const slowMs = 50;
const latencySamples = 5;
const noticeWithinMs = 3_000;

/** Changes nothing. @throws what the driver throws when the owner cannot connect */
export async function checkDatabase(
  ownerUrl: string,
  { appUrl, authUrl, listenUrl = appUrl }: RoleUrls & { listenUrl?: string },
): Promise<Finding[]> {
  const owner = new pg.Client({ connectionString: ownerUrl, application_name: "hawser check" });
  await owner.connect();
  try {
    return [
      { check: "reachable", ok: true, found: `${nameOf(ownerUrl)} answers.` },
      await checkVersion(owner),
      ...(await Promise.all([checkRole(owner, appUrl), checkRole(owner, authUrl)])).flat(),
      await checkMigrations(ownerUrl),
      await checkQueue(owner),
      await checkRowSecurity(owner),
      ...(await checkAsApplication(appUrl, listenUrl)),
    ];
  } finally {
    await owner.end();
  }
}

/** Host and database, and never the password. */
function nameOf(address: string): string {
  const url = new URL(address);
  return `The database ${url.pathname.slice(1)} on ${url.searchParams.get("host") ?? url.host}`;
}

async function checkVersion(owner: pg.Client): Promise<Finding> {
  const found = await owner.query<{ version: string; number: number }>(
    "select current_setting('server_version') as version, current_setting('server_version_num')::int as number",
  );
  const { version = "?", number = 0 } = found.rows[0] ?? {};
  const ok = number >= oldestVersion * 10_000;
  return {
    check: "version",
    ok,
    found: `PostgreSQL ${version}.`,
    ...(!ok && { advice: `Hawser needs PostgreSQL ${oldestVersion} or newer.` }),
  };
}

async function checkRole(owner: pg.Client, address: string): Promise<Finding[]> {
  const role = roleOf(address);
  const result = await owner.query<{ too_much: string[]; login: boolean; owns: number }>(
    `select array_remove(array[case when rolsuper then 'superuser' end, case when rolbypassrls then 'bypassrls' end,
                               case when rolcreaterole then 'createrole' end, case when rolcreatedb then 'createdb' end],
                         null) as too_much,
            rolcanlogin as login,
            (select count(*)::int from pg_class c join pg_namespace n on n.oid = c.relnamespace
              where c.relowner = r.oid and n.nspname in ('hawser', 'identity', 'pgboss')) as owns
       from pg_roles r where rolname = $1`,
    [role],
  );
  const finding = (found: string, advice?: string): Finding[] => [
    { check: "role", ok: advice === undefined, found, ...(advice !== undefined && { advice }) },
  ];
  const [has] = result.rows;
  const name = pg.escapeIdentifier(role);
  if (!has) return finding(`There is no role ${role}.`, 'Run "hawser migrate up", which makes it.');
  if (!has.login)
    return finding(`The role ${role} may not sign in.`, `Run as an administrator: alter role ${name} login;`);
  if (has.too_much.length > 0) {
    const less = has.too_much.map((right) => `no${right}`).join(" ");
    return finding(
      `The role ${role} may do more than it should (${has.too_much.join(", ")}), so workspaces are not kept apart.`,
      `Run as an administrator: alter role ${name} ${less};`,
    );
  }
  if (has.owns > 0) {
    return finding(
      `The role ${role} owns ${has.owns} of the tables, so it could take row security off them.`,
      "Let the role that migrates own them: alter table … owner to …;",
    );
  }
  const refused = await refusalOf(address);
  return refused === undefined
    ? finding(`The role ${role} signs in, owns nothing and cannot step over row security.`)
    : finding(`The role ${role} cannot sign in: ${refused}.`, 'Run "hawser migrate up", or give its address.');
}

async function refusalOf(address: string): Promise<string | undefined> {
  const client = new pg.Client({ connectionString: address });
  try {
    await client.connect();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await client.end();
  }
}

async function checkMigrations(ownerUrl: string): Promise<Finding> {
  const migrations = await migrationStatus(ownerUrl);
  const wrong = migrations.filter(({ problem }) => problem !== undefined);
  const pending = migrations.filter(({ appliedAt }) => appliedAt === undefined);
  if (wrong.length > 0) {
    const found = `Made by another version of Hawser (${wrong.map(({ name }) => name).join(", ")}).`;
    return { check: "migrations", ok: false, found, advice: '"hawser migrate status" says more.' };
  }
  if (pending.length > 0) {
    const found = `${pending.length} of ${migrations.length} migrations are not applied.`;
    return { check: "migrations", ok: false, found, advice: 'Run "hawser migrate up".' };
  }
  return { check: "migrations", ok: true, found: `All ${migrations.length} migrations are applied.` };
}

async function checkQueue(owner: pg.Client): Promise<Finding> {
  const found = await owner.query<{ there: boolean }>("select to_regclass('pgboss.job') is not null as there");
  return found.rows[0]?.there
    ? { check: "queue", ok: true, found: "The tables of the job queue are there." }
    : { check: "queue", ok: false, found: "The job queue has no tables.", advice: 'Run "hawser migrate up".' };
}

async function checkRowSecurity(owner: pg.Client): Promise<Finding> {
  const found = await owner.query<{ name: string; forced: boolean }>(
    `select c.relname as name, c.relrowsecurity and c.relforcerowsecurity as forced
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = 'hawser' and c.relkind in ('r', 'p')
        and (c.relname = 'workspaces'
             or exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'workspace_id' and not a.attisdropped))
      order by c.relname`,
  );
  const open = found.rows.filter(({ forced }) => !forced).map(({ name }) => name);
  if (found.rows.length === 0) {
    return { check: "row-security", ok: false, found: "There are no tables yet.", advice: 'Run "hawser migrate up".' };
  }
  if (open.length > 0) {
    return {
      check: "row-security",
      ok: false,
      found: `Row security is not forced on ${open.join(", ")}.`,
      advice: open
        .map((name) => `alter table hawser.${name} enable row level security, force row level security;`)
        .join(" "),
    };
  }
  return {
    check: "row-security",
    ok: true,
    found: `Row security is forced on all ${found.rows.length} tables of workspaces.`,
  };
}

/** Nothing where the application cannot sign in or has no tables: that has been said already. */
async function checkAsApplication(appUrl: string, listenUrl: string): Promise<Finding[]> {
  const app = new pg.Client({ connectionString: appUrl, application_name: "hawser check" });
  try {
    await app.connect();
  } catch {
    await app.end();
    return [];
  }
  try {
    const there = await app.query<{ there: boolean }>("select to_regclass('hawser.workspaces') is not null as there");
    return [
      ...(there.rows[0]?.there ? [await checkIsolation(app)] : []),
      await checkLatency(app),
      await checkNotices(app, listenUrl),
    ];
  } finally {
    await app.end();
  }
}

async function checkIsolation(app: pg.Client): Promise<Finding> {
  const seen = await app.query<{ rows: number }>("select count(*)::int as rows from hawser.workspaces");
  return seen.rows[0]?.rows === 0
    ? { check: "isolation", ok: true, found: "Without a workspace the application sees nothing." }
    : {
        check: "isolation",
        ok: false,
        found: "The application sees workspaces without naming one.",
        advice: "Look for policies on hawser.workspaces that Hawser did not make, and drop them.",
      };
}

async function checkLatency(app: pg.Client): Promise<Finding> {
  const times: number[] = [];
  for (let sample = 0; sample < latencySamples; sample++) {
    const begun = performance.now();
    await app.query("select 1");
    times.push(performance.now() - begun);
  }
  const median = times.toSorted((one, other) => one - other)[Math.floor(times.length / 2)] ?? 0;
  const ok = median <= slowMs;
  return {
    check: "latency",
    ok,
    found: `A query takes ${median.toFixed(1)} ms.`,
    ...(!ok && {
      advice: "The database is far away: every page and every file will be slow. Bring them closer together.",
    }),
  };
}

/** A pooler that works by transaction takes LISTEN without a word, and passes nothing on. */
async function checkNotices(app: pg.Client, listenUrl: string): Promise<Finding> {
  const listener = new pg.Client({ connectionString: listenUrl, application_name: "hawser check" });
  const channel = `hawser_check_${crypto.randomUUID()}`;
  const { promise: heard, resolve } = Promise.withResolvers<boolean>();
  listener.on("notification", () => resolve(true));
  const tooLong = setTimeout(() => resolve(false), noticeWithinMs);
  try {
    await listener.connect();
    await listener.query(`listen ${pg.escapeIdentifier(channel)}`);
    await app.query("select pg_notify($1, '')", [channel]);
    if (await heard) return { check: "notices", ok: true, found: "Notices get through." };
    return {
      check: "notices",
      ok: false,
      found:
        "Notices do not get through, as behind a pooler that works by transaction: pages follow some seconds late.",
      advice:
        "Give the address of hawser_app without a pooler, or with one that works by session, in HAWSER_LISTEN_DATABASE_URL.",
    };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return {
      check: "notices",
      ok: false,
      found: `Nobody can listen for notices: ${why}.`,
      advice: "Look at HAWSER_LISTEN_DATABASE_URL.",
    };
  } finally {
    clearTimeout(tooLong);
    await listener.end();
  }
}
