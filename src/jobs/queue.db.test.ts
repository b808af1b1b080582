import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import type { WorkspaceId } from "#core/ids.ts";
import { newId } from "#core/ids.ts";
import { type TestDatabase, testDatabase } from "../../test/support/database.ts";
import { type Jobs, openJobs } from "./queue.ts";

let db: TestDatabase;
const open: Jobs[] = [];
const silent = { warn() {}, error() {} };

beforeAll(async () => {
  db = await testDatabase();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((jobs) => jobs.stop({ withinMs: 2_000 })));
});
afterAll(() => db.close());

async function aProcess(): Promise<Jobs> {
  const jobs = await openJobs({ appUrl: db.appUrl, database: db.database, log: silent });
  open.push(jobs);
  return jobs;
}

it("one job runs", async () => {
  const jobs = await aProcess();
  const workspace = newId<WorkspaceId>();
  const { promise, resolve } = Promise.withResolvers<unknown>();
  await jobs.work("run-sync", async (job) => resolve(job.data));
  await db.database.asWorkspace({ workspace }, (tx) =>
    jobs.enqueue(tx, { name: "run-sync", data: { run: workspace } }),
  );
  expect(await promise).toEqual({ run: workspace });
});
