// The embedded database: a real PostgreSQL that lives and dies with this process (SR-98, SR-99).
import { existsSync, realpathSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { findBinaries } from "./embedded/binaries.ts";
import { CannotStartDatabase } from "./embedded/cannot-start.ts";
import { ensureCluster, pgdataOf, readPassword } from "./embedded/cluster.ts";
import { findHolder, isReady, removeStaleLock, socketFolderOf } from "./embedded/holder.ts";
import { chooseUser } from "./embedded/run-as.ts";
import { launchServer, type Server } from "./embedded/server.ts";
import { derivePassword } from "./roles.ts";
import { scramVerifier } from "./scram.ts";

export { CannotStartDatabase };

export interface DatabaseAddresses {
  /** For backups and tests only: the superuser, in database `postgres`. */
  superuserUrl: string;
  /** Role hawser_owner, who owns database `hawser`. */
  ownerUrl: string;
}

export interface EmbeddedDatabase extends DatabaseAddresses {
  /** Of the server. */
  pid: number;
  /** Settles when the server has ended: after `stop`, or because it was killed. */
  ended: Promise<void>;
  /** Ends its connections, writes a checkpoint and waits until it is down. Safe to call twice. */
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  /** Made when it is missing; PostgreSQL's files go into `postgres` inside. */
  dataDir: string;
  /** Gets each line that the server says. */
  log?: ((line: string) => void) | undefined;
  /** The folder of another PostgreSQL's programs, 15 or newer. */
  binDir?: string | undefined;
}

/** Server and children of a killed owner need a moment to notice. */
const patienceMs = 30_000;
/** An owner that has just been killed is still in the table of processes for a moment. */
const dyingMs = 500;
/** An orderly end that takes longer than this becomes a quick one, from which the next start recovers (SR-97). */
const stopWithinMs = 8_000;

/**
 * Starts PostgreSQL on a data folder, making the cluster first where there is none. What an owner that was killed has
 * left is put right without being asked.
 *
 * @throws CannotStartDatabase when another process has the folder (it names the pid), or the machine cannot run it
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedDatabase> {
  const log = options.log ?? (() => {});
  const dataDir = resolve(options.dataDir);
  const runAs = chooseUser(pgdataOf(dataDir));
  const binaries = findBinaries(runAs, options.binDir);
  const { pgdata, password } = await ensureCluster(dataDir, runAs, binaries, log);

  const server = await takeFolder(pgdata, () => launchServer(pgdata, runAs, binaries, log));
  const { superuserUrl, ownerUrl } = await addresses(server.socketFolder, password);
  try {
    await ensureOwner(superuserUrl, ownerUrl);
  } catch (error) {
    await stop(server);
    throw error;
  }
  return { superuserUrl, ownerUrl, pid: server.pid, ended: server.ended, stop: () => stop(server) };
}

/**
 * The addresses of the database that another Hawser process of this machine runs on a data folder, to join it.
 *
 * @returns nothing when none runs there
 */
export async function findEmbedded(dataDir: string): Promise<DatabaseAddresses | undefined> {
  if (!existsSync(pgdataOf(dataDir))) return undefined;
  const pgdata = realpathSync(pgdataOf(dataDir));
  const holder = findHolder(pgdata);
  const socketFolder = socketFolderOf(pgdata);
  if (holder.state !== "owned" || !isReady(pgdata, holder.server) || !socketFolder) return undefined;
  return addresses(socketFolder, readPassword(pgdata));
}

/** Launches until PostgreSQL's own lock is ours, or somebody who lives has it. */
async function takeFolder(pgdata: string, launch: () => ReturnType<typeof launchServer>): Promise<Server> {
  const begin = Date.now();
  const deadline = begin + patienceMs;
  for (;;) {
    const holder = findHolder(pgdata);
    switch (holder.state) {
      case "owned":
        if (Date.now() < begin + dyingMs) break;
        throw inUse(
          pgdata,
          `process ${holder.owner}, which runs a Hawser (its PostgreSQL is process ${holder.server})`,
        );
      case "foreign":
        throw inUse(pgdata, `process ${holder.server}, a PostgreSQL that was not started by Hawser`);
      case "stale":
        removeStaleLock(pgdata, holder.lock);
        break;
      case "orphan":
        signal(holder.server, "SIGINT");
        break;
      case "ending":
        break;
      case "nobody": {
        const launched = await launch();
        if ("server" in launched) return launched.server;
        if (!isPassing(launched.failed) || Date.now() > deadline) {
          throw new CannotStartDatabase(`PostgreSQL did not start in ${pgdata}. It says:\n${launched.failed}`);
        }
      }
    }
    if (Date.now() > deadline) throw inUse(pgdata, "a PostgreSQL that does not end");
    await pause(50);
  }
}

const inUse = (pgdata: string, by: string) =>
  new CannotStartDatabase(
    `The data folder ${dirname(pgdata)} is in use by ${by}. Stop it first, or name another data folder.`,
  );

/**
 * Children of a killed server live on for a moment, and a start beside ours may be ahead of us by a hair. PostgreSQL
 * says both in words only, with one exit code for everything.
 */
const isPassing = (said: string) =>
  /pre-existing shared memory block|lock file "postmaster.pid" (already exists|is empty)/.test(said);

async function stop(server: Server): Promise<void> {
  server.release();
  const impatient = setTimeout(() => signal(server.pid, "SIGQUIT"), stopWithinMs);
  await server.ended;
  clearTimeout(impatient);
}

function signal(pid: number, name: "SIGINT" | "SIGQUIT"): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has just ended by itself.
  }
}

async function addresses(socketFolder: string, password: string): Promise<DatabaseAddresses> {
  return {
    superuserUrl: urlFor(socketFolder, "postgres", password, "postgres"),
    ownerUrl: urlFor(socketFolder, "hawser_owner", await derivePassword(password, "hawser_owner"), "hawser"),
  };
}

function urlFor(socketFolder: string, user: string, password: string, database: string): string {
  const url = new URL(`postgresql://localhost/${database}`);
  url.username = user;
  url.password = password;
  url.searchParams.set("host", socketFolder);
  return url.href;
}

/** Done at every start, so that a first start that was cut short is finished by the next one. */
async function ensureOwner(superuserUrl: string, ownerUrl: string): Promise<void> {
  const superuser = new pg.Client({ connectionString: superuserUrl });
  await superuser.connect();
  try {
    const role = await superuser.query("select 1 from pg_roles where rolname = 'hawser_owner'");
    if (role.rowCount === 0) {
      const verifier = await scramVerifier(decodeURIComponent(new URL(ownerUrl).password));
      await superuser.query(
        `create role hawser_owner login createrole createdb password ${pg.escapeLiteral(verifier)}`,
      );
    }
    const database = await superuser.query("select 1 from pg_database where datname = 'hawser'");
    if (database.rowCount === 0) await superuser.query("create database hawser owner hawser_owner");
  } finally {
    await superuser.end();
  }
}
