// Who runs PostgreSQL on a data folder at this moment, read from its lock file and the table of processes. PostgreSQL
// alone decides who may; this explains its "no" and puts right what it cannot: a server that has lost its owner, and a
// lock whose number now belongs to a process that has nothing to do with it.
import { spawnSync } from "node:child_process";
import { linkSync, readFileSync, renameSync, unlinkSync } from "node:fs";
import { join } from "node:path";

/** The mark on the command line of our watchdog; the pid of its owner follows it. */
export const watchdogMark = "hawser-watchdog";

/** The mark on the command line of the servers we start. */
export const serverMark = "cluster_name=hawser";

export type Holder =
  /** No server, as far as the lock file says. PostgreSQL itself clears what a dead one left. */
  | { state: "nobody" }
  /** A Hawser process that lives has its server here. */
  | { state: "owned"; owner: number; server: number }
  /** Our server, on its way down because its owner is gone. */
  | { state: "ending"; server: number }
  /** Our server without owner and watchdog: both were killed, it was not. */
  | { state: "orphan"; server: number }
  /** A server that somebody started by other means. */
  | { state: "foreign"; server: number }
  /** The lock names a process that is something else, or a dead one that nobody has buried. */
  | { state: "stale"; lock: string };

export function findHolder(pgdata: string): Holder {
  const lock = readLock(pgdata);
  const server = Number.parseInt(lock ?? "", 10);
  if (lock === undefined || !isAlive(server)) return { state: "nobody" };

  const process = describe(server);
  if (!process) return { state: "nobody" };
  if (!servesFolder(process.command, pgdata)) return { state: "stale", lock };
  if (!process.command.includes(serverMark)) return { state: "foreign", server };

  const watchdog = describe(process.parent);
  const owner = new RegExp(`${watchdogMark} (\\d+) `).exec(watchdog?.command ?? "")?.[1];
  if (!watchdog || owner === undefined) return { state: "orphan", server };
  // A process whose parent died has been given another parent.
  if (watchdog.parent !== Number(owner)) return { state: "ending", server };
  return { state: "owned", owner: Number(owner), server };
}

/** Removes a stale lock, and only that one: should another start have replaced it meanwhile, its lock is put back. */
export function removeStaleLock(pgdata: string, lock: string): void {
  const aside = join(pgdata, `postmaster.pid.stale-${process.pid}`);
  try {
    renameSync(lockFile(pgdata), aside);
  } catch {
    return; // somebody else removed it
  }
  if (readFileSync(aside, "utf8") !== lock) {
    try {
      linkSync(aside, lockFile(pgdata));
    } catch {
      // A third one has taken the lock; the one put aside will notice that it lost it and end.
    }
  }
  unlinkSync(aside);
}

/** Has the server with this pid finished starting? */
export function isReady(pgdata: string, server: number): boolean {
  const lines = (readLock(pgdata) ?? "").split("\n");
  return Number(lines[0]) === server && lines[7]?.trim() === "ready";
}

/** Where the server that has the lock listens. */
export function socketFolderOf(pgdata: string): string | undefined {
  return readLock(pgdata)?.split("\n")[4] || undefined;
}

export function isAlive(pid: number): boolean {
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

const lockFile = (pgdata: string) => join(pgdata, "postmaster.pid");

function readLock(pgdata: string): string | undefined {
  try {
    return readFileSync(lockFile(pgdata), "utf8");
  } catch {
    return undefined;
  }
}

function servesFolder(command: string, pgdata: string): boolean {
  // Without -D it took the folder from its environment, which cannot be seen from here.
  return `${command} `.includes(` -D ${pgdata} `) || /(^|\/)postgres$/.test(command);
}

interface ProcessInfo {
  parent: number;
  /** Empty for a dead process that its parent has not yet asked about. */
  command: string;
}

function describe(pid: number): ProcessInfo | undefined {
  return process.platform === "linux" ? describeFromProc(pid) : describeWithPs(pid);
}

function describeFromProc(pid: number): ProcessInfo | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name in parentheses may itself hold spaces and parentheses.
    const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
    const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replace(/\0+$/, "").replaceAll("\0", " ");
    return { parent, command };
  } catch {
    return undefined;
  }
}

function describeWithPs(pid: number): ProcessInfo | undefined {
  const asked = spawnSync("ps", ["-ww", "-o", "ppid=,command=", "-p", String(pid)], { encoding: "utf8" });
  const [, parent, command] = /^\s*(\d+)\s+(.*)$/s.exec((asked.stdout ?? "").trim()) ?? [];
  if (parent === undefined || command === undefined) return undefined;
  return { parent: Number(parent), command: command.endsWith("<defunct>") ? "" : command };
}
