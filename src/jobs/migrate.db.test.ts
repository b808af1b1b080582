import pg from "pg";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { newId, type WorkspaceId } from "#core/ids.ts";
import { type TestDatabase, testDatabase } from "../../test/support/database.ts";
import { migrateJobs } from "./migrate.ts";
import { openJobs } from "./queue.ts";

let test: TestDatabase;
let owner: pg.Client;
beforeAll(async () => {
  test = await testDatabase();
  owner = await connect(test.ownerUrl);
});
afterAll(async () => {
  await owner.end();
  await test.close();
});

async function connect(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  return client;
}

it("SR-58 the application owns nothing of the job queue and cannot change how it is built", async () => {
  const owned = await owner.query(`
    select relname from pg_class where relnamespace = 'pgboss'::regnamespace and relowner <> 'hawser_owner'::regrole
    union all
    select proname from pg_proc where pronamespace = 'pgboss'::regnamespace and proowner <> 'hawser_owner'::regrole`);
  expect(owned.rows).toEqual([]);

  const application = await connect(test.appUrl);
  for (const statement of [
    "create table pgboss.mine ()",
    "select pgboss.create_queue('mine', '{}')",
    "select pgboss.delete_queue('run-sync')",
    "drop table pgboss.job",
    "truncate pgboss.job",
    "insert into pgboss.queue (name) values ('mine')",
    "insert into pgboss.schedule (name, cron) values ('mine', '* * * * *')",
  ]) {
    await expect(application.query(statement), statement).rejects.toMatchObject({ code: "42501" });
  }
  await application.end();
});

it("SR-58 sign-in sees no job", async () => {
  const signIn = await connect(test.authUrl);

  await expect(signIn.query("select from pgboss.job")).rejects.toMatchObject({ code: "42501" });
  await signIn.end();
});

it("SR-58 the application's rights are enough to look after the queue: lost jobs come back, old ones go", async () => {
  const errors: unknown[] = [];
  const log = { warn() {}, error: (fields: object) => errors.push(fields) };
  const jobs = await openJobs({ appUrl: test.appUrl, database: test.database, log });
  const states = async () =>
    (await owner.query("select data ->> 'is' as is, state from pgboss.job order by 1")).rows as unknown;
  await test.database.asWorkspace({ workspace: newId<WorkspaceId>() }, async (tx) => {
    for (const is of ["lost", "old"]) await jobs.enqueue(tx, { name: "run-sync", data: { is } });
  });
  await owner.query(`
    update pgboss.job set state = 'active', started_on = now(), heartbeat_on = now() - interval '1 minute'
     where data ->> 'is' = 'lost'`);
  await owner.query(`
    update pgboss.job set state = 'completed', completed_on = now() - interval '1 day' where data ->> 'is' = 'old'`);

  await vi.waitFor(async () => expect(await states()).toEqual([{ is: "lost", state: "retry" }]), {
    timeout: 15_000,
    interval: 200,
  });

  await jobs.stop();
  expect(errors).toEqual([]);
});

it("says what is missing when the queue has not been made", async () => {
  const empty = await testDatabase();
  const emptyOwner = await connect(empty.ownerUrl);
  await emptyOwner.query("drop schema pgboss cascade");
  const log = { warn() {}, error() {} };

  await expect(openJobs({ appUrl: empty.appUrl, database: empty.database, log })).rejects.toThrow("pg-boss");

  await emptyOwner.end();
  await empty.close();
});

it("several processes that start on an empty database make the queue once, and the jobs in it stay", async () => {
  const empty = await testDatabase();
  const emptyOwner = await connect(empty.ownerUrl);
  await emptyOwner.query("drop schema pgboss cascade");
  const log = { warn() {}, error() {} };

  await Promise.all([migrateJobs(empty.ownerUrl), migrateJobs(empty.ownerUrl), migrateJobs(empty.ownerUrl)]);
  const jobs = await openJobs({ appUrl: empty.appUrl, database: empty.database, log });
  await empty.database.asWorkspace({ workspace: newId<WorkspaceId>() }, (tx) =>
    jobs.enqueue(tx, { name: "run-sync", data: {} }),
  );
  await migrateJobs(empty.ownerUrl);

  expect((await emptyOwner.query("select from pgboss.job")).rowCount).toBe(1);
  await jobs.stop();
  await emptyOwner.end();
  await empty.close();
});
