// pg-boss's own tables: made, brought up to date and handed to the application by the owner, who alone may (SR-58).
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { PgBoss } from "pg-boss";
import { deadQueue, jobNames } from "./names.ts";

const hour = 60 * 60;
const day = 24 * hour;

const queueOptions = {
  // A process that was killed is noticed after this; pg-boss takes no less.
  heartbeatSeconds: 10,
  retryLimit: 10,
  retryDelay: 1,
  retryBackoff: true,
  retryDelayMax: 300,
  // The longest that one claim may last, and the longest that a job may wait: pg-boss's own upper bounds.
  expireInSeconds: 24 * hour,
  retentionSeconds: 365 * day,
  // What was done is known from the rows of the domain; finished jobs only make the table larger.
  deleteAfterSeconds: hour,
};

/**
 * Makes or upgrades the schema `pgboss` and the queues, and grants the application what it needs to work on them and
 * nothing else. Any number of processes may call it at once, at every start. Comes after `migrateUp`.
 *
 * @param ownerUrl the owner's address; the application's own role could not do any of this
 */
export async function migrateJobs(ownerUrl: string): Promise<void> {
  const owner = new pg.Client({ connectionString: ownerUrl, application_name: "hawser migrate" });
  await owner.connect();
  try {
    await owner.query("begin");
    // Held while pg-boss works on connections of its own: two of them making a schema at once get in each other's way.
    await owner.query("select pg_advisory_xact_lock(hashtextextended('hawser jobs', 0))");
    await upgrade(ownerUrl);
    await owner.query(forTheApplication);
    await owner.query("commit");
  } finally {
    await owner.end();
  }
}

async function upgrade(ownerUrl: string): Promise<void> {
  const boss = new PgBoss({ connectionString: ownerUrl, max: 2, supervise: false, schedule: false });
  let failure: Error | undefined;
  boss.on("error", (error) => {
    failure = error;
  });
  await boss.start();
  try {
    await ensureQueue(boss, deadQueue, { ...queueOptions, retentionSeconds: 30 * day });
    for (const name of jobNames) {
      await ensureQueue(boss, name, { ...queueOptions, deadLetter: deadQueue }, { policy: "short", partition: true });
    }
    // An upgrade leaves its large indexes to the background, and only a process of the owner may build them.
    while ((await boss.getBamStatus()).some(({ status }) => status === "pending" || status === "in_progress")) {
      if (failure) throw failure;
      await pause(200);
    }
  } finally {
    await boss.stop({ graceful: false });
  }
}

async function ensureQueue(
  boss: PgBoss,
  name: string,
  options: typeof queueOptions & { deadLetter?: string },
  fixed: { policy?: "short"; partition?: boolean } = {},
): Promise<void> {
  // Making one that exists changes nothing, so what may change is set again.
  await boss.createQueue(name, { ...options, ...fixed });
  await boss.updateQueue(name, options);
}

// `waiting_jobs` answers how many jobs of a workspace wait (SR-70) and spreads to every queue's own table.
const forTheApplication = `
  create index if not exists waiting_jobs on pgboss.job (group_id) where state < 'active';
  revoke all on schema pgboss from public;
  revoke all on all functions in schema pgboss from public;
  revoke all on all tables in schema pgboss from hawser_app;
  grant usage on schema pgboss to hawser_app;
  grant execute on function pgboss.job_now() to hawser_app;
  grant select, update on pgboss.version, pgboss.queue to hawser_app;
  grant select, update, delete on pgboss.job_dependency to hawser_app;
  grant select, insert, update, delete on pgboss.job to hawser_app;
  do $$
  declare
    part regclass;
  begin
    for part in select inhrelid::regclass from pg_inherits where inhparent = 'pgboss.job'::regclass loop
      execute format('grant select, insert, update, delete on %s to hawser_app', part);
    end loop;
  end $$;
`;
