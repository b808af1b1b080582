import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { newId, type WorkspaceId } from "#core/ids.ts";
import { type TestDatabase, testDatabase } from "../../test/support/database.ts";
import { type Job, type JobHandler, type Jobs, type NewJob, openJobs } from "./queue.ts";

let test: TestDatabase;
let owner: pg.Client;
const open: Jobs[] = [];
const log = { warn() {}, error() {} };

beforeAll(async () => {
  test = await testDatabase();
  owner = new pg.Client({ connectionString: test.ownerUrl });
  await owner.connect();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((jobs) => jobs.stop({ withinMs: 1_000 })));
  await owner.query("delete from pgboss.job");
});
afterAll(async () => {
  await owner.end();
  await test.close();
});

async function aProcess(database = test.database): Promise<Jobs> {
  const jobs = await openJobs({ appUrl: test.appUrl, database, log });
  open.push(jobs);
  return jobs;
}

const aWorkspace = () => newId<WorkspaceId>();

const enqueue = (jobs: Jobs, workspace: WorkspaceId, job: Partial<NewJob> = {}) =>
  test.database.asWorkspace({ workspace }, (tx) => jobs.enqueue(tx, { name: "run-sync", data: {}, ...job }));

/** A handler whose jobs stay until the test lets them go, and who tells when the first n have begun. */
function holding() {
  const begun: Job[] = [];
  const waiting: { count: number; resolve(): void }[] = [];
  const { promise: letGo, resolve: release } = Promise.withResolvers<void>();
  const handler: JobHandler = async (job) => {
    begun.push(job);
    for (const { count, resolve } of waiting) if (begun.length >= count) resolve();
    await letGo;
  };
  const hasBegun = (count: number) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    waiting.push({ count, resolve });
    if (begun.length >= count) resolve();
    return promise;
  };
  return { handler, begun, hasBegun, release };
}

const aborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason));
  });

const rows = async (): Promise<{ name: string; state: string; retry_count: number; output: unknown }[]> =>
  (await owner.query("select name, state, retry_count, output from pgboss.job order by name, state")).rows;

describe("a job and the transaction that makes it necessary", () => {
  it("are kept together", async () => {
    const jobs = await aProcess();
    const { handler, begun, hasBegun } = holding();
    await jobs.work("run-sync", handler);
    const workspace = aWorkspace();
    const run = newId<string>();

    await enqueue(jobs, workspace, { data: { run, trigger: "manual" } });
    await hasBegun(1);

    expect(begun).toMatchObject([{ workspace, data: { run, trigger: "manual" } }]);
  });

  it("are given up together", async () => {
    const jobs = await aProcess();
    const givenUp = test.database.asWorkspace({ workspace: aWorkspace() }, async (tx) => {
      await jobs.enqueue(tx, { name: "run-sync", data: {} });
      throw new Error("something else failed");
    });

    await expect(givenUp).rejects.toThrow("something else failed");
    expect(await rows()).toEqual([]);
  });

  it("hold ids and words, nothing that people wrote", async () => {
    const jobs = await aProcess();

    await expect(enqueue(jobs, aWorkspace(), { data: { path: "/home/anna/Tax 2025" } })).rejects.toThrow("ids");
    await expect(enqueue(jobs, aWorkspace(), { key: "Tax 2025" })).rejects.toThrow("ids");
  });
});

describe("a key", () => {
  it("lets one job wait, and another one while that is running", async () => {
    const jobs = await aProcess();
    const workspace = aWorkspace();
    await enqueue(jobs, workspace, { key: "sync-1" });
    await enqueue(jobs, workspace, { key: "sync-1" });
    const { handler, hasBegun, release } = holding();
    await jobs.work("run-sync", handler, { atOnce: 1 });
    await hasBegun(1);
    expect((await rows()).map(({ state }) => state)).toEqual(["active"]);

    await enqueue(jobs, workspace, { key: "sync-1" });
    await enqueue(jobs, workspace, { key: "sync-1" });
    expect((await rows()).map(({ state }) => state)).toEqual(["created", "active"]);

    release();
    await hasBegun(2);
  });

  it("means nothing to another workspace", async () => {
    const jobs = await aProcess();
    await enqueue(jobs, aWorkspace(), { key: "sync-1" });
    await enqueue(jobs, aWorkspace(), { key: "sync-1" });

    expect(await rows()).toHaveLength(2);
  });

  it("keeps the waiting job from starting before what made it necessary again is committed", async () => {
    const jobs = await aProcess();
    const workspace = aWorkspace();
    await enqueue(jobs, workspace, { key: "sync-1" });
    const takeable = async () =>
      (await owner.query("select id from pgboss.job where state = 'created' for update skip locked")).rowCount;

    await test.database.asWorkspace({ workspace }, async (tx) => {
      await jobs.enqueue(tx, { name: "run-sync", data: {}, key: "sync-1" });
      expect(await takeable()).toBe(0);
    });

    expect(await takeable()).toBe(1);
  });
});

describe("with a thousand jobs of one workspace", () => {
  const fill = (jobs: Jobs, workspace: WorkspaceId) =>
    test.database.asWorkspace({ workspace }, async (tx) => {
      for (let index = 0; index < 1_000; index++) await jobs.enqueue(tx, { name: "run-sync", data: {} });
    });

  it("SR-70 it gets no more of them, and others are not concerned", async () => {
    const jobs = await aProcess();
    const busy = aWorkspace();
    await fill(jobs, busy);

    await expect(enqueue(jobs, busy)).rejects.toMatchObject({ code: "queue_full", retryAfterS: 30 });
    await enqueue(jobs, aWorkspace());
  });

  it("SR-71 the first job of another one starts while all that run of the thousand go on", async () => {
    const jobs = await aProcess();
    const busy = aWorkspace();
    const other = aWorkspace();
    await fill(jobs, busy);
    const { handler, begun, hasBegun } = holding();
    await jobs.work("run-sync", handler);
    await hasBegun(10);

    await enqueue(jobs, other);
    await hasBegun(11);

    expect(begun.map(({ workspace }) => workspace)).toEqual([...Array<WorkspaceId>(10).fill(busy), other]);
  });

  it("SR-71 a process with few places keeps half of them for others", async () => {
    const jobs = await aProcess();
    const busy = aWorkspace();
    const other = aWorkspace();
    await fill(jobs, busy);
    const { handler, begun, hasBegun } = holding();
    await jobs.work("run-sync", handler, { atOnce: 4 });
    await hasBegun(2);

    await enqueue(jobs, other);
    await enqueue(jobs, other);
    await hasBegun(3);

    expect(begun.map(({ workspace }) => workspace)).toEqual([busy, busy, other]);
  });
});

describe("work", () => {
  it("is done once by one of several processes", async () => {
    const processes = [await aProcess(), await aProcess(), await aProcess()];
    const workspaces = [aWorkspace(), aWorkspace(), aWorkspace()];
    const done: (string | undefined)[] = [];
    const { promise: all, resolve } = Promise.withResolvers<void>();
    for (const jobs of processes) {
      await jobs.work("run-sync", async ({ data }) => {
        if (done.push(data.number) >= 150) resolve();
      });
    }

    for (let number = 0; number < 150; number++) {
      await enqueue(processes[0] as Jobs, workspaces[number % 3] as WorkspaceId, { data: { number: `${number}` } });
    }
    await all;
    await Promise.all(open.splice(0).map((jobs) => jobs.stop()));

    expect(new Set(done).size).toBe(150);
    expect(done).toHaveLength(150);
    expect((await rows()).every(({ state }) => state === "completed")).toBe(true);
  });

  it("goes on where the connection swallows NOTIFY", async () => {
    const deaf = { ...test.database, listen: () => Promise.reject(new Error("LISTEN is not supported")) };
    const jobs = await aProcess(deaf);
    const { handler, hasBegun } = holding();
    await jobs.work("run-sync", handler);
    await enqueue(jobs, aWorkspace());

    await hasBegun(1);
  });

  it("that failed is tried again, and its message stays out of the shared table", async () => {
    const jobs = await aProcess();
    const { promise: second, resolve } = Promise.withResolvers<void>();
    const tried: string[] = [];
    await jobs.work("run-sync", async ({ id }) => {
      tried.push(id);
      if (tried.length === 2) return resolve();
      throw new TypeError("cannot read /home/anna/Tax 2025");
    });

    await enqueue(jobs, aWorkspace());
    await second;
    await jobs.stop();

    expect(tried[1]).toBe(tried[0]);
    expect(JSON.stringify((await owner.query("select * from pgboss.job")).rows)).not.toContain("anna");
  });

  it("that failed eleven times is put aside for an operator", async () => {
    const jobs = await aProcess();
    await enqueue(jobs, aWorkspace());
    await owner.query("update pgboss.job set retry_count = 9, started_on = now()");
    await jobs.work("run-sync", async () => {
      throw new Error("again");
    });

    await vi.waitFor(async () =>
      expect(await rows()).toMatchObject([
        { name: "dead", state: "created" },
        { name: "run-sync", state: "failed", retry_count: 10 },
      ]),
    );
  });

  it("starts at its time, not before", async () => {
    const jobs = await aProcess();
    const workspace = aWorkspace();
    await enqueue(jobs, workspace, { data: { when: "later" }, startAfter: new Date(Date.now() + 3_600_000) });
    const { handler, begun, hasBegun } = holding();
    await jobs.work("run-sync", handler);

    await enqueue(jobs, workspace, { data: { when: "now" } });
    await hasBegun(1);
    await owner.query("update pgboss.job set start_after = now() where state = 'created'");
    await hasBegun(2);

    expect(begun.map(({ data }) => data.when)).toEqual(["now", "later"]);
  });

  it("that another process has taken over is told so, and its result is dropped", async () => {
    const jobs = await aProcess();
    const { promise: told, resolve } = Promise.withResolvers<unknown>();
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    await jobs.work("run-sync", async ({ signal }) => {
      begin();
      await aborted(signal).catch(resolve);
    });
    await enqueue(jobs, aWorkspace());
    await begun;

    await owner.query("update pgboss.job set retry_count = retry_count + 1");

    expect(await told).toMatchObject({ message: expect.stringContaining("another process") });
    await jobs.stop();
    expect(await rows()).toMatchObject([{ state: "active", retry_count: 1 }]);
  });
});

describe("SR-97 at a stop", () => {
  it("what ends in time is done", async () => {
    const jobs = await aProcess();
    const { handler, hasBegun, release } = holding();
    await jobs.work("run-sync", handler);
    await enqueue(jobs, aWorkspace());
    await hasBegun(1);

    const stopped = jobs.stop();
    release();
    await stopped;

    expect(await rows()).toMatchObject([{ state: "completed" }]);
  });

  it("a job that gives up at its signal goes on in another process at once, and it was no failed try", async () => {
    const leaving = await aProcess();
    const staying = await aProcess();
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    await leaving.work("run-sync", async ({ signal }) => {
      begin();
      await aborted(signal);
    });
    await enqueue(leaving, aWorkspace());
    await begun;
    const { handler, hasBegun } = holding();
    await staying.work("run-sync", handler);

    // Longer than a test may last: only the signal can end it.
    await leaving.stop({ withinMs: 120_000 });
    await hasBegun(1);

    expect(await rows()).toMatchObject([{ state: "active", retry_count: 0, output: null }]);
  });

  it("a job that does not listen is handed back all the same, and its late result changes nothing", async () => {
    const leaving = await aProcess();
    const staying = await aProcess();
    const deaf = holding();
    await leaving.work("run-sync", deaf.handler);
    await enqueue(leaving, aWorkspace());
    await deaf.hasBegun(1);
    const { handler, begun, hasBegun } = holding();
    await staying.work("run-sync", handler);

    await leaving.stop({ withinMs: 1_200 });
    await hasBegun(1);
    deaf.release();

    expect(begun[0]?.id).toBe(deaf.begun[0]?.id);
    expect(await rows()).toMatchObject([{ state: "active", retry_count: 0 }]);
  });

  it("nothing new is taken", async () => {
    const jobs = await aProcess();
    const { handler, begun, hasBegun, release } = holding();
    await jobs.work("run-sync", handler);
    await enqueue(jobs, aWorkspace());
    await hasBegun(1);

    const stopped = jobs.stop();
    await enqueue(jobs, aWorkspace());
    release();
    await stopped;

    expect(begun).toHaveLength(1);
    // Untouched, or handed back because it was being fetched at that very moment.
    expect((await rows())[0]?.state).toMatch(/^(created|retry)$/);
  });
});
