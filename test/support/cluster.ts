import pg from "pg";
import type { TestProject } from "vitest/node";
import { startEmbedded } from "#db/embedded.ts";
import { migrateUp } from "#db/migrate.ts";
import { ensureRoles, roleUrls } from "#db/roles.ts";
import { migrateJobs } from "#jobs/migrate.ts";
import { removeFolder, sweepTemporaryFolders, temporaryFolder } from "./temporary-folder.ts";

/** What a test is told about the cluster of its project. */
export interface Cluster {
  /** The owner, in a migrated database that each test file copies and nobody uses. */
  templateUrl: string;
  superuserUrl: string;
  /** Major version of the server, 15 or 18. */
  major: number;
}

declare module "vitest" {
  interface ProvidedContext {
    cluster: Cluster;
  }
}

/** One cluster for all tests of a project; it ends with the test run, however that ends. */
export async function provideCluster(
  project: TestProject,
  major: number,
  binDir?: string,
): Promise<() => Promise<void>> {
  sweepTemporaryFolders();
  const dataDir = temporaryFolder();
  const said: string[] = [];
  const database = await startEmbedded({ dataDir, binDir, log: (line) => said.push(line) }).catch((error: unknown) => {
    removeFolder(dataDir);
    throw error;
  });
  try {
    await commitWithoutWaiting(database.superuserUrl);
    await ensureRoles(database.ownerUrl, await roleUrls(database.ownerUrl));
    await migrateUp(database.ownerUrl);
    await migrateJobs(database.ownerUrl);
  } catch (error) {
    await database.stop();
    removeFolder(dataDir);
    throw new Error(`The tests' database could not be made. It says:\n${said.slice(-20).join("\n")}`, { cause: error });
  }
  project.provide("cluster", { templateUrl: database.ownerUrl, superuserUrl: database.superuserUrl, major });
  return async () => {
    await database.stop();
    removeFolder(dataDir);
  };
}

// It ends with the test run: what it would keep over a loss of power is of no use, and costs a wait for the disk at every
// commit. Nothing else is different; tests that kill a server have one of their own.
async function commitWithoutWaiting(superuserUrl: string): Promise<void> {
  const superuser = new pg.Client({ connectionString: superuserUrl });
  await superuser.connect();
  try {
    await superuser.query("alter system set synchronous_commit = off");
    await superuser.query("select pg_reload_conf()");
  } finally {
    await superuser.end();
  }
}
