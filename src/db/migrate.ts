// The history of the schema: plain SQL, each step in one transaction together with the record that it was done.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";

export interface Migration {
  /** Number and words, `0001_workspaces` for instance. They are applied in the order of their names. */
  name: string;
  up: string;
  down: string;
  /** SHA-256 of `up`, in hexadecimal. */
  checksum: string;
}

export interface MigrationStatus {
  name: string;
  /** Absent when it has not been applied. */
  appliedAt?: Date;
  /** What is wrong with it: its file has changed, or is missing, since it was applied. */
  problem?: "changed" | "missing";
}

const shippedFolder = join(import.meta.dirname, "migrations");

/**
 * Applies what has not been applied yet. Any number of processes may do it at once: each step is done by one of them.
 *
 * @param options.to the name of the last one to apply
 * @returns the names of those that this call has applied
 * @throws Error when a migration that was applied has been changed or is missing; then nothing is done
 */
export async function migrateUp(ownerUrl: string, options: { to?: string; folder?: string } = {}): Promise<string[]> {
  const all = await readMigrations(options.folder);
  const wanted = options.to === undefined ? all : all.slice(0, indexOf(all, options.to) + 1);
  return withClient(ownerUrl, async (client) => {
    const applied: string[] = [];
    for (;;) {
      const name = await inTransaction(client, async () => {
        await prepare(client);
        const records = await readRecords(client);
        refuseChanged(all, records);
        const next = wanted.find((migration) => !records.has(migration.name));
        if (!next) return undefined;
        await runFile(client, next.name, next.up);
        await client.query("insert into hawser.migrations (name, checksum) values ($1, $2)", [
          next.name,
          next.checksum,
        ]);
        return next.name;
      });
      if (name === undefined) return applied;
      applied.push(name);
    }
  });
}

/**
 * Takes back the latest migrations.
 *
 * @param options.steps how many, 1 unless told
 * @returns the names of those taken back, latest first
 */
export async function migrateDown(
  ownerUrl: string,
  options: { steps?: number; folder?: string } = {},
): Promise<string[]> {
  const all = await readMigrations(options.folder);
  return withClient(ownerUrl, async (client) => {
    const undone: string[] = [];
    while (undone.length < (options.steps ?? 1)) {
      const name = await inTransaction(client, async () => {
        await prepare(client);
        const records = await readRecords(client);
        refuseChanged(all, records);
        const last = all.findLast((migration) => records.has(migration.name));
        if (!last) return undefined;
        await runFile(client, last.name, last.down);
        await client.query("delete from hawser.migrations where name = $1", [last.name]);
        return last.name;
      });
      if (name === undefined) break;
      undone.push(name);
    }
    return undone;
  });
}

/** Every migration that is known here or recorded there, in order. Changes nothing. */
export async function migrationStatus(ownerUrl: string, options: { folder?: string } = {}): Promise<MigrationStatus[]> {
  const all = await readMigrations(options.folder);
  return withClient(ownerUrl, async (client) => {
    const known = await client.query("select to_regclass('hawser.migrations') is not null as known");
    const records = known.rows[0]?.known ? await readRecords(client) : new Map<string, Record>();
    const names = new Set([...all.map(({ name }) => name), ...records.keys()]);
    return [...names].sort().map((name) => {
      const record = records.get(name);
      const problem = record && problemWith(all, record);
      return { name, ...(record && { appliedAt: record.appliedAt }), ...(problem && { problem }) };
    });
  });
}

async function readMigrations(folder = shippedFolder): Promise<Migration[]> {
  const files = new Set(readdirSync(folder).filter((file) => file.endsWith(".sql")));
  const names = [...files].filter((file) => file.endsWith(".up.sql")).map((file) => file.slice(0, -".up.sql".length));
  for (const file of files) {
    const name = file.replace(/\.(up|down)\.sql$/, "");
    if (!/^\d{4}_[a-z0-9_]+$/.test(name)) throw new Error(`${file} is not named like 0001_words.up.sql`);
    if (!files.has(`${name}.up.sql`) || !files.has(`${name}.down.sql`)) {
      throw new Error(`The migration ${name} needs both ${name}.up.sql and ${name}.down.sql`);
    }
  }
  return Promise.all(
    names.sort().map(async (name) => {
      const up = readFileSync(join(folder, `${name}.up.sql`), "utf8");
      const down = readFileSync(join(folder, `${name}.down.sql`), "utf8");
      return { name, up, down, checksum: await sha256(up) };
    }),
  );
}

async function sha256(text: string): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))).toHex();
}

function indexOf(all: Migration[], name: string): number {
  const index = all.findIndex((migration) => migration.name === name);
  if (index < 0) throw new Error(`There is no migration ${name}`);
  return index;
}

async function withClient<T>(ownerUrl: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: ownerUrl, application_name: "hawser migrate" });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Holds the lock for the length of one transaction, so that it also works behind a pooler of transactions. */
async function inTransaction<T>(client: pg.Client, work: () => Promise<T>): Promise<T> {
  await client.query("begin");
  try {
    await client.query("select pg_advisory_xact_lock(hashtextextended('hawser migrations', 0))");
    const result = await work();
    await client.query("commit");
    return result;
  } catch (error) {
    await client.query("rollback");
    throw error;
  }
}

async function prepare(client: pg.Client): Promise<void> {
  const known = await client.query("select to_regclass('hawser.migrations') is not null as known");
  if (known.rows[0]?.known) return;
  await client.query(`
    create schema if not exists hawser;
    create table hawser.migrations (
      name       text primary key,
      checksum   text not null,
      applied_at timestamptz not null default now()
    )`);
}

interface Record {
  name: string;
  checksum: string;
  appliedAt: Date;
}

async function readRecords(client: pg.Client): Promise<Map<string, Record>> {
  const found = await client.query<Record>(`select name, checksum, applied_at as "appliedAt" from hawser.migrations`);
  return new Map(found.rows.map((record) => [record.name, record]));
}

function problemWith(all: Migration[], record: Record): "changed" | "missing" | undefined {
  const migration = all.find(({ name }) => name === record.name);
  if (!migration) return "missing";
  return migration.checksum === record.checksum ? undefined : "changed";
}

function refuseChanged(all: Migration[], records: Map<string, Record>): void {
  for (const record of records.values()) {
    switch (problemWith(all, record)) {
      case "changed":
        throw new Error(
          `The migration ${record.name} was applied on ${record.appliedAt.toISOString()} and its file has changed since. ` +
            "Put the file back as it was, and make the change in a new migration.",
        );
      case "missing":
        throw new Error(
          `The database has the migration ${record.name}, which this version of Hawser does not know. ` +
            "It was made by a newer version: use that one, or take the migration back with it.",
        );
    }
  }
}

async function runFile(client: pg.Client, name: string, sql: string): Promise<void> {
  try {
    await client.query(sql);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`The migration ${name} failed, and nothing of it was kept: ${message}${place(error, sql)}`, {
      cause: error,
    });
  }
}

function place(error: unknown, sql: string): string {
  if (!(error instanceof pg.DatabaseError) || !error.position) return "";
  return ` (line ${sql.slice(0, Number(error.position)).split("\n").length})`;
}
