// The queue: jobs enter it in the transaction that makes them necessary, and any process may work on them.
import { PgBoss } from "pg-boss";
import { AppError } from "#core/errors.ts";
import type { Database, WorkspaceTx } from "#db/database.ts";
import type { Limits } from "./fair-share.ts";
import type { Log } from "./log.ts";
import { deadQueue, type JobName } from "./names.ts";
import { type JobHandler, startWorker, type Worker, wakeChannel } from "./worker.ts";

export type { Job, JobHandler } from "./worker.ts";

export interface NewJob {
  name: JobName;
  /** Ids and short words only: jobs are global rows without row security (docs/decisions/0002). */
  data: Readonly<Record<string, string>>;
  /**
   * At most one job with this key waits in the workspace's queue; another one is not added. One that is running, or
   * waits for its next try, does not count.
   */
  key?: string;
  startAfter?: Date;
}

export interface Queue {
  /**
   * Queued in the transaction that makes it necessary: neither can be lost without the other.
   *
   * @throws AppError `queue_full` when 1,000 jobs of the workspace are waiting; the transaction is to be given up then
   */
  enqueue(tx: WorkspaceTx, job: NewJob): Promise<void>;
}

export interface Jobs extends Queue {
  /** Begins to work on a queue: 20 jobs at once, 10 of one workspace, unless told. Once for each name. */
  work(name: JobName, handler: JobHandler, limits?: Partial<Limits>): Promise<void>;
  /** No new work; what is running may end, the rest goes back to the queue at once. 10 s in all unless told (SR-97). */
  stop(options?: { withinMs?: number }): Promise<void>;
}

/** Waiting jobs that a workspace may have (SR-70). */
const mostWaiting = 1_000;
/** Of the time for a stop, what is kept for handing back and closing. */
const stopReserveMs = 1_000;
const idsAndWords = /^[\w.:-]{1,100}$/;

/**
 * Opens the queue with the application's rights. Runs no DDL: `migrateJobs` has been here before.
 *
 * @throws Error when pg-boss's schema is missing or of another version
 */
export async function openJobs(options: { appUrl: string; database: Database; log: Log }): Promise<Jobs> {
  const { appUrl, database, log } = options;
  const boss = new PgBoss({
    connectionString: appUrl,
    application_name: "hawser jobs",
    max: 4,
    migrate: false,
    createSchema: false,
    schedule: false,
    // Together with the heartbeat: jobs of a killed process start again within some 20 s.
    superviseIntervalSeconds: 5,
    monitorIntervalSeconds: 5,
    maintenanceIntervalSeconds: 300,
    // Both need an owner.
    reindex: false,
    monitorVacuum: false,
  });
  boss.on("error", (error) => log.error({ error }, "the job queue reports an error"));
  boss.on("warning", ({ message, data }) => log.warn({ data }, message));
  try {
    await boss.start();
  } catch (error) {
    await boss.stop({ graceful: false });
    throw error;
  }

  const workers = new Map<string, Worker>();
  let unlisten: Promise<() => Promise<void>> | undefined;

  /** Without it jobs only start later: workers poll as well. */
  async function listen(): Promise<() => Promise<void>> {
    try {
      return await database.listen(wakeChannel, (name) => {
        // Nothing is said about which queue after a lost connection.
        for (const [queue, worker] of workers) if (name === queue || name === "") worker.wake();
      });
    } catch (error) {
      log.warn({ error }, "the database connection does not LISTEN; jobs are found by polling");
      return async () => {};
    }
  }

  async function shutDown(deadline: number): Promise<void> {
    const ended = await Promise.allSettled([...workers.values()].map((worker) => worker.stop(deadline)));
    for (const result of ended) {
      if (result.status === "rejected") log.error({ error: result.reason }, "jobs could not be handed back");
    }
    await (await unlisten)?.();
    await boss.stop({ graceful: false });
  }

  return {
    enqueue: (tx, job) => enqueue(boss, tx, job),
    async work(name, handler, { atOnce = 20, atOncePerWorkspace = 10 } = {}) {
      if (workers.has(name)) throw new Error(`somebody already works on ${name}`);
      workers.set(name, startWorker({ boss, name, handler, limits: { atOnce, atOncePerWorkspace }, log }));
      unlisten ??= listen();
      await unlisten;
    },
    async stop({ withinMs = 10_000 } = {}) {
      // A database that no longer answers must not keep the process: its jobs come back by their heartbeat.
      const { promise: tooLong, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, withinMs);
      const down = shutDown(performance.now() + Math.max(0, withinMs - stopReserveMs)).catch((error: unknown) => {
        log.error({ error }, "the job queue did not close cleanly");
      });
      await Promise.race([down, tooLong]);
      clearTimeout(timer);
    },
  };
}

async function enqueue(boss: PgBoss, tx: WorkspaceTx, job: NewJob): Promise<void> {
  for (const [field, value] of Object.entries({ ...job.data, key: job.key ?? "none" })) {
    if (!idsAndWords.test(value)) throw new Error(`a job carries ids and short words only, which ${field} is not`);
  }
  await refuseWhenFull(tx);

  const db = {
    executeSql: async (text: string, values: unknown[] = []) => ({ rows: await tx.run<object>({ text, values }) }),
  };
  const group = { id: tx.workspace };
  // The queues hold one waiting job for each key, so one without a key gets a key that nobody else has.
  const singletonKey = job.key === undefined ? crypto.randomUUID() : `${tx.workspace}/${job.key}`;
  const startAfter = job.startAfter && { startAfter: job.startAfter };
  while ((await boss.send(job.name, job.data, { db, group, singletonKey, ...startAfter })) === null) {
    // One waits already. Holding its row keeps it from being taken before what made it necessary again is committed;
    // when it has been taken in this very moment, ours is needed after all.
    const waiting = await tx.sql`
      select id from pgboss.job
       where name = ${job.name} and singleton_key = ${singletonKey} and state = 'created' for update`;
    if (waiting.length > 0) break;
  }
  await tx.sql`select pg_notify(${wakeChannel}, ${job.name})`;
}

async function refuseWhenFull(tx: WorkspaceTx): Promise<void> {
  const rows = await tx.sql<{ waiting: number }>`
    select count(*)::integer as waiting from (
      select from pgboss.job
       where group_id = ${tx.workspace} and state < 'active' and name <> ${deadQueue} limit ${mostWaiting}) as found`;
  if ((rows[0]?.waiting ?? 0) < mostWaiting) return;
  throw new AppError(
    "queue_full",
    `${mostWaiting} jobs of this workspace are waiting. Let some of them finish first.`,
    {
      retryAfterS: 30,
    },
  );
}
