import { existsSync } from "node:fs";
import { join } from "node:path";
import { type App, type Log, openApp } from "../app.ts";
import type { Config } from "../config.ts";
import { makeDefaultFolders } from "./default-folders.ts";
import { openInstallation, prepareDatabase } from "./installation.ts";
import { loadKeyring } from "./keys.ts";
import { createLog } from "./log.ts";
import { startSandbox } from "./sandbox.ts";
import { loadConfig, policyOf, projectFolder, version } from "./settings.ts";

const STOP_WITHIN_MS = 10_000;

/** Runs the product until it is told to stop. */
export async function start(options: { role?: string; port?: string }): Promise<void> {
  const begun = performance.now();
  const config = loadConfig({ HAWSER_ROLE: options.role, HAWSER_PORT: options.port });
  const secrets = new Set<string>();
  const log = createLog(config.logLevel, { secrets });
  const { keyring, made } = loadKeyring(config, new Date());
  if (made) {
    console.log(`Made the key file ${made}. Keep a copy in a safe place: without it every stored credential is lost.`);
  }
  makeDefaultFolders(config);

  const stop = stopSignal();
  const installation = await openInstallation(config, {
    alone: true,
    log: (line) => log.debug({ database: line }, "postgres"),
  });
  for (const { client } of config.providerSetups.values()) if (client?.secret !== undefined) secrets.add(client.secret);
  for (const url of [installation.ownerUrl, installation.appUrl, installation.authUrl, installation.listenUrl]) {
    if (url !== undefined) secrets.add(passwordIn(url));
  }
  let app: App | undefined;
  const sandbox = config.sandbox ? await startSandbox(config, log) : undefined;
  try {
    const applied = await prepareDatabase(installation);
    if (applied.length > 0) log.info({ applied }, "the database is up to date");
    app = await openApp({
      ...config,
      ...installation,
      keyring,
      version,
      log,
      limits: [...config.settings],
      simulators: sandbox,
      outbound: policyOf(config, sandbox?.hostAndPort),
      ...portalFolder(),
    });
    const port = config.role === "worker" ? undefined : await app.server.listen(config.port, config.host);
    await app.work();
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    console.log(
      port === undefined
        ? `Hawser ${version} works on jobs (ready after ${seconds} s).`
        : `Hawser ${version} is ready at ${addressOf(config, port)} (after ${seconds} s).`,
    );
    if (sandbox) console.log(`The sandbox's simulators are at ${sandbox.origin}.`);

    const reason = await Promise.race([stop, databaseEnded(installation.ended), unforeseen(log)]);
    if (reason !== "asked to stop") {
      log.error({ reason }, "stopping");
      process.exitCode = 1;
    }
  } finally {
    // Whatever hangs, the process is gone in time; what it was doing goes on elsewhere or at the next start (SR-97).
    setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
    await app?.stop();
    await sandbox?.close();
    await installation.close();
  }
}

/** Resolves at the first SIGINT or SIGTERM; a second one ends the process at once. */
function stopSignal(): Promise<"asked to stop"> {
  return new Promise((resolve) => {
    let asked = false;
    const onSignal = () => {
      if (asked) process.exit(1);
      asked = true;
      resolve("asked to stop");
    };
    process.on("SIGINT", onSignal);
    process.on("SIGTERM", onSignal);
  });
}

const databaseEnded = async (ended: Promise<void> | undefined): Promise<string> => {
  await (ended ?? new Promise<void>(() => {}));
  return "the database has ended";
};

/** After an error that nobody handled nothing is certain: drain and exit (SR-78). */
function unforeseen(log: Log): Promise<string> {
  return new Promise((resolve) => {
    const onError = (error: unknown) => {
      log.error({ err: error }, "an error that nobody handled");
      resolve("an error that nobody handled");
    };
    process.on("unhandledRejection", onError);
    process.on("uncaughtException", onError);
  });
}

function portalFolder(): { portalFolder?: string } {
  const folder = join(projectFolder, "portal", "dist");
  return existsSync(join(folder, "index.html")) ? { portalFolder: folder } : {};
}

const passwordIn = (url: string): string => decodeURIComponent(new URL(url).password);

const addressOf = (config: Config, port: number): string =>
  port === config.port ? config.publicUrl : `http://localhost:${port}`;
