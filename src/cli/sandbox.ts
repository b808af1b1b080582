import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Log } from "../app.ts";
import type { Config } from "../config.ts";
import { type OpenSandbox, openSandbox, type SandboxStorage } from "../sandbox/sandbox.ts";

/** Opens the sandbox; where its port is taken by something else, Hawser starts without it and says so. */
export async function startSandbox(config: Config, log: Log): Promise<OpenSandbox | undefined> {
  try {
    const sandbox = await openSandbox({ port: config.sandboxPort, storage: storageIn(config.dataDir) });
    log.info({ address: sandbox.hostAndPort }, "the sandbox is on; outbound may call its simulators");
    return sandbox;
  } catch (failure) {
    log.warn(
      { err: failure, port: config.sandboxPort },
      "the sandbox could not be opened; HAWSER_SANDBOX_PORT names another port, HAWSER_SANDBOX=false leaves it out",
    );
    return undefined;
  }
}

/** What the simulators remember: tokens of their own, which are worth nothing anywhere else. */
export function storageIn(folder: string): SandboxStorage {
  const file = join(folder, "sandbox.json");
  return {
    load() {
      try {
        return JSON.parse(readFileSync(file, "utf8"));
      } catch {
        // There is none yet, or it is of no use: the simulators begin anew.
        return undefined;
      }
    },
    save(state) {
      mkdirSync(folder, { recursive: true });
      writeFileSync(`${file}.new`, JSON.stringify(state), { mode: 0o600 });
      renameSync(`${file}.new`, file);
    },
  };
}
