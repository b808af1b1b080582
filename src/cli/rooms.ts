// What commands work with: the database of this installation, and the domain on top of it.
import { existsSync } from "node:fs";
import { userInfo } from "node:os";
import { pgdataOf } from "#db/embedded/cluster.ts";
import { findEmbedded } from "#db/embedded.ts";
import { migrationStatus } from "#db/migrate.ts";
import type { Actor } from "#domain/audit/actor.ts";
import { openRooms, type Rooms } from "../app.ts";
import type { Config } from "../config.ts";
import { makeDefaultFolders } from "./default-folders.ts";
import { findSandbox } from "./find-sandbox.ts";
import { type Installation, openInstallation } from "./installation.ts";
import { untilInterrupted } from "./interrupt.ts";
import { readKeyring } from "./keys.ts";
import { createLog } from "./log.ts";
import { CommandFailed } from "./outcome.ts";
import { loadConfig, policyOf } from "./settings.ts";

export interface Opened {
  config: Config;
  installation: Installation;
  /** Nobody else runs this database: what is to be worked on is worked on here. */
  alone: boolean;
  /** Aborted when the command is to stop. */
  signal: AbortSignal;
}

export interface OpenedRooms extends Opened {
  rooms: Rooms;
  /** As whom the audit log names what a command does. */
  actor: Actor;
}

/**
 * Opens the database for one piece of work, and closes it whatever comes of it. An embedded one is started where nobody
 * runs it, and made only where `make` says so: a command in the wrong folder must not leave a new database there.
 */
export async function withInstallation<T>(
  work: (opened: Opened) => Promise<T>,
  { make = false }: { make?: boolean } = {},
): Promise<T> {
  const config = loadConfig();
  if (config.databaseUrl === undefined && !make && !existsSync(pgdataOf(config.dataDir))) {
    throw new CommandFailed(
      `There is no database in ${config.dataDir} yet. Run "hawser start" first, or name another folder in HAWSER_DATA.`,
    );
  }
  const signal = untilInterrupted();
  const alone = config.databaseUrl === undefined && (await findEmbedded(config.dataDir)) === undefined;
  const log = logOf(config);
  const installation = await openInstallation(config, { log: (line) => log.debug({ database: line }, "postgres") });
  try {
    return await work({ config, installation, alone, signal });
  } finally {
    await installation.close();
  }
}

/** The same with the rooms of the domain; refused while the database is of another version than this program. */
export const withRooms = <T>(work: (opened: OpenedRooms) => Promise<T>): Promise<T> =>
  withInstallation(async (opened) => {
    const { config, installation } = opened;
    await refuseOtherVersion(installation.ownerUrl);
    if (opened.alone) makeDefaultFolders(config);
    const simulators = await findSandbox(config);
    const rooms = await openRooms({
      ...config,
      appUrl: installation.appUrl,
      listenUrl: installation.listenUrl,
      keyring: readKeyring(config),
      simulators,
      outbound: policyOf(config, simulators?.hostAndPort),
      log: logOf(config),
    });
    try {
      return await work({ ...opened, rooms, actor: { kind: "cli", label: userInfo().username } });
    } finally {
      await rooms.close();
    }
  });

async function refuseOtherVersion(ownerUrl: string): Promise<void> {
  const migrations = await migrationStatus(ownerUrl);
  if (migrations.some(({ problem }) => problem !== undefined)) {
    throw new CommandFailed(
      'The database was made by another version of Hawser: use that one. "hawser migrate status" says more.',
    );
  }
  if (migrations.some(({ appliedAt }) => appliedAt === undefined)) {
    throw new CommandFailed('The database is not up to date. Run "hawser migrate up" first.');
  }
}

/** A command speaks for itself; only what goes wrong around it is logged. */
const logOf = ({ logLevel }: Config) => createLog(logLevel === "info" ? "warn" : logLevel);
