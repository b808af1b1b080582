// Takes the jobs of one queue and runs them. pg-boss's own workers take one job a poll, or wait for the slowest of a
// batch, and a job they give up at a stop costs it a try; so the loop is ours, on pg-boss's fetch, touch and complete.
import type { PgBoss } from "pg-boss";
import type { WorkspaceId } from "#core/ids.ts";
import { type Limits, mostForOne, nextShare } from "./fair-share.ts";
import type { Log } from "./log.ts";
import type { JobName } from "./names.ts";

export interface Job {
  id: string;
  workspace: WorkspaceId;
  data: Readonly<Record<string, string>>;
  /**
   * Aborts when the process stops or the job has been given to another one. Then throw: at a stop the job goes back to
   * the queue at once and it costs no try.
   */
  signal: AbortSignal;
}

/** Returning means done; throwing, that it has to be tried again. May run twice for one job. */
export type JobHandler = (job: Job) => Promise<void>;

export interface Worker {
  /** There may be something to do. */
  wake(): void;
  /** Takes nothing more, waits for what is running until the deadline (`performance.now()`), hands back the rest. */
  stop(deadline: number): Promise<void>;
}

/** Also what a connection pooler costs at most, that swallows NOTIFY: jobs then start this much later. */
const pollEveryMs = 500;
const beatEveryMs = 3_000;
/** As the queues have it: after this without a sign of life pg-boss gives a job to somebody else. */
const heartbeatMs = 10_000;

interface Running {
  id: string;
  retryCount: number;
  workspace: WorkspaceId;
  abort: AbortController;
  /** When we last know to have told that we are alive. */
  aliveAt: number;
  /** Its result is being written, is no longer wanted, or it has been handed back. */
  state: "ours" | "settling" | "gone";
  ended: Promise<void>;
}

export function startWorker(options: {
  boss: PgBoss;
  name: JobName;
  handler: JobHandler;
  limits: Limits;
  log: Log;
}): Worker {
  const { boss, name, handler, limits, log } = options;
  const running = new Map<string, Running>();
  let filling: Promise<void> | undefined;
  let fillAgain = false;
  let stopping = false;
  let failing = false;
  let beating = false;

  const polls = setInterval(wake, pollEveryMs);
  const beats = setInterval(() => void beat(), beatEveryMs);
  wake();

  function wake(): void {
    if (stopping) return;
    if (filling) {
      fillAgain = true;
      return;
    }
    fillAgain = false;
    filling = fill().finally(() => {
      filling = undefined;
      if (fillAgain) wake();
    });
  }

  /** Fetches until there is no place left or nothing that may be taken: short jobs do not wait for the next poll. */
  async function fill(): Promise<void> {
    try {
      while (!stopping) {
        const share = nextShare(limits, countByWorkspace());
        if (share.batchSize === 0) return;
        const aliveAt = performance.now();
        const jobs = await boss.fetch<Record<string, string>>(name, { ...share, groupConcurrency: mostForOne(limits) });
        failing = false;
        if (jobs.length === 0) return;
        const claimed = jobs.map(({ id, retryCount, groupId, data }) => {
          const abort = new AbortController();
          const workspace = groupId as WorkspaceId;
          return { id, retryCount, workspace, abort, aliveAt, state: "ours" as const, data };
        });
        if (stopping) return await handBack(claimed);
        for (const job of claimed) begin(job, job.data);
      }
    } catch (error) {
      // The database is away: the next poll asks again. Said once, not twice a second.
      if (!failing) log.error({ queue: name, error }, "jobs cannot be fetched");
      failing = true;
    }
  }

  function countByWorkspace(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { workspace } of running.values()) counts.set(workspace, (counts.get(workspace) ?? 0) + 1);
    return counts;
  }

  function begin(claimed: Omit<Running, "ended">, data: Record<string, string>): void {
    const job: Running = { ...claimed, ended: Promise.resolve() };
    running.set(job.id, job);
    job.ended = work(job, data)
      .catch((error: unknown) => {
        // Whether it was done is known, but could not be written down: it is given out again when its heartbeat ends.
        log.error({ queue: name, job: job.id, error }, "the result of a job could not be recorded");
      })
      .finally(() => {
        running.delete(job.id);
        wake();
      });
  }

  async function work(job: Running, data: Record<string, string>): Promise<void> {
    const { id, workspace, abort } = job;
    let failure: { error: unknown } | undefined;
    try {
      await handler({ id, workspace, data, signal: abort.signal });
    } catch (error) {
      failure = { error };
    }
    if (job.state === "gone") {
      log.warn({ queue: name, job: id, workspace }, "the late result of a job that was given up is dropped");
      return;
    }
    job.state = "settling";
    if (!failure) {
      await boss.complete(name, job);
    } else if (stopping) {
      await handBack([job]);
    } else {
      log.warn({ queue: name, job: id, workspace, tries: job.retryCount + 1, error: failure.error }, "a job failed");
      // The name only: what went wrong belongs into the domain's rows and the log, jobs hold ids and nothing else.
      await boss.fail(name, job, { error: failure.error instanceof Error ? failure.error.name : "unknown" });
    }
  }

  /** Tells that we are alive, and finds out which jobs are no longer ours. */
  async function beat(): Promise<void> {
    const held = [...running.values()].filter(({ state }) => state === "ours");
    // Before others may have it: the next look would come too late.
    for (const job of held) if (performance.now() - job.aliveAt > heartbeatMs - beatEveryMs) lose(job);
    if (held.length === 0 || beating) return;
    beating = true;
    const askedAt = performance.now();
    try {
      const kept = settledIds(await boss.touch(name, held));
      for (const job of held) {
        if (kept.has(job.id)) job.aliveAt = askedAt;
        else if (job.state === "ours") lose(job);
      }
    } catch (error) {
      log.warn({ queue: name, error }, "the heartbeat of running jobs did not get through");
    } finally {
      beating = false;
    }
  }

  function lose(job: Running): void {
    job.state = "gone";
    job.abort.abort(new Error("this job has been given to another process"));
  }

  /** Back to the queue as if never taken, and others are told. */
  async function handBack(jobs: readonly Pick<Running, "id" | "retryCount">[]): Promise<void> {
    await boss.getDb().executeSql(
      `with back as (
         update pgboss.job set state = 'retry', started_on = null, heartbeat_on = null
          where name = $1 and state = 'active'
            and (id, retry_count) in (select * from unnest($2::uuid[], $3::integer[]))
         returning id)
       select pg_notify('${wakeChannel}', $1) from back limit 1`,
      [name, jobs.map(({ id }) => id), jobs.map(({ retryCount }) => retryCount)],
    );
  }

  return {
    wake,
    async stop(deadline) {
      stopping = true;
      clearInterval(polls);
      for (const { abort } of running.values()) abort.abort(new Error("the process is stopping"));
      await filling;
      await until(deadline, Promise.all([...running.values()].map(({ ended }) => ended)));
      clearInterval(beats);
      const left = [...running.values()].filter(({ state }) => state === "ours");
      for (const job of left) job.state = "gone";
      if (left.length > 0) await handBack(left);
    },
  };
}

/** NOTIFY with a queue's name: something was put into it. */
export const wakeChannel = "hawser_jobs";

/** pg-boss answers with the ids that were still ours; its types do not say so. */
function settledIds(response: object): Set<unknown> {
  return new Set("settled" in response && Array.isArray(response.settled) ? response.settled : []);
}

async function until(deadline: number, work: Promise<unknown>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, Math.max(0, deadline - performance.now()));
  await Promise.race([work, promise]);
  clearTimeout(timer);
}
