// The product as its users run it: `node src/cli/main.ts start` in a process of its own, to be killed in all ways.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { compileCache } from "./compile-cache.ts";

/** Folders and port of one installation. They outlive its processes. */
export interface Installation {
  home: string;
  dataDir: string;
  /** Root `source` and root `target`. */
  source: string;
  target: string;
  port: number;
  url: string;
  /** Address of the pretend providers, where `HAWSER_SANDBOX` is switched on. */
  sandbox: string;
  environment: Readonly<Record<string, string>>;
}

export interface HawserProcess {
  readonly child: ChildProcess;
  readonly pid: number;
  /** From being started to the ready line, in milliseconds. */
  readonly readyAfterMs: number;
  /** All it has said. */
  said(): string;
  /** kill -9 of this process alone. */
  kill(): Promise<void>;
  /** kill -9 of this process and of all below it: an embedded PostgreSQL and its watchdog too. */
  killTree(): Promise<void>;
  /** SIGTERM, and waits for the end. */
  stop(): Promise<void>;
}

const project = join(import.meta.dirname, "../..");
const main = join(project, "src/cli/main.ts");
/** What `npm start` tells Node. */
const flags: string[] = JSON.parse(readFileSync(join(project, "package.json"), "utf8")).scripts.start.match(/ --\S+/g);

/** Makes the folders of an installation below `home`. */
export async function anInstallation(
  home: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<Installation> {
  const [source, target, dataDir] = [join(home, "source"), join(home, "target"), join(home, "data")];
  for (const folder of [source, target]) mkdirSync(folder, { recursive: true });
  const [port, sandboxPort] = [await freePort(), await freePort()];
  const url = `http://localhost:${port}`;
  return {
    home,
    dataDir,
    source,
    target,
    port,
    url,
    sandbox: `http://127.0.0.1:${sandboxPort}`,
    environment: {
      HAWSER_DATA: dataDir,
      HAWSER_KEY_FILE: join(home, "hawser.key"),
      HAWSER_PORT: String(port),
      HAWSER_SOURCE_ROOTS: `source=${source}`,
      HAWSER_DESTINATION_ROOTS: `target=${target}`,
      HAWSER_SIGN_UP: "open",
      HAWSER_LOG_LEVEL: "warn",
      HAWSER_SANDBOX: "false",
      HAWSER_SANDBOX_PORT: String(sandboxPort),
      ...environment,
    },
  };
}

/** Starts a process and waits until it is ready. @throws when it ends before */
export async function startHawser(
  installation: Installation,
  options: { environment?: Readonly<Record<string, string>>; nodeArguments?: readonly string[] } = {},
): Promise<HawserProcess> {
  const begun = performance.now();
  const child = spawn(
    process.execPath,
    [...flags.map((flag) => flag.trim()), ...(options.nodeArguments ?? []), main, "start"],
    {
      stdio: ["ignore", "pipe", "pipe"],
      // Nothing of the surroundings is a setting, and nothing else changes how Node runs.
      env: {
        PATH: process.env.PATH ?? "",
        HOME: installation.home,
        ...compileCache,
        ...installation.environment,
        ...options.environment,
      },
    },
  );
  let said = "";
  const { promise: ready, resolve } = Promise.withResolvers<"ready">();
  const listen = (chunk: Buffer) => {
    said += chunk;
    if (/^Hawser .*ready/m.test(said)) resolve("ready");
  };
  child.stdout.on("data", listen);
  child.stderr.on("data", listen);
  const ended = once(child, "close");
  if ((await Promise.race([ready, ended])) !== "ready") throw new Error(`Hawser did not start. It said:\n${said}`);
  const { pid } = child;
  if (pid === undefined) throw new Error("Hawser has no process");
  return {
    child,
    pid,
    readyAfterMs: performance.now() - begun,
    said: () => said,
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
    async killTree() {
      for (const one of [pid, ...descendantsOf(pid)]) signal(one);
      await ended;
    },
    async stop() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

/** Processes below this one, by the table of processes. */
export function descendantsOf(pid: number): number[] {
  const table = spawnSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" }).stdout;
  const children = Map.groupBy(
    table.split("\n").map((line) => line.trim().split(/\s+/).map(Number)),
    ([, parent]) => parent,
  );
  const below = (one: number): number[] =>
    (children.get(one) ?? []).flatMap(([child = 0]) => (child === one ? [] : [child, ...below(child)]));
  return below(pid);
}

function signal(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended with one of the others.
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  if (address === null || typeof address === "string") throw new Error("no port is free");
  return address.port;
}
