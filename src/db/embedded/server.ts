// One run of the PostgreSQL server, whose life is tied to ours: a watchdog holds the other end of a pipe, and when
// that ends (we stop, or die in whatever way) it shuts the server down.
import { spawn } from "node:child_process";
import { chownSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import type { Binaries } from "./binaries.ts";
import { postgresEnvironment } from "./cluster.ts";
import { isReady, serverMark, watchdogMark } from "./holder.ts";
import type { RunAs } from "./run-as.ts";

export interface Server {
  pid: number;
  socketFolder: string;
  /** Settles when the server has ended, for whatever reason. */
  ended: Promise<void>;
  /** Lets go of it: it ends its connections, writes a checkpoint and shuts down. */
  release(): void;
}

export type Launch = { server: Server } | { failed: string };

// Ignored signals: the terminal's Ctrl-C must not take the database away before we have finished with it.
// SIGINT is repeated because one that arrives before the server has installed its handlers is lost.
const watchdog = `
shift
trap '' HUP INT TERM
exec 3<&0
"$@" </dev/null >&2 3<&- &
server=$!
echo $server
{
  while read -r line; do :; done
  tries=0
  while [ $tries -lt 60 ] && kill -INT $server; do tries=$((tries + 1)); sleep 1; done
} <&3 >/dev/null 2>&1 &
reader=$!
exec 3<&-
wait $server
kill -KILL $reader 2>/dev/null
`;

/**
 * Starts the server and waits until it takes connections, however long its recovery takes.
 *
 * @returns what the server said when it would not start
 */
export async function launchServer(
  pgdata: string,
  runAs: RunAs,
  binaries: Binaries,
  log: (line: string) => void,
): Promise<Launch> {
  const socketFolder = makeSocketFolder(pgdata, runAs);
  const server = [join(binaries.folder, "postgres"), "-D", pgdata, ...settings(socketFolder)];
  const child = spawn("/bin/sh", ["-c", watchdog, watchdogMark, String(process.pid), ...server], {
    ...runAs.spawn,
    cwd: "/",
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
    // A lock that names us (in a container the same numbers come back at every start) is not another server's.
    env: { ...postgresEnvironment, PG_GRANDPARENT_PID: String(process.pid) },
  });
  // The other end may be gone before we let go of ours.
  child.stdin.on("error", () => {});
  // Should the watchdog alone be killed, its reader shuts the server down now and not when we end.
  child.once("exit", () => child.stdin.end());

  const said: string[] = [];
  createInterface(child.stderr).on("line", (line) => {
    if (said.length < 50) said.push(line);
    log(line);
  });
  let running = true;
  const ended = new Promise<void>((resolve) => {
    child.once("error", (error) => said.push(error.message));
    child.once("close", () => {
      running = false;
      rmSync(socketFolder, { recursive: true, force: true });
      resolve();
    });
  });

  const pid = await Promise.race([firstNumber(child.stdout), ended]);
  while (running && pid && !isReady(pgdata, pid)) await pause(15);
  if (!running || !pid) return { failed: said.join("\n") };
  sweepSocketFolders(socketFolder, runAs);
  return { server: { pid, socketFolder, ended, release: () => child.stdin.end() } };
}

/** Given on the command line, so that a data folder that older releases made gets those of this one. */
function settings(socketFolder: string): string[] {
  const values = {
    listen_addresses: "",
    unix_socket_directories: socketFolder,
    unix_socket_permissions: "0700",
    fsync: "on",
    wal_level: "replica",
    max_connections: "200",
    timezone: "UTC",
    log_timezone: "UTC",
    log_destination: "stderr",
    lc_messages: "C",
    jit: "off",
  };
  return ["-c", serverMark, ...Object.entries(values).flatMap(([name, value]) => ["-c", `${name}=${value}`])];
}

/** A path to a socket may have 103 bytes on macOS, 107 on Linux, of which file name and random part need 24. */
const longestSocketParent = 79;

/** A new folder for every start: a socket that a dead server left is nobody's business. */
function makeSocketFolder(pgdata: string, runAs: RunAs): string {
  const folder = mkdtempSync(socketFolderPrefix(pgdata));
  chownSync(folder, runAs.uid, runAs.gid);
  return folder;
}

function socketFolderPrefix(pgdata: string): string {
  const home = dirname(pgdata);
  if (Buffer.byteLength(home) <= longestSocketParent) return join(home, ".s-");
  // The inode tells apart the folders of several clusters.
  return join(tmpdir(), `hawser-${statSync(pgdata).ino.toString(36)}-`);
}

/** Those of earlier starts. Only now is it certain that the folder is ours alone. */
function sweepSocketFolders(current: string, runAs: RunAs): void {
  const parent = dirname(current);
  const prefix = basename(current).slice(0, -6);
  for (const name of readdirSync(parent)) {
    const folder = join(parent, name);
    if (!name.startsWith(prefix) || folder === current || name.length !== prefix.length + 6) continue;
    if (statSync(folder, { throwIfNoEntry: false })?.uid === runAs.uid)
      rmSync(folder, { recursive: true, force: true });
  }
}

function firstNumber(output: Readable): Promise<number | undefined> {
  return new Promise((resolve) => {
    createInterface(output)
      .once("line", (line) => resolve(Number(line)))
      .once("close", () => resolve(undefined));
  });
}
