import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { backup as makeBackup } from "#db/backup.ts";
import { type BackupManifest, readManifest } from "#db/backup-manifest.ts";
import { pgdataOf } from "#db/embedded/cluster.ts";
import { findEmbedded } from "#db/embedded.ts";
import { restore as restoreBackup } from "#db/restore.ts";
import type { Config } from "../../config.ts";
import { untilInterrupted } from "../interrupt.ts";
import { CommandFailed, Stopped } from "../outcome.ts";
import { bytesInWords, counted, isInteractive, minuteOf, type OutputOptions, print } from "../output.ts";
import { startBar } from "../progress.ts";
import { loadConfig } from "../settings.ts";

/** Copies the embedded database, whether Hawser runs on it or not (SR-99). */
export async function backup(to: string, options: OutputOptions): Promise<void> {
  const config = loadConfig();
  refuseServer(config, "pg_dump");
  if (!existsSync(pgdataOf(config.dataDir))) throw new CommandFailed(`There is no database in ${config.dataDir}.`);
  const manifest = await withProgress(options, undefined, (progress) =>
    makeBackup({ dataDir: config.dataDir, to, now: new Date(), progress }),
  );
  const result = { folder: resolve(to), ...figuresOf(manifest) };
  print(options, result, () => [
    `The backup is in ${result.folder}: ${counted(result.files, "file")}, ${bytesInWords(result.bytes)}.`,
    config.masterKeys === undefined
      ? `It does not hold the master keys: keep a copy of ${config.keyFile} in another place.`
      : "It does not hold the master keys of HAWSER_MASTER_KEYS: keep them in another place.",
  ]);
}

/** Makes the data folder from a backup; never over one that is there. */
export async function restore(from: string, options: OutputOptions): Promise<void> {
  const config = loadConfig();
  refuseServer(config, "pg_restore");
  const { dataDir } = config;
  if (await findEmbedded(dataDir)) {
    throw new CommandFailed(`Hawser runs on ${dataDir}. Stop it and move that folder away first.`);
  }
  const known = await readManifest(resolve(from));
  const manifest = await withProgress(options, known.files.length, (progress) =>
    restoreBackup({ from, dataDir, progress }),
  );
  const result = { folder: dataDir, ...figuresOf(manifest) };
  print(options, result, () => [
    `Restored the backup of ${minuteOf(new Date(manifest.madeAt))} to ${dataDir}, and every table was read once.`,
    config.masterKeys === undefined
      ? `Put the key file of that time to ${config.keyFile}, then run "hawser start".`
      : 'Run "hawser start" with the master keys of that time.',
  ]);
}

function refuseServer({ databaseUrl }: Config, instead: string): void {
  if (databaseUrl === undefined) return;
  throw new CommandFailed(
    `This is for the embedded database. The one that DATABASE_URL names is copied by its own means, such as ${instead}.`,
  );
}

const figuresOf = (manifest: BackupManifest) => ({
  files: manifest.files.length,
  bytes: manifest.files.reduce((sum, { bytes }) => sum + bytes, 0),
  made_at: manifest.madeAt,
});

type Progress = (done: { files: number; bytes: number }) => void;

async function withProgress<T>(
  options: OutputOptions,
  total: number | undefined,
  work: (progress: Progress) => Promise<T>,
): Promise<T> {
  const signal = untilInterrupted();
  const bar = startBar(isInteractive(options));
  let bytes = 0;
  try {
    return await work((done) => {
      // Both take away again what they have made when copying fails, and so they do when it is to stop.
      if (signal.aborted) throw new Stopped("Stopped; nothing was left behind.");
      bytes += done.bytes;
      bar.update({ done: done.files, total, words: `files, ${bytesInWords(bytes)}` });
    });
  } finally {
    bar.stop();
  }
}
