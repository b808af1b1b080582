import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { createPolicy } from "#outbound/policy.ts";
import { type Config, readConfig } from "../config.ts";

/** Where package.json lies: relative settings and the defaults begin there, whatever folder a command is called from. */
export const projectFolder = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

/** Settings of the environment, and of the file that HAWSER_CONFIG names or `hawser.env` beside package.json. */
export function loadConfig(overrides: Readonly<Record<string, string | undefined>> = {}): Config {
  const environment = {
    ...process.env,
    ...Object.fromEntries(Object.entries(overrides).filter(([, value]) => value !== undefined)),
  };
  const named = environment.HAWSER_CONFIG;
  const path = named ? resolve(named) : join(projectFolder, "hawser.env");
  const file = named || existsSync(path) ? readFileSync(path, "utf8") : undefined;
  return readConfig({ environment, file, folder: projectFolder });
}

export const version: string = JSON.parse(readFileSync(join(projectFolder, "package.json"), "utf8")).version;

/** What Hawser may reach by the network. */
/** `sandbox` is the simulators' `host:port`, while they are on (SR-19). */
export const policyOf = (config: Config, sandbox?: string) =>
  createPolicy({
    allowHttp: config.allowHttp,
    exceptions: [...config.privateHosts, ...(sandbox === undefined ? [] : [sandbox])],
  });
