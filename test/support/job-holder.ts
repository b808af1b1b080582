// A process that takes a job and never ends it, for tests that kill it. Says the id of the job it has.
import { openDatabase } from "#db/database.ts";
import { openJobs } from "#jobs/queue.ts";

const [appUrl] = process.argv.slice(2);
if (!appUrl) throw new Error("say which database");
const jobs = await openJobs({ appUrl, database: openDatabase({ appUrl }), log: console });
await jobs.work("run-sync", async ({ id }) => {
  console.log(id);
  await new Promise(() => {});
});
