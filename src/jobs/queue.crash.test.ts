import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { newId, type WorkspaceId } from "#core/ids.ts";
import { type TestDatabase, testDatabase } from "../../test/support/database.ts";
import { openJobs } from "./queue.ts";

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
});
afterAll(() => test.close());

it("SR-92 the job of a process that got kill -9 goes on in another one", async () => {
  const log = { warn() {}, error() {} };
  const jobs = await openJobs({ appUrl: test.appUrl, database: test.database, log });
  const holder = spawn(process.execPath, [join(import.meta.dirname, "../../test/support/job-holder.ts"), test.appUrl], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await test.database.asWorkspace({ workspace: newId<WorkspaceId>() }, (tx) =>
    jobs.enqueue(tx, { name: "run-sync", data: {} }),
  );
  const [line] = await once(holder.stdout, "data");
  const held = String(line).trim();

  holder.kill("SIGKILL");
  const { promise: continued, resolve } = Promise.withResolvers<string>();
  await jobs.work("run-sync", async ({ id }) => resolve(id));

  expect(await continued).toBe(held);
  await jobs.stop();
});
