import { findEmbedded, startEmbedded } from "#db/embedded.ts";
import { migrateUp } from "#db/migrate.ts";
import { ensureRoles, roleUrls } from "#db/roles.ts";
import { migrateJobs } from "#jobs/migrate.ts";
import type { Config } from "../config.ts";

/** The database of this installation, reachable for the owner and for the roles of the application. */
export interface Installation {
  ownerUrl: string;
  appUrl: string;
  authUrl: string;
  /** Where `appUrl` leads through a pooler that does not pass notices on. */
  listenUrl?: string;
  embedded: boolean;
  /** Settles when an embedded server that we started has ended. */
  ended?: Promise<void>;
  close(): Promise<void>;
}

/**
 * Reaches the database: the server that the settings name, the embedded one that another process runs, or one that we
 * start and stop again. `alone` is for `start`: an embedded database that somebody runs already is refused (SR-98).
 */
export async function openInstallation(
  config: Config,
  options: { log: (line: string) => void; alone?: boolean },
): Promise<Installation> {
  if (config.databaseUrl !== undefined) return reach(config, config.databaseUrl, false, async () => {});
  const running = options.alone ? undefined : await findEmbedded(config.dataDir);
  if (running) return reach(config, running.ownerUrl, true, async () => {});
  const started = await startEmbedded({ dataDir: config.dataDir, log: options.log });
  try {
    return { ...(await reach(config, started.ownerUrl, true, started.stop)), ended: started.ended };
  } catch (failure) {
    await started.stop();
    throw failure;
  }
}

async function reach(
  config: Config,
  ownerUrl: string,
  embedded: boolean,
  close: () => Promise<void>,
): Promise<Installation> {
  const urls = await roleUrls(ownerUrl, {
    ...(config.appDatabaseUrl !== undefined && { appUrl: config.appDatabaseUrl }),
    ...(config.authDatabaseUrl !== undefined && { authUrl: config.authDatabaseUrl }),
  });
  const listenUrl = config.listenDatabaseUrl;
  return { ownerUrl, ...urls, ...(listenUrl !== undefined && { listenUrl }), embedded, close };
}

/**
 * Roles, tables and queues as this version needs them. Any number of processes may do this at once.
 *
 * @param options.to the last migration to apply, all unless told
 * @returns the names of the migrations that this call has applied
 */
export async function prepareDatabase(
  { ownerUrl, appUrl, authUrl }: Installation,
  options: { to?: string } = {},
): Promise<string[]> {
  await ensureRoles(ownerUrl, { appUrl, authUrl });
  const applied = await migrateUp(ownerUrl, options);
  await migrateJobs(ownerUrl);
  return applied;
}
