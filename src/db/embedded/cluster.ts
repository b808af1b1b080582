// A data folder for PostgreSQL, made in one step: it is there whole, with its password, or not at all.
import { execFile } from "node:child_process";
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { Binaries } from "./binaries.ts";
import { CannotStartDatabase } from "./cannot-start.ts";
import { isAlive } from "./holder.ts";
import { canEnter, type RunAs, sharedFolder } from "./run-as.ts";

const run = promisify(execFile);
const passwordFile = "hawser.password";
const superuser = "postgres";
const unfinished = ".unfinished-";

/** Folders in which this process is at work, told apart from those of a dead process that had the same pid. */
const ours = new Set<string>();

/** Where PostgreSQL's files of a data folder are, or will be. */
export const pgdataOf = (dataDir: string) => join(dataDir, "postgres");

/**
 * Makes sure that the data folder holds a cluster.
 *
 * @returns its real path, and the password of its superuser
 * @throws CannotStartDatabase when it cannot be reached by the user that has to, or is of another version
 */
export async function ensureCluster(
  dataDir: string,
  runAs: RunAs,
  binaries: Binaries,
  log: (line: string) => void,
): Promise<{ pgdata: string; password: string }> {
  if (!existsSync(pgdataOf(dataDir))) await createCluster(dataDir, runAs, binaries, log);
  const pgdata = realpathSync(pgdataOf(dataDir));
  sweepUnfinished(dirname(pgdata));
  refuseUnusable(pgdata, runAs, binaries);
  return { pgdata, password: readPassword(pgdata) };
}

/** Of the superuser, and what the owner's is derived from. */
export const readPassword = (pgdata: string) => readFileSync(join(pgdata, passwordFile), "utf8").trim();

async function createCluster(
  dataDir: string,
  runAs: RunAs,
  binaries: Binaries,
  log: (line: string) => void,
): Promise<void> {
  await placeCluster(dataDir, runAs, log, async (pgdata) => {
    const password = crypto.getRandomValues(new Uint8Array(32)).toBase64({ alphabet: "base64url", omitPadding: true });
    const secret = join(dirname(pgdata), "password");
    writeDurably(secret, password, runAs);
    await run(
      join(binaries.folder, "initdb"),
      [
        ...["-D", pgdata, "--username", superuser, "--pwfile", secret, "--auth", "scram-sha-256"],
        ...["--encoding", "UTF8", "--data-checksums", "--no-instructions", ...localeFor(binaries.major)],
      ],
      { ...runAs.spawn, cwd: "/", env: postgresEnvironment },
    );
    renameSync(secret, join(pgdata, passwordFile));
    syncFolder(pgdata);
  });
}

/**
 * Puts a whole cluster in place by a rename, so that nobody ever sees half of one.
 *
 * @param fill makes the cluster at the path it is given
 */
export async function placeCluster(
  dataDir: string,
  runAs: RunAs,
  log: (line: string) => void,
  fill: (pgdata: string) => Promise<void>,
): Promise<void> {
  const created = mkdirSync(dataDir, { recursive: true });
  // Ours to open for the user that PostgreSQL runs as: passing through, not looking around.
  if (created && runAs.dropped) chmodSync(dataDir, 0o711);
  const home = homeFor(dataDir, runAs, log);
  const work = mkdtempSync(join(home, `${unfinished}${process.pid}-`));
  ours.add(work);
  try {
    chownSync(work, runAs.uid, runAs.gid);
    const pgdata = join(work, "postgres");
    await fill(pgdata);
    renameSync(pgdata, join(home, "postgres"));
    syncFolder(home);
    if (home !== dataDir) symlinkSync(join(home, "postgres"), pgdataOf(dataDir));
  } catch (error) {
    if (home !== dataDir) rmSync(home, { recursive: true, force: true });
    // Another process may have been quicker, and then its cluster is the one.
    if (!existsSync(pgdataOf(dataDir))) throw error;
  } finally {
    ours.delete(work);
    rmSync(work, { recursive: true, force: true });
  }
}

/** Undoes `placeCluster`. */
export function removeCluster(dataDir: string): void {
  const pgdata = realpathSync(pgdataOf(dataDir));
  const elsewhere = dirname(pgdata) !== realpathSync(dataDir);
  rmSync(elsewhere ? dirname(pgdata) : pgdata, { recursive: true, force: true });
  rmSync(pgdataOf(dataDir), { force: true });
}

/** Everything else in the environment (PGPORT, PGDATA, a locale that is not installed) would only surprise. */
export const postgresEnvironment: NodeJS.ProcessEnv = {
  PATH: process.env.PATH ?? "/usr/bin:/bin",
  LC_ALL: "C",
  TZ: "UTC",
};

/** The order of code points, the same on every machine; upper and lower case of all of Unicode. */
function localeFor(major: number): string[] {
  if (major < 17) return ["--locale", "C.UTF-8"];
  return ["--locale", "C", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"];
}

function homeFor(dataDir: string, runAs: RunAs, log: (line: string) => void): string {
  if (!runAs.dropped || canEnter(runAs, dataDir)) return dataDir;
  mkdirSync(sharedFolder, { recursive: true, mode: 0o755 });
  const home = mkdtempSync(join(sharedFolder, "data-"));
  chmodSync(home, 0o711);
  if (!canEnter(runAs, home)) {
    throw new CannotStartDatabase(
      `PostgreSQL does not run as root, and the user ${runAs.name} can enter neither ${dataDir} nor ${sharedFolder}. ` +
        "Name a data folder that it can enter (HAWSER_DATA_DIR), or start Hawser as an ordinary user.",
    );
  }
  log(`${dataDir} is closed to the user ${runAs.name}, whom PostgreSQL runs as: its files are in ${home}`);
  return home;
}

function refuseUnusable(pgdata: string, runAs: RunAs, binaries: Binaries): void {
  const owner = statSync(pgdata).uid;
  if (owner !== runAs.uid) {
    throw new CannotStartDatabase(
      `The database in ${pgdata} belongs to user ${owner}, and Hawser would run it as ${runAs.name} (${runAs.uid}). ` +
        `Start Hawser as that user or as root, or give it the files: chown -R ${runAs.uid}:${runAs.gid} ${pgdata}`,
    );
  }
  if (runAs.dropped && !canEnter(runAs, pgdata)) {
    throw new CannotStartDatabase(
      `The user ${runAs.name}, whom PostgreSQL runs as, cannot enter ${pgdata}. ` +
        `Let it pass (chmod o+x on the folders above), move the data folder, or start Hawser as the owner of ${dirname(pgdata)}.`,
    );
  }
  const version = Number(readFileSync(join(pgdata, "PG_VERSION"), "utf8"));
  if (version !== binaries.major) {
    throw new CannotStartDatabase(
      `The database in ${pgdata} was made by PostgreSQL ${version}, and this is PostgreSQL ${binaries.major}. ` +
        "Restore a backup into an empty data folder, or use the version of Hawser that made it.",
    );
  }
}

/** Whoever was killed while making a cluster left its folder. */
function sweepUnfinished(home: string): void {
  for (const name of readdirSync(home)) {
    if (!name.startsWith(unfinished)) continue;
    const folder = join(home, name);
    if (ours.has(folder)) continue;
    const maker = Number.parseInt(name.slice(unfinished.length), 10);
    if (maker === process.pid || !isAlive(maker)) rmSync(folder, { recursive: true, force: true });
  }
}

function writeDurably(path: string, text: string, owner: RunAs): void {
  const file = openSync(path, "wx", 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  chownSync(path, owner.uid, owner.gid);
}

function syncFolder(path: string): void {
  const folder = openSync(path, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
