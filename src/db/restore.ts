// Puts a backup in place and proves it: every file is checked while it is copied, and the database is started once.

import { chown, mkdir, readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import pg from "pg";
import { type BackupManifest, filesFolder, readManifest } from "./backup-manifest.ts";
import { copyFile, forEachOf } from "./copy-file.ts";
import { pgdataOf, placeCluster, removeCluster } from "./embedded/cluster.ts";
import { chooseUser, type RunAs } from "./embedded/run-as.ts";
import { startEmbedded } from "./embedded.ts";

export interface RestoreOptions {
  /** A folder that `backup` has made. */
  from: string;
  /** A folder that is empty or does not exist. */
  dataDir: string;
  /** Called after each file, with the number of files so far and the bytes of this one. */
  progress?: ((done: { files: number; bytes: number }) => void) | undefined;
  log?: ((line: string) => void) | undefined;
  binDir?: string | undefined;
}

/**
 * Makes a data folder from a backup. Afterwards the database is stopped, and `hawser start` runs on it.
 *
 * @throws Error when the folder is not empty, or the backup is damaged or does not start; then nothing is left behind
 */
export async function restore(options: RestoreOptions): Promise<BackupManifest> {
  const dataDir = resolve(options.dataDir);
  const log = options.log ?? (() => {});
  const there = await readdir(dataDir).catch(() => []);
  if (there.length > 0) throw new Error(`${dataDir} is not empty: a backup is restored into a folder of its own.`);
  const manifest = await readManifest(resolve(options.from));

  const runAs = chooseUser(pgdataOf(dataDir));
  await placeCluster(dataDir, runAs, log, (pgdata) => copyVerified(manifest, options, pgdata, runAs));
  try {
    await prove({ ...options, dataDir });
  } catch (error) {
    removeCluster(dataDir);
    throw new Error(`The backup was copied and its database does not start: ${messageOf(error)}`, { cause: error });
  }
  return manifest;
}

async function copyVerified(
  manifest: BackupManifest,
  { from, progress }: RestoreOptions,
  pgdata: string,
  runAs: RunAs,
): Promise<void> {
  const give = (path: string) => (runAs.dropped ? chown(path, runAs.uid, runAs.gid) : undefined);
  for (const folder of ["", ...manifest.folders]) {
    await mkdir(join(pgdata, folder), { mode: 0o700 });
    await give(join(pgdata, folder));
  }
  let files = 0;
  await forEachOf(manifest.files, async ({ path, bytes, sha256 }) => {
    const copied = await copyFile(join(filesFolder(resolve(from)), path), join(pgdata, path));
    if (copied.sha256 !== sha256) throw new Error(`The backup is damaged: postgres/${path} is not what was backed up.`);
    await give(join(pgdata, path));
    progress?.({ files: ++files, bytes });
  });
}

/** Starting it replays the log of the time of the backup. Reading every table checks the checksum of every page. */
async function prove({ dataDir, binDir, log }: RestoreOptions): Promise<void> {
  const database = await startEmbedded({ dataDir, binDir, log });
  const url = new URL(database.superuserUrl);
  url.pathname = new URL(database.ownerUrl).pathname;
  const client = new pg.Client({ connectionString: url.href });
  try {
    await client.connect();
    const tables = await client.query<{ name: string }>(
      "select oid::regclass::text as name from pg_class where relkind in ('r', 'm') order by oid",
    );
    for (const { name } of tables.rows) await client.query(`select count(*) from ${name}`);
  } finally {
    await client.end();
    await database.stop();
  }
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
