// A copy of the embedded database that is consistent although the database goes on working (SR-99): PostgreSQL's
// low-level backup. The files are copied while they change; the write-ahead log of that time, copied after them, makes
// one state of them when the copy is first started.
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import pg from "pg";
import { type BackupManifest, checksumFile, filesFolder, manifestFile, printManifest } from "./backup-manifest.ts";
import { copyFile, forEachOf } from "./copy-file.ts";
import { pgdataOf } from "./embedded/cluster.ts";
import { findEmbedded, startEmbedded } from "./embedded.ts";

export interface BackupOptions {
  /** The data folder to copy. Whether Hawser runs on it does not matter. */
  dataDir: string;
  /** A folder that is empty or does not exist. */
  to: string;
  now: Date;
  /** Called after each file, with the number of files so far and the bytes of this one. */
  progress?: ((done: { files: number; bytes: number }) => void) | undefined;
  binDir?: string | undefined;
}

/** What PostgreSQL makes anew at every start, or would mistake for its own state (its chapter on low-level backups). */
const emptied = new Set([
  "pg_wal",
  "pg_replslot",
  "pg_dynshmem",
  "pg_notify",
  "pg_serial",
  "pg_snapshots",
  "pg_stat_tmp",
  "pg_subtrans",
]);
const leftOut =
  /^(postmaster\.(pid|opts).*|pg_internal\.init.*|pgsql_tmp.*|backup_label.*|tablespace_map.*|current_logfiles.*)$/;

/**
 * Makes a backup. It holds everything that was committed when the last file had been copied, and the password of the
 * database; it does not hold the key file, without which the secrets in it cannot be read.
 *
 * @throws Error when the folder is not empty; what was copied is removed again
 */
export async function backup(options: BackupOptions): Promise<BackupManifest> {
  const to = resolve(options.to);
  await mkdir(to, { recursive: true, mode: 0o700 });
  if ((await readdir(to)).length > 0) throw new Error(`${to} is not empty: a backup needs a folder of its own.`);

  const running = await findEmbedded(options.dataDir);
  const started = running ? undefined : await startEmbedded({ dataDir: options.dataDir, binDir: options.binDir });
  const client = new pg.Client({ connectionString: (running ?? started)?.superuserUrl });
  try {
    await client.connect();
    return await copyRunning(client, pgdataOf(resolve(options.dataDir)), to, options);
  } catch (error) {
    await Promise.all((await readdir(to)).map((name) => rm(join(to, name), { recursive: true, force: true })));
    throw error;
  } finally {
    await client.end();
    await started?.stop();
  }
}

async function copyRunning(
  client: pg.Client,
  pgdata: string,
  to: string,
  { now, progress }: BackupOptions,
): Promise<BackupManifest> {
  // The log of the whole backup stays where it is until this connection ends.
  const slot = `hawser_backup_${process.pid}_${now.getTime()}`;
  await client.query("select pg_create_physical_replication_slot($1, true, true)", [slot]);
  await client.query("select pg_backup_start('hawser', fast => true)");

  const copy: Copy = { from: pgdata, to: filesFolder(to), folders: [], files: [], progress };
  await forEachOf(await makeFolders(copy, ""), (path) => copyOne(copy, path));
  const stopped = await client.query<{ last: string; label: string; tablespaces: string; major: number }>(
    `select pg_walfile_name(lsn) as last, labelfile as label, spcmapfile as tablespaces,
            current_setting('server_version_num')::int / 10000 as major
       from pg_backup_stop(wait_for_archive => false)`,
  );
  const { last, label, tablespaces, major } = stopped.rows[0]!;
  if (tablespaces) throw new Error("This database has tablespaces of its own, which a backup does not hold.");
  await writeText(copy, "backup_label", label);
  await copyLog(copy, label, last);

  const manifest: BackupManifest = {
    format: 1,
    madeAt: now.toISOString(),
    postgres: major,
    folders: copy.folders,
    files: copy.files,
  };
  const { text, checksum } = printManifest(manifest);
  await writeFile(checksumFile(to), checksum, { mode: 0o600, flush: true });
  await writeFile(manifestFile(to), text, { mode: 0o600, flush: true });
  return manifest;
}

interface Copy extends Pick<BackupManifest, "folders" | "files"> {
  from: string;
  to: string;
  progress: BackupOptions["progress"];
}

/** @returns the paths of the files to copy into them */
async function makeFolders(copy: Copy, path: string): Promise<string[]> {
  await mkdir(join(copy.to, path), { mode: 0o700 });
  if (path !== "") copy.folders.push(path);
  if (emptied.has(path)) return [];
  const files: string[] = [];
  for (const entry of await readdir(join(copy.from, path), { withFileTypes: true }).catch(unlessGone([]))) {
    const inside = path === "" ? entry.name : `${path}/${entry.name}`;
    if (leftOut.test(entry.name)) continue;
    if (entry.isDirectory()) files.push(...(await makeFolders(copy, inside)));
    else if (entry.isFile()) files.push(inside);
  }
  return files;
}

/** A table that is dropped or a file that is cut off meanwhile is no loss: the log says so too. */
async function copyOne(copy: Copy, path: string): Promise<void> {
  const from = join(copy.from, path);
  if (path === "global/pg_control") return writeText(copy, path, await readWhole(from));
  const copied = await copyFile(from, join(copy.to, path)).catch(unlessGone(undefined));
  if (copied) note(copy, path, copied);
}

/** The log from where the backup began to where it ended, which makes one state of the files. */
async function copyLog(copy: Copy, label: string, last: string): Promise<void> {
  const first = /^START WAL LOCATION: .* \(file ([0-9A-F]{24})\)$/m.exec(label)?.[1];
  if (!first) throw new Error(`PostgreSQL describes the backup in a way that is not known here: ${label}`);
  for (const name of (await readdir(join(copy.from, "pg_wal"))).sort()) {
    const wanted = /^[0-9A-F]{24}$/.test(name) ? name >= first && name <= last : name.endsWith(".history");
    if (wanted)
      note(copy, `pg_wal/${name}`, await copyFile(join(copy.from, "pg_wal", name), join(copy.to, "pg_wal", name)));
  }
}

async function writeText(copy: Copy, path: string, content: string | Buffer): Promise<void> {
  await writeFile(join(copy.to, path), content, { flag: "wx", mode: 0o600, flush: true });
  note(copy, path, { bytes: Buffer.byteLength(content), sha256: createHash("sha256").update(content).digest("hex") });
}

function note(copy: Copy, path: string, copied: { bytes: number; sha256: string }): void {
  copy.files.push({ path, ...copied });
  copy.progress?.({ files: copy.files.length, bytes: copied.bytes });
}

/** The control file is not mended by the log, so one that was read in the middle of being written would be worthless. */
async function readWhole(path: string): Promise<Buffer> {
  for (let before = await readFile(path); ; ) {
    const now = await readFile(path);
    if (now.equals(before)) return now;
    before = now;
  }
}

const unlessGone =
  <T>(instead: T) =>
  (error: unknown): T => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return instead;
    throw error;
  };
